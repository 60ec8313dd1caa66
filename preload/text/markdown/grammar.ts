import {
  type BlockContext,
  Emoji,
  GFM,
  type Line,
  type MarkdownConfig,
  type MarkdownExtension,
  parser,
  Subscript,
  Superscript,
} from '@lezer/markdown'
import { bounds } from './bounds'

/**
 * Front matter: a first line of three hyphens with a `key:` line after it, up to the next line of three
 * hyphens. One that does not end is over at the first empty line.
 */
const frontMatter: MarkdownConfig = {
  defineNodes: [{ name: 'FrontMatter', block: true }, { name: 'FrontMatterMark' }],
  parseBlock: [
    {
      name: 'FrontMatter',
      before: 'HorizontalRule',
      parse(cx: BlockContext, line: Line) {
        if (cx.lineStart !== 0 || cx.depth !== 1 || !isFence(line.text)) return false
        if (!isFence(cx.peekLine()) && !/^[\w-]+[ \t]*:/.test(cx.peekLine())) return false
        const marks = [cx.elt('FrontMatterMark', 0, line.text.length)]
        let end = line.text.length
        while (cx.nextLine() && line.text.trim() !== '') {
          end = cx.lineStart + line.text.length
          if (!isFence(line.text)) continue
          marks.push(cx.elt('FrontMatterMark', cx.lineStart, end))
          cx.nextLine()
          break
        }
        cx.addElement(cx.elt('FrontMatter', 0, end, marks))
        return true
      },
    },
  ],
}

const isFence = (line: string): boolean => /^---[ \t]*$/.test(line)

/** The additions to CommonMark, without limits to the time that a text takes. */
const additions: MarkdownExtension = [GFM, Subscript, Superscript, Emoji, frontMatter]

/** The additions of Swarmpad's Markdown to CommonMark, for the editor and everything else that reads Markdown. */
export const markdownExtensions: MarkdownExtension = [bounds(6_000_000), additions]

/** Parses Swarmpad's Markdown. Needs no DOM. */
export const markdownParser = parser.configure(markdownExtensions)

/** The same for a title, which is read at every change of a text: a line with many marks is plain text earlier. */
export const titleParser = parser.configure([bounds(300_000), additions])
