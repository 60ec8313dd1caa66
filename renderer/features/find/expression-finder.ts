import { searchPanelOpen } from '@codemirror/search'
import { type ChangeDesc, type EditorState, RangeSetBuilder } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import { type FoundState, foundField, foundState, moved, setFound } from './expression-field'
import { type ExpressionQuery, expressionOf } from './expression-query'
import { ExpressionThread, type Found } from './expression-thread'

/** Pause after a change of the text before it is searched again, in ms. */
const pause = 150
/** How often a text is searched again that changed while a command waited for its search. */
const tries = 5

const match = Decoration.mark({ class: 'cm-searchMatch' })
const selectedMatch = Decoration.mark({ class: 'cm-searchMatch cm-searchMatch-selected' })

/** Looks for the expression in the find strip while that is open, and marks its matches in sight. */
export const expressionFinder = ViewPlugin.fromClass(
  class {
    marks: DecorationSet
    private readonly thread = new ExpressionThread()
    /** The search that is to begin. */
    private due: ReturnType<typeof setTimeout> | null = null
    private isRunning = false
    /** Changes of the text since the search under way began. */
    private since: ChangeDesc | null = null
    /** The command that waits for the result. */
    private waiting: (() => void) | null = null
    private left = tries

    constructor(private readonly view: EditorView) {
      this.marks = marksOf(view)
      if (lookedFor(view.state)) this.searchIn(0)
    }

    update(update: ViewUpdate): void {
      const { state, startState, docChanged, changes } = update
      const query = lookedFor(state)
      if (query !== lookedFor(startState)) {
        this.stop()
        if (query) this.searchIn(0)
      } else if (query && docChanged) {
        if (this.isRunning) this.since = this.since?.composeDesc(changes.desc) ?? changes.desc
        else if (!isStopped(state.field(foundField))) this.searchIn(pause)
      }
      const isOther =
        state.field(foundField) !== startState.field(foundField) || query !== lookedFor(startState)
      if (docChanged || isOther || update.selectionSet || update.viewportChanged)
        this.marks = marksOf(update.view)
    }

    destroy(): void {
      this.stop()
    }

    /**
     * Calls a function when no search is due or under way; a later one takes its place. If the text never rests, the
     * matches are those that were moved with it.
     */
    whenFound(run: () => void): void {
      this.left = tries
      if (this.due) this.search()
      if (this.isRunning) this.waiting = run
      else run()
    }

    private searchIn(ms: number): void {
      this.due ??= setTimeout(() => this.search(), ms)
    }

    private search(): void {
      this.cancel()
      const { state } = this.view
      const query = lookedFor(state)
      if (!query) return
      this.isRunning = true
      this.since = null
      const { search: expression, replace: replacement, caseSensitive, wholeWord } = query
      this.thread.find(
        { text: state.doc.toString(), expression, replacement, caseSensitive, wholeWord },
        (found) => this.take(found),
      )
    }

    private take(found: Found): void {
      const { since } = this
      const state = foundState(found)
      this.isRunning = false
      this.view.dispatch({ effects: setFound.of(since ? moved(state, since) : state) })
      if (since && !isStopped(state)) {
        if (this.waiting && this.left-- > 0) {
          this.search()
          return
        }
        this.searchIn(pause)
      }
      const { waiting } = this
      this.waiting = null
      waiting?.()
    }

    private cancel(): void {
      if (this.due) clearTimeout(this.due)
      this.due = null
    }

    private stop(): void {
      this.cancel()
      this.thread.close()
      this.isRunning = false
      this.waiting = null
    }
  },
  { decorations: ({ marks }) => marks },
)

/** The expression does not run again until it or its options change. */
const isStopped = ({ result }: FoundState): boolean => result === 'slow' || result === 'failed'

/** The expression of the find strip while it is open; null without one. */
const lookedFor = (state: EditorState): ExpressionQuery | null =>
  searchPanelOpen(state) ? expressionOf(state) : null

function marksOf({ state, visibleRanges }: EditorView): DecorationSet {
  if (!lookedFor(state)) return Decoration.none
  const builder = new RangeSetBuilder<Decoration>()
  const { matches } = state.field(foundField)
  const { ranges } = state.selection
  let end = -1
  for (const range of visibleRanges)
    matches.between(range.from, range.to, (from, to) => {
      // One that reaches over a fold is in sight on both sides of it.
      if (from < end || from === to) return
      end = to
      const isSelected = ranges.some((selected) => selected.from === from && selected.to === to)
      builder.add(from, to, isSelected ? selectedMatch : match)
    })
  return builder.finish()
}
