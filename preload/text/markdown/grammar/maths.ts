import { tags } from '@lezer/highlight'
import type { BlockContext, InlineContext, Line, MarkdownConfig } from '@lezer/markdown'

const dollar = 36
const backslash = 92

/**
 * Maths in TeX. In a line, by pandoc's rule: `$x$` without a blank after the first or before the last dollar, and
 * without a digit after it; also `$$x$$`. As a block: from a line that begins with `$$` to one that ends with it;
 * a block that does not end is over at the first empty line. Nodes: InlineMath and BlockMath with MathMark.
 */
export const maths: MarkdownConfig = {
  defineNodes: [
    { name: 'InlineMath' },
    { name: 'BlockMath', block: true },
    { name: 'MathMark', style: tags.processingInstruction },
  ],
  parseBlock: [
    {
      name: 'BlockMath',
      before: 'IndentedCode',
      parse(cx, line) {
        if (!beginsBlock(line)) return false
        parseBlock(cx, line)
        return true
      },
      endLeaf: (_cx, line) => beginsBlock(line),
    },
  ],
  parseInline: [
    {
      name: 'InlineMath',
      before: 'Emphasis',
      parse(cx, next, pos) {
        if (next !== dollar) return -1
        return cx.char(pos + 1) === dollar ? parseDisplay(cx, pos) : parseInline(cx, pos)
      },
    },
  ],
}

/** A line with `$$` at its beginning that holds no other, or one at its end. */
function beginsBlock(line: Line): boolean {
  if (line.next !== dollar || line.indent - line.baseIndent >= 4) return false
  const text = line.text.slice(line.pos).trimEnd()
  if (!text.startsWith('$$') || text.charCodeAt(2) === dollar) return false
  const second = text.indexOf('$$', 2)
  return second < 0 || (second > 2 && second === text.length - 2)
}

function parseBlock(cx: BlockContext, line: Line): void {
  const from = cx.lineStart + line.pos
  const marks = [cx.elt('MathMark', from, from + 2)]
  const first = line.text.trimEnd()
  let end = cx.lineStart + first.length
  if (first.length >= line.pos + 5 && first.endsWith('$$')) {
    marks.push(cx.elt('MathMark', end - 2, end))
    cx.nextLine()
  } else
    while (cx.nextLine() && goesOn(cx, line)) {
      marks.push(...line.markers)
      const text = line.text.trimEnd()
      end = cx.lineStart + text.length
      if (!text.endsWith('$$') || text.length < line.pos + 2) continue
      marks.push(cx.elt('MathMark', end - 2, end))
      cx.nextLine()
      break
    }
  cx.addElement(cx.elt('BlockMath', from, end, marks))
}

/** The line belongs to all blocks that are open, and has words. The parser keeps `depth` out of its types. */
const goesOn = (cx: BlockContext, line: Line): boolean =>
  line.next > -1 && (line as Line & { readonly depth: number }).depth >= cx.depth

function parseDisplay(cx: InlineContext, pos: number): number {
  let start = pos + 2
  while (cx.char(start) === dollar) start++
  // A run of more than two dollars is no mark, and nothing of it is looked at again.
  if (start > pos + 2) return start
  let end = start
  for (; end < cx.end; end++) {
    const char = cx.char(end)
    if (char === 10) return start
    if (char === backslash) end++
    else if (char === dollar) break
  }
  // The first dollar decides, so that the search never passes over one twice.
  if (end === start || cx.char(end) !== dollar || cx.char(end + 1) !== dollar) return start
  return addMath(cx, pos, end + 2, 2)
}

function parseInline(cx: InlineContext, pos: number): number {
  if (isBlank(cx.char(pos + 1))) return -1
  for (let end = pos + 1; end < cx.end; end++) {
    const char = cx.char(end)
    if (char === 10) return -1
    if (char === backslash) end++
    else if (char === dollar)
      return isBlank(cx.char(end - 1)) || isDigit(cx.char(end + 1)) ? -1 : addMath(cx, pos, end + 1, 1)
  }
  return -1
}

const addMath = (cx: InlineContext, from: number, to: number, mark: number): number =>
  cx.addElement(
    cx.elt('InlineMath', from, to, [
      cx.elt('MathMark', from, from + mark),
      cx.elt('MathMark', to - mark, to),
    ]),
  )

const isBlank = (char: number): boolean => char === 32 || char === 9 || char === 10 || char < 0
const isDigit = (char: number): boolean => char >= 48 && char <= 57
