import { getSearchQuery, type SearchQuery } from '@codemirror/search'
import { EditorView } from '@codemirror/view'
import { countWords } from '../../../preload/messages/format'
import { notify } from '../../editor/notices'
import { inSlices } from '../../editor/slices'
import { searchSlices } from './match-counter'

/** How often a text that changes meanwhile is searched in slices before it is searched in one go. */
const tries = 5

/**
 * Replaces all matches of the words in the find strip by one edit, for which they are searched in slices. Does nothing
 * if something else is looked for meanwhile.
 */
export function replaceAllWords(view: EditorView): boolean {
  const query = getSearchQuery(view.state)
  if (view.state.readOnly || !query.valid) return false
  void replaceWords(view, query)
  return true
}

async function replaceWords(view: EditorView, query: SearchQuery): Promise<void> {
  const isOther = () => getSearchQuery(view.state) !== query || !view.dom.isConnected
  for (let left = tries; !isOther(); left--) {
    const { state } = view
    const hasChanged = () => isOther() || view.state.doc !== state.doc
    const search = searchSlices(state, query, Number.POSITIVE_INFINITY)
    const matches = left > 0 ? await inSlices(search, hasChanged) : lastOf(search)
    if (!matches || hasChanged()) continue
    const whole = matches.filter(({ precise }) => precise !== false)
    replaceAllIn(
      view,
      whole.map(({ from, to }) => ({ from, to, insert: query.replace })),
      true,
    )
    return
  }
}

/** Does all work at once. */
function lastOf<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
  }
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
