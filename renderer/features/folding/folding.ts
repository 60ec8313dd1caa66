import { codeFolding, foldEffect, foldedRanges, foldState, unfoldEffect } from '@codemirror/language'
import {
  type ChangeSet,
  EditorSelection,
  EditorState,
  type StateEffect,
  Transaction,
  type TransactionSpec,
} from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { foldChevron } from './fold-chevron'
import { type Fold, foldAt, foldsAround, wholeTree } from './foldable'

/** Time in which a text is read further before the window is free again, in ms. */
const slice = 20
/** Maximum number of such slices. */
const maxSlices = 200

/**
 * Hides what stands below a heading or a list item. The caret, a match of the search, or an edit at its edge opens it;
 * others' edits do not.
 */
export const folding: EditorFeature = {
  extension: [
    codeFolding({ placeholderDOM: (_view, open) => placeholder(open) }),
    EditorState.transactionExtender.of(opening),
    foldChevron((view, offset) => toggleFold(view, offset)),
  ],
  commands: {
    fold: (view) => {
      const { doc, selection } = view.state
      whenRead(view, () => {
        // The caret may have moved on; after a change, the offset may be that of another line.
        const { head } = (view.state.doc === doc ? selection : view.state.selection).main
        const tree = wholeTree(view.state, slice)
        const next = tree && foldsAround(view.state, head, tree).find((fold) => !isFolded(view.state, fold))
        if (next) hide(view, next)
      })
      return true
    },
    unfold: (view) => {
      const line = view.state.doc.lineAt(view.state.selection.main.head)
      show(view, foldsIn(view.state, line.from, line.to))
      return true
    },
  },
}

/** Folds what stands below the line at an offset, or opens what is folded in it. */
function toggleFold(view: EditorView, offset: number): void {
  const line = view.state.doc.lineAt(offset)
  const folded = foldsIn(view.state, line.from, line.to)
  if (folded.length > 0) {
    show(view, folded)
    return
  }
  const { doc } = view.state
  whenRead(view, () => {
    // After a change the offset may be that of another line.
    const tree = view.state.doc === doc ? wholeTree(view.state, slice) : null
    const fold = tree && foldAt(view.state, line, tree)
    if (fold) hide(view, fold)
  })
}

/** Returns true if something is folded that begins in a line. */
export const hasFold = (state: EditorState, from: number, to: number): boolean =>
  foldsIn(state, from, to).length > 0

/** Runs once the whole text is read, in slices between which the window is free. */
function whenRead(view: EditorView, run: () => void, slices = maxSlices): void {
  if (wholeTree(view.state, slice)) run()
  else if (slices > 0)
    setTimeout(() => {
      if (view.dom.isConnected) whenRead(view, run, slices - 1)
    }, 0)
}

function hide(view: EditorView, fold: Fold): void {
  const { head } = view.state.selection.main
  view.dispatch({
    effects: foldEffect.of(fold),
    // A caret in what is hidden would open it again.
    ...(head > fold.from && head <= fold.to ? { selection: EditorSelection.cursor(fold.from) } : {}),
  })
}

function show(view: EditorView, folds: readonly Fold[]): void {
  if (folds.length > 0) view.dispatch({ effects: folds.map((fold) => unfoldEffect.of(fold)) })
}

/** The folded parts that begin in a range, or are in it. */
function foldsIn(state: EditorState, from: number, to: number): Fold[] {
  const found: Fold[] = []
  foldedRanges(state).between(from, to, (start, end) => {
    if (start >= from && start <= to) found.push({ from: start, to: end })
  })
  return found
}

const isFolded = (state: EditorState, { from, to }: Fold): boolean =>
  foldsIn(state, from, from).some((fold) => fold.to === to)

/** Opens what a match of the search lies in, and what is edited here at its edge. */
function opening(transaction: Transaction): Pick<TransactionSpec, 'effects'> | null {
  const { startState, changes } = transaction
  const folded = startState.field(foldState, false)
  if (!folded || folded.size === 0) return null
  const opened: StateEffect<Fold>[] = []
  const open = (from: number, to: number): void => {
    const fold = { from: changes.mapPos(from, 1), to: changes.mapPos(to, -1) }
    if (fold.from < fold.to) opened.push(unfoldEffect.of(fold))
  }
  const isOwn = transaction.docChanged && !transaction.annotation(Transaction.remote)
  if (isOwn)
    breaksIn(changes, (at) =>
      folded.between(at, at, (from, to) => (from === at ? open(from, to) : undefined)),
    )
  const isMatch = transaction.isUserEvent('select.search') || transaction.isUserEvent('input.replace')
  if (isMatch && transaction.selection)
    for (const match of transaction.newSelection.ranges) {
      const back = changes.invertedDesc
      const [start, end] = [back.mapPos(match.from), back.mapPos(match.to)]
      folded.between(start, end, (from, to) => {
        if (from < end && to > start) open(from, to)
      })
    }
  return opened.length > 0 ? { effects: opened } : null
}

/** Calls `at` with each offset at which lines are inserted. */
function breaksIn(changes: ChangeSet, at: (offset: number) => void): void {
  changes.iterChanges((from, _to, _fromNew, _toNew, inserted) => {
    if (inserted.lines > 1) at(from)
  })
}

function placeholder(open: (event: Event) => void): HTMLElement {
  const element = document.createElement('span')
  element.className = 'fold-mark'
  element.textContent = '…'
  element.title = 'Show what is folded'
  element.setAttribute('role', 'button')
  element.setAttribute('aria-label', 'Folded. Show it')
  element.addEventListener('click', open)
  return element
}
