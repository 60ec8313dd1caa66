import { Emoji, GFM, type MarkdownExtension, parser, Subscript, Superscript } from '@lezer/markdown'
import { bounds } from './bounds'
import { callouts } from './grammar/callouts'
import { footnotes } from './grammar/footnotes'
import { frontMatter } from './grammar/front-matter'
import { highlights } from './grammar/highlight'
import { maths } from './grammar/maths'
import { tasks } from './grammar/tasks'
import { wikiLinks } from './grammar/wiki-links'

/** The additions to CommonMark, without limits to the time that a text takes. */
const additions: MarkdownExtension = [
  GFM,
  tasks,
  Subscript,
  Superscript,
  Emoji,
  frontMatter,
  footnotes,
  maths,
  highlights,
  callouts,
  wikiLinks,
]

/** The additions of Swarmpad's Markdown to CommonMark, for the editor and everything else that reads Markdown. */
export const markdownExtensions: MarkdownExtension = [bounds(6_000_000), additions]

/** Parses Swarmpad's Markdown. Needs no DOM. */
export const markdownParser = parser.configure(markdownExtensions)

/** The same for a title, which is read at every change of a text: a line with many marks is plain text earlier. */
export const titleParser = parser.configure([bounds(300_000), additions])
