import {
  findNext,
  findPrevious,
  openSearchPanel,
  replaceNext,
  searchPanelOpen,
  setSearchQuery,
} from '@codemirror/search'
import { EditorSelection, type EditorState } from '@codemirror/state'
import { type Command, EditorView } from '@codemirror/view'
import { allMatches, foundField, type PlacedMatch, selectedIndex } from './expression-field'
import { expressionFinder } from './expression-finder'
import { expressionOf } from './expression-query'
import { replaceAllIn, replaceAllWords } from './replace-words'

/**
 * Opens the find strip, or puts the keyboard in it. An expression stays, where CodeMirror would look for the words that
 * are selected instead.
 */
export const openFind: Command = (view) => {
  const expression = expressionOf(view.state)
  openSearchPanel(view)
  if (expression && expressionOf(view.state) !== expression) {
    view.dispatch({ effects: setSearchQuery.of(expression) })
    // A field whose words are set loses its selection.
    view.dom.querySelector<HTMLInputElement>('.find-panel [main-field]')?.select()
  }
  return true
}

/** The commands of the find strip, for words and for expressions. Those for expressions wait for a search under way. */
export const nextMatch = either(findNext, (view) => select(view, after(view.state)))
export const previousMatch = either(findPrevious, (view) => select(view, before(view.state)))
export const replaceMatch = either(replaceNext, replaceSelected)
export const replaceMatches = either(replaceAllWords, replaceFound)

function either(words: Command, expression: (view: EditorView) => void): Command {
  return (view) => {
    if (!expressionOf(view.state)) return words(view)
    if (!searchPanelOpen(view.state)) {
      const { hasFocus } = view
      openFind(view)
      if (hasFocus) view.focus()
    }
    view.plugin(expressionFinder)?.whenFound(() => expression(view))
    return true
  }
}

function select(view: EditorView, match: PlacedMatch | undefined): void {
  if (!match) return
  const selection = EditorSelection.range(match.from, match.to)
  view.dispatch({
    selection,
    effects: EditorView.scrollIntoView(selection),
    userEvent: 'select.search',
  })
}

function after(state: EditorState): PlacedMatch | undefined {
  const { main } = state.selection
  const matches = allMatches(state.field(foundField))
  const selected = selectedIndex(matches, main)
  return matches.find(({ from }, index) => from >= main.to && index !== selected) ?? matches[0]
}

function before(state: EditorState): PlacedMatch | undefined {
  const { main } = state.selection
  const matches = allMatches(state.field(foundField))
  const selected = selectedIndex(matches, main)
  return matches.findLast(({ to }, index) => to <= main.from && index !== selected) ?? matches.at(-1)
}

/** Replaces the match that is selected and selects the next one. */
function replaceSelected(view: EditorView): void {
  const { state } = view
  if (state.readOnly) return
  const matches = allMatches(state.field(foundField))
  const match = matches[selectedIndex(matches, state.selection.main)]
  const next = after(state)
  if (!match || !next) {
    select(view, next)
    return
  }
  const changes = state.changes(match)
  const selection = EditorSelection.range(changes.mapPos(next.from, 1), changes.mapPos(next.to, 1))
  view.dispatch({
    changes,
    selection,
    effects: [EditorView.scrollIntoView(selection), EditorView.announce.of('Replaced one match.')],
    userEvent: 'input.replace',
  })
}

function replaceFound(view: EditorView): void {
  const found = view.state.field(foundField)
  replaceAllIn(view, allMatches(found), found.isAll)
}
