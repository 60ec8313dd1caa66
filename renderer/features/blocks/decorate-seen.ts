import { syntaxTree } from '@codemirror/language'
import { type Extension, type Range, RangeSet } from '@codemirror/state'
import {
  type Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'

/**
 * Returns an extension that decorates what is in sight, again whenever the text, its tree, the selection or what is
 * in sight changes. `decorate` adds ranges in any order, none outside lines that are in sight. While the pointer
 * selects, what was decorated stays: text that moved under it would be selected by mistake.
 */
export function decorateSeen(
  decorate: (view: EditorView, add: (range: Range<Decoration>) => void) => void,
): Extension {
  const decorations = (view: EditorView): DecorationSet => {
    const ranges: Range<Decoration>[] = []
    decorate(view, (range) => ranges.push(range))
    return RangeSet.of(ranges, true)
  }
  return ViewPlugin.define(
    (view) => ({
      seen: decorations(view),
      update(update) {
        if (isNew(update)) this.seen = decorations(update.view)
      },
    }),
    { decorations: ({ seen }) => seen },
  )
}

/** The transaction that has only effects may be that of the pointer's release, or of the switch to the source. */
const isNew = ({ docChanged, viewportChanged, startState, state, transactions }: ViewUpdate): boolean =>
  docChanged ||
  viewportChanged ||
  syntaxTree(startState) !== syntaxTree(state) ||
  transactions.some(
    (transaction) =>
      transaction.effects.length > 0 || (transaction.selection && !transaction.isUserEvent('select.pointer')),
  )
