import { syntaxTree } from '@codemirror/language'
import type { EditorState, Range } from '@codemirror/state'
import { Decoration } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import type { EditorFeature } from '../../editor/extension'
import { WordsWidget } from '../../editor/words-widget'
import { caretInside } from '../blocks/caret-inside'
import { decorateSeen } from '../blocks/decorate-seen'

/** Kinds of callouts with their words. */
const words = {
  note: 'Note',
  tip: 'Tip',
  important: 'Important',
  warning: 'Warning',
  caution: 'Caution',
} as const
/** Kind of a callout. */
export type Kind = keyof typeof words

/** Other names that people write. */
const others: Readonly<Record<string, Kind>> = {
  hint: 'tip',
  success: 'tip',
  attention: 'warning',
  danger: 'caution',
  error: 'caution',
  bug: 'caution',
}

const firstLine = Decoration.line({ class: 'callout-title' })
const lastLine = Decoration.line({ class: 'callout-last' })

/** Callouts: quotes with a colour and a title by their kind. The mark shows while the caret is in its line. */
export const callouts: EditorFeature = {
  extension: decorateSeen(({ state, visibleRanges }, add) => {
    for (const { from, to } of visibleRanges)
      syntaxTree(state).iterate({
        from,
        to,
        enter: (node) => {
          if (node.name !== 'Blockquote') return
          const callout = node.node.getChild('Callout')
          if (!callout) return
          const kind = kindOf(state, callout)
          lines(state, node, kind, from, to).forEach(add)
          if (callout.from >= from && callout.to <= to) title(state, callout, kind).forEach(add)
        },
      })
  }),
}

function lines(
  { doc }: EditorState,
  quote: { readonly from: number; readonly to: number },
  kind: Kind,
  from: number,
  to: number,
): Range<Decoration>[] {
  const first = doc.lineAt(Math.max(quote.from, from)).number
  const last = doc.lineAt(Math.min(quote.to, to)).number
  const decoration = Decoration.line({ class: `callout callout-${kind}` })
  const ranges = Array.from({ length: last - first + 1 }, (_, index) =>
    decoration.range(doc.line(first + index).from),
  )
  return quote.to <= to ? [...ranges, lastLine.range(doc.lineAt(quote.to).from)] : ranges
}

function title(state: EditorState, callout: SyntaxNode, kind: Kind): Range<Decoration>[] {
  const line = state.doc.lineAt(callout.from)
  const mark = callout.getChild('CalloutMark')
  const ranges = [firstLine.range(line.from)]
  if (!mark || caretInside(state, line.from, line.to)) return ranges
  const widget = new WordsWidget('callout-kind', words[kind])
  ranges.push(Decoration.replace({ widget }).range(mark.from, mark.to))
  return ranges
}

function kindOf(state: EditorState, callout: SyntaxNode): Kind {
  const mark = state.sliceDoc(callout.from, callout.from + 45)
  return kindNamed(/^\[!([\w-]+)/.exec(mark)?.[1]?.toLowerCase() ?? '')
}

/** Returns the kind of a callout by its name in small letters; a note for a name that nobody knows. */
export function kindNamed(name: string): Kind {
  if (Object.hasOwn(words, name)) return name as Kind
  return (Object.hasOwn(others, name) && others[name]) || 'note'
}
