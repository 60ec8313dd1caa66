import { tags } from '@lezer/highlight'
import type { MarkdownConfig } from '@lezer/markdown'

/** Longest label of a footnote, in UTF-16 code units. */
const maxLabel = 100
const reference = new RegExp(`^\\[\\^([^\\s\\[\\]^]{1,${maxLabel}})\\]`)
const definition = new RegExp(`${reference.source}:[ \\t]?`)

/**
 * Footnotes: `[^label]` in a line, and `[^label]: text` at the beginning of a line outside other blocks, which
 * goes on in lines that are indented by 4. Nodes: FootnoteReference and FootnoteDefinition, both with
 * FootnoteMark (brackets, colon) and FootnoteLabel.
 */
export const footnotes: MarkdownConfig = {
  defineNodes: [
    { name: 'FootnoteReference' },
    {
      name: 'FootnoteDefinition',
      block: true,
      composite(_cx, line, indent) {
        if (line.next > -1 && line.indent < line.baseIndent + indent) return false
        line.moveBaseColumn(line.baseIndent + indent)
        return true
      },
    },
    { name: 'FootnoteMark', style: tags.processingInstruction },
    { name: 'FootnoteLabel', style: tags.labelName },
  ],
  parseBlock: [
    {
      name: 'FootnoteDefinition',
      before: 'LinkReference',
      parse(cx, line) {
        // Not inside one another: definitions that nest without end would take quadratic time.
        if (line.next !== 91 || cx.depth !== 1 || line.indent >= 4) return false
        const found = definition.exec(line.text.slice(line.pos, line.pos + maxLabel + 6))
        const label = found?.[1]
        if (!found || label === undefined) return false
        const from = cx.lineStart + line.pos
        const labelEnd = from + 2 + label.length
        cx.startComposite('FootnoteDefinition', line.pos, 4)
        cx.addElement(cx.elt('FootnoteMark', from, from + 2))
        cx.addElement(cx.elt('FootnoteLabel', from + 2, labelEnd))
        cx.addElement(cx.elt('FootnoteMark', labelEnd, labelEnd + 2))
        line.moveBase(line.pos + found[0].length)
        return null
      },
      endLeaf: (_cx, line) =>
        line.next === 91 &&
        // No block around goes on here, though a paragraph inside one might.
        line.basePos === 0 &&
        line.indent < 4 &&
        definition.test(line.text.slice(line.pos, line.pos + maxLabel + 6)),
    },
  ],
  parseInline: [
    {
      name: 'FootnoteReference',
      before: 'Link',
      parse(cx, next, pos) {
        if (next !== 91 || cx.char(pos + 1) !== 94) return -1
        const label = reference.exec(cx.slice(pos, Math.min(cx.end, pos + maxLabel + 3)))?.[1]
        if (label === undefined) return -1
        const labelEnd = pos + 2 + label.length
        return cx.addElement(
          cx.elt('FootnoteReference', pos, labelEnd + 1, [
            cx.elt('FootnoteMark', pos, pos + 2),
            cx.elt('FootnoteLabel', pos + 2, labelEnd),
            cx.elt('FootnoteMark', labelEnd, labelEnd + 1),
          ]),
        )
      },
    },
  ],
}
