import { tags } from '@lezer/highlight'
import type { BlockContext, MarkdownConfig } from '@lezer/markdown'

const callout = /^\[!([\w-]{1,40})\][+-]?(?:[ \t]+|$)/

/**
 * Callouts: a quote whose first line is `[!kind]` and perhaps a title. Nodes: Callout with CalloutMark, for that
 * line, inside Blockquote.
 */
export const callouts: MarkdownConfig = {
  defineNodes: [
    { name: 'Callout', block: true },
    { name: 'CalloutMark', style: tags.processingInstruction },
  ],
  parseBlock: [
    {
      // In place of the parser with this name.
      name: 'Blockquote',
      parse(cx, line) {
        if (line.next !== 62) return false
        const from = cx.lineStart + line.pos
        const start = line.pos + (line.text.charCodeAt(line.pos + 1) === 32 ? 2 : 1)
        const isCallout = callout.test(line.text.slice(start).trimStart())
        quoteBeginnings.set(cx, cx.lineStart)
        cx.startComposite('Blockquote', line.pos, isCallout ? nextNumber() : 0)
        cx.addElement(cx.elt('QuoteMark', from, from + 1))
        line.moveBase(start)
        return null
      },
    },
    {
      name: 'Callout',
      before: 'LinkReference',
      parse(cx, line) {
        if (line.next !== 91 || quoteBeginnings.get(cx) !== cx.lineStart) return false
        if (cx.parentType().name !== 'Blockquote') return false
        const mark = callout.exec(line.text.slice(line.pos))?.[0]
        if (mark === undefined) return false
        const from = cx.lineStart + line.pos
        const title = from + mark.length
        const text = line.text.slice(line.pos + mark.length).trimEnd()
        const to = title + text.length
        cx.addElement(
          cx.elt('Callout', from, Math.max(to, from + mark.trimEnd().length), [
            cx.elt('CalloutMark', from, from + mark.trimEnd().length),
            ...cx.parser.parseInline(text, title),
          ]),
        )
        cx.nextLine()
        return true
      },
    },
  ],
}

/**
 * Returns a number that no other callout has. A block is taken over from an earlier tree only into a quote with the same
 * number: the first line of a callout would stay one below a line that was put before it.
 */
function nextNumber(): number {
  number = (number % 0xffffff) + 1
  return number
}

let number = 0xffff

/** Offset of the line on which a quote began last. */
const quoteBeginnings = new WeakMap<BlockContext, number>()
