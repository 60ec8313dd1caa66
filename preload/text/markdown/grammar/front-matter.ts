import type { BlockContext, Line, MarkdownConfig } from '@lezer/markdown'

/**
 * Front matter: a first line of three hyphens with a `key:` line after it, up to the next line of three
 * hyphens. One that does not end is over at the first empty line. Nodes: FrontMatter with FrontMatterMark.
 */
export const frontMatter: MarkdownConfig = {
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
