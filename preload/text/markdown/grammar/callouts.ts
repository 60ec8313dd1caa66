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
      // Parses nothing: only at a mark that opens a quote is this called with a '>' still ahead.
      name: 'QuoteBeginning',
      before: 'Blockquote',
      parse(cx, line) {
        if (line.next === 62) quoteBeginnings.set(cx, cx.lineStart)
        return false
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

/** Offset of the line on which a quote began last. */
const quoteBeginnings = new WeakMap<BlockContext, number>()
