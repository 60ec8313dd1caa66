import type { SearchQuery } from '@codemirror/search'
import type { EditorState } from '@codemirror/state'
import { countWords } from './found-words'

/** Matches are counted up to this many. */
const maxCount = 1_000
/** How much is searched at once, in UTF-16 code units: some ms. */
const slice = 64 * 1024
/** Pause after a change of the text before its matches are counted, in ms. */
const pause = 150

/** Counts the matches of a search in slices, so that no key has to wait for it. */
export class MatchCounter {
  /** Where the matches begin and end, in order. */
  private matches: readonly Match[] = []
  private isDone = false
  /** Counts, or is about to. */
  private timer: ReturnType<typeof setTimeout> | null = null
  /** The search to be counted next. */
  private next: { readonly state: EditorState; readonly query: SearchQuery } | null = null

  /** `onDone` is called when the matches of a search are counted. */
  constructor(private readonly onDone: () => void) {}

  /**
   * Counts the matches: at once for another search; for a text that changed after a pause, or after the count under way,
   * so that others who write without a pause do not put it off for ever.
   */
  count(state: EditorState, query: SearchQuery, when: 'now' | 'soon'): void {
    if (when === 'now') {
      this.stop()
      this.isDone = false
    }
    if (!query.valid) return
    this.next = { state, query }
    this.timer ??= setTimeout(() => this.begin(), when === 'now' ? 0 : pause)
  }

  /** '2 of 7', '7 found', 'None', or '' while nothing is counted; `selection` in UTF-16 code units. */
  words(selection: { readonly from: number; readonly to: number }): string {
    if (!this.isDone) return ''
    const count = this.matches.length
    const current = this.matches.findIndex(({ from, to }) => from === selection.from && to === selection.to)
    return countWords(count, current, count < maxCount)
  }

  /** Stops counting. */
  stop(): void {
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    this.next = null
  }

  private begin(): void {
    const { next } = this
    this.next = null
    if (!next) return
    const search = searchSlices(next.state, next.query, maxCount)
    const step = (): void => {
      const { value, done } = search.next()
      if (!done) {
        this.timer = setTimeout(step)
        return
      }
      this.matches = value
      this.isDone = true
      this.timer = this.next ? setTimeout(() => this.begin(), pause) : null
      this.onDone()
    }
    step()
  }
}

/** A match, in UTF-16 code units. It is not `precise` if it begins or ends within a character, as 'f' does in 'ﬁ'. */
export interface Match {
  readonly from: number
  readonly to: number
  readonly precise?: boolean
}

/** Searches one slice at each step; returns the matches, at most `most`. */
export function* searchSlices(
  state: EditorState,
  query: SearchQuery,
  most: number,
): Generator<undefined, readonly Match[]> {
  const matches: Match[] = []
  const { length } = state.doc
  for (let start = 0; start < length; ) {
    const end = start + slice
    // A match that begins in this slice may end behind it, and be longer than what is looked for: é is two letters.
    const to = Math.min(length, end + 4 * query.search.length)
    // A cursor takes its start for the start of a word.
    const from = Math.max(0, query.wholeWord ? start - 2 : start)
    const first = start
    const cursor = query.getCursor(state, from, to)
    start = end
    for (let match = cursor.next(); !match.done && match.value.from < end; match = cursor.next()) {
      if (match.value.from < first) continue
      if (matches.push(match.value) === most) return matches
      start = Math.max(end, match.value.to)
    }
    yield
  }
  return matches
}
