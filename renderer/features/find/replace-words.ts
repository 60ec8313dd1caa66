import { getSearchQuery } from '@codemirror/search'
import { EditorView } from '@codemirror/view'
import { countWords } from '../../../preload/messages/format'
import { notify } from '../../editor/notices'
import { searchSlices } from './match-counter'

/** Time for searching before the window is free again, in ms. */
const slice = 8
/** A text that changed while it was searched is searched again, so often; then in one go. */
const tries = 5

/**
 * Replaces all matches of the words in the find strip by one edit, for which they are searched in slices. Does nothing
 * if something else is looked for meanwhile.
 */
export function replaceAllWords(view: EditorView, left = tries): boolean {
  const { state } = view
  const query = getSearchQuery(state)
  if (state.readOnly || !query.valid) return false
  const search = searchSlices(state, query, Number.POSITIVE_INFINITY)
  const go = (): void => {
    if (getSearchQuery(view.state) !== query || !view.dom.isConnected) return
    if (view.state.doc !== state.doc) {
      replaceAllWords(view, left - 1)
      return
    }
    const end = left > 0 ? performance.now() + slice : Number.POSITIVE_INFINITY
    let step = search.next()
    while (!step.done && performance.now() < end) step = search.next()
    if (step.done) {
      const whole = step.value.filter(({ precise }) => precise !== false)
      const changes = whole.map(({ from, to }) => ({ from, to, insert: query.replace }))
      replaceAllIn(view, changes, true)
    } else setTimeout(go)
  }
  go()
  return true
}

/** Replaces matches by one edit and says how many; `isAll` is false if there are more. */
export function replaceAllIn(
  view: EditorView,
  changes: readonly { from: number; to: number; insert: string }[],
  isAll: boolean,
): void {
  if (view.state.readOnly || changes.length === 0) return
  const matches = countWords(changes.length, 'match', 'matches')
  view.dispatch({
    changes,
    effects: EditorView.announce.of(`Replaced ${matches}.`),
    userEvent: 'input.replace.all',
  })
  if (!isAll) notify(view.state, `Only the first ${matches} were replaced.`)
}
