import { getSearchQuery } from '@codemirror/search'
import { EditorView } from '@codemirror/view'
import { type Match, searchSlices } from './match-counter'

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
    if (step.done) replace(view, step.value, query.replace)
    else setTimeout(go)
  }
  go()
  return true
}

function replace(view: EditorView, matches: readonly Match[], insert: string): void {
  const changes = matches
    .filter(({ precise }) => precise !== false)
    .map(({ from, to }) => ({ from, to, insert }))
  if (changes.length === 0) return
  view.dispatch({
    changes,
    effects: EditorView.announce.of(`Replaced ${changes.length} matches.`),
    userEvent: 'input.replace.all',
  })
}
