import { Emoji, GFM, type MarkdownExtension, parser, Subscript, Superscript } from '@lezer/markdown'
import { callouts } from './grammar/callouts'
import { footnotes } from './grammar/footnotes'
import { frontMatter } from './grammar/front-matter'
import { highlights } from './grammar/highlight'
import { maths } from './grammar/maths'

/** The additions of Swarmpad's Markdown to CommonMark, for the editor and everything else that reads Markdown. */
export const markdownExtensions: MarkdownExtension = [
  GFM,
  Subscript,
  Superscript,
  Emoji,
  frontMatter,
  footnotes,
  maths,
  highlights,
  callouts,
]

/** Parses Swarmpad's Markdown. Needs no DOM. */
export const markdownParser = parser.configure(markdownExtensions)
