import type { BlockContext, LeafBlock, Line, MarkdownConfig } from '@lezer/markdown'

/** Most characters of a text that is read for marks, in UTF-16 code units. */
const maxRead = 50_000
/** Longest definition of a link, which is read from its start with every line, in UTF-16 code units. */
const maxDefinition = 2_000
/** Longest table; its further rows are plain text. */
const maxTable = 100_000
/** How deep lists and quotes may lie in each other; a list counts twice. */
const maxDepth = 48

/**
 * Keeps the time for any text within bounds. For each mark the parser may search all of a paragraph, so a line whose
 * marks times its length exceed `budget` is plain text, and a paragraph of several lines is read in parts below that.
 * Has to come first in a list of extensions.
 */
export const bounds = (budget: number): MarkdownConfig => ({
  parseBlock: [
    {
      name: 'PlainLine',
      before: 'LinkReference',
      parse(cx: BlockContext, line: Line) {
        if (line.pos === line.text.length) return false
        if (cx.depth <= maxDepth && !isCostly(line.text, budget)) return false
        cx.addElement(cx.elt('Paragraph', cx.lineStart + line.pos, cx.lineStart + line.text.length))
        cx.nextLine()
        return true
      },
      endLeaf: (cx, line, leaf) =>
        isCostly(line.text, budget) || isCostly(cx.peekLine(), budget) || isFull(leaf, line, budget),
    },
  ],
  parseInline: [
    {
      name: 'PlainText',
      before: 'Escape',
      parse: (cx, _next, pos) => (pos === cx.offset && isCostly(cx.text, budget) ? cx.end : -1),
    },
  ],
})

/** Marks in the lines of a paragraph so far; its kind, once it is long enough for that to matter. */
interface Reading {
  marks: number
  kind: 'definition' | 'table' | 'paragraph' | null
}

const readings = new WeakMap<LeafBlock, Reading>()

/** True if a paragraph has to end before this line. Its text is looked into once: that takes longer with every line. */
function isFull(leaf: LeafBlock, line: Line, budget: number): boolean {
  const reading = readings.get(leaf) ?? { marks: marksIn(leaf.content), kind: null }
  readings.set(leaf, reading)
  reading.marks += marksIn(line.text)
  const length = leaf.content.length + line.text.length
  if (length <= maxDefinition) return false
  reading.kind ??= kindOf(leaf.content)
  if (reading.kind === 'definition') return true
  return reading.kind === 'table' ? length > maxTable : length > maxRead || reading.marks * length > budget
}

function kindOf(content: string): Exclude<Reading['kind'], null> {
  if (/^\[[^\]]*(\]:|$)/.test(content)) return 'definition'
  return hasTableRule(content) ? 'table' : 'paragraph'
}

/** True if the second line consists of what the line below the head of a table does. */
const hasTableRule = (content: string): boolean => /^[^\n]*\n[\t :>|-]+\n/.test(content)

function isCostly(text: string, budget: number): boolean {
  const { length } = text
  if (length * length <= budget) return false
  return length > maxRead || marksIn(text) * length > budget
}

function marksIn(text: string): number {
  let marks = 0
  for (let index = 0; index < text.length; index++) if (isMark(text, index)) marks++
  return marks
}

/** ASCII punctuation that may be a mark of Markdown, and a blank after another. */
function isMark(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  if (code === 32 || code === 9) return index > 0 && isBlank(text.charCodeAt(index - 1))
  if (code > 126 || code === 34 || code === 39 || (code >= 44 && code <= 46)) return false
  return code < 48 || (code > 57 && code < 65) || (code > 90 && code < 97) || code > 122
}

const isBlank = (code: number): boolean => code === 32 || code === 9
