import { simplifySelection } from '@codemirror/commands'
import {
  closeSearchPanel,
  getSearchQuery,
  gotoLine,
  openSearchPanel,
  SearchQuery,
  search,
  selectNextOccurrence,
  selectSelectionMatches,
  setSearchQuery,
} from '@codemirror/search'
import { type EditorView, type Panel, runScopeHandlers, type ViewUpdate } from '@codemirror/view'
import type { Emitter } from '../../../preload/emitter'
import type { EditorFeature } from '../../editor/extension'
import { nextMatch, openFind, previousMatch, replaceMatch, replaceMatches } from './expression'
import { foundField } from './expression-field'
import { expressionFinder } from './expression-finder'
import { ExpressionQuery } from './expression-query'
import { foundWords } from './found-words'
import { MatchCounter } from './match-counter'

/** Events that ask for words to be found. */
export interface FindEvents {
  find: string
}

/** Find and replace, as a strip above the text; `asks` returns what asks for words from outside. */
export const findInDocument = (asks: () => Pick<Emitter<FindEvents>, 'on'>): EditorFeature => ({
  extension: [
    foundField,
    expressionFinder,
    search({ top: true, createPanel: (view) => new FindPanel(view) }),
  ],
  commands: {
    find: openFind,
    'find-next': nextMatch,
    'find-previous': previousMatch,
    'close-find': (view) => closeSearchPanel(view) || simplifySelection(view),
    'select-matches': selectSelectionMatches,
    'select-next-match': selectNextOccurrence,
    'go-to-line': gotoLine,
  },
  attach: (view) => asks().on('find', (words) => findWords(view, words)),
})

/** Looks for words in the strip, from where the caret is. */
function findWords(view: EditorView, words: string): void {
  openSearchPanel(view)
  view.dispatch({ effects: setSearchQuery.of(new SearchQuery({ search: words, literal: true })) })
  nextMatch(view)
}

class FindPanel implements Panel {
  readonly dom = document.createElement('form')
  readonly top = true
  private readonly find = field('Find', 'Find in document')
  private readonly replacement = field('Replace with', 'Replace with')
  private readonly count = document.createElement('span')
  private readonly failure = document.createElement('p')
  private readonly matchCase = checkbox()
  private readonly wholeWord = checkbox()
  private readonly expression = checkbox()
  private readonly counter = new MatchCounter(() => this.showCount())

  constructor(private readonly view: EditorView) {
    this.dom.className = 'find-panel'
    this.dom.setAttribute('role', 'search')
    this.find.setAttribute('main-field', 'true')
    this.count.className = 'find-count'
    this.count.setAttribute('aria-live', 'polite')
    this.failure.className = 'find-failure'
    this.failure.setAttribute('aria-live', 'polite')
    this.dom.append(
      row(
        this.find,
        button('Previous', '↑', () => previousMatch(view)),
        button('Next', '↓', () => nextMatch(view)),
        this.count,
        options(
          labelled(this.matchCase, 'Match case'),
          labelled(this.wholeWord, 'Whole words'),
          labelled(this.expression, 'Regular expression'),
        ),
        button('Close find', '✕', () => closeSearchPanel(view), 'find-close'),
      ),
    )
    if (!view.state.readOnly)
      this.dom.append(
        row(
          this.replacement,
          button('Replace', 'Replace', () => replaceMatch(view)),
          button('Replace all', 'Replace all', () => replaceMatches(view)),
        ),
      )
    this.dom.append(this.failure)
    this.dom.addEventListener('input', () => this.commit())
    this.dom.addEventListener('keydown', (event) => this.keydown(event))
    this.dom.addEventListener('submit', (event) => event.preventDefault())
    this.show(getSearchQuery(view.state))
  }

  mount(): void {
    this.find.select()
  }

  update(update: ViewUpdate): void {
    const query = getSearchQuery(update.state)
    const changed = query !== getSearchQuery(update.startState)
    if (changed) this.show(query)
    else if (update.docChanged) this.counter.count(update.state, query, 'soon')
    else if (update.selectionSet || update.state.field(foundField) !== update.startState.field(foundField))
      this.showCount()
  }

  destroy(): void {
    this.counter.stop()
  }

  private show(query: SearchQuery): void {
    if (this.find.value !== query.search) this.find.value = query.search
    if (this.replacement.value !== query.replace) this.replacement.value = query.replace
    this.matchCase.checked = query.caseSensitive
    this.wholeWord.checked = query.wholeWord
    this.expression.checked = query instanceof ExpressionQuery
    this.counter.count(this.view.state, query, 'now')
    if (!query.valid) this.showCount()
  }

  private showCount(): void {
    const { state } = this.view
    const { main } = state.selection
    const { words, isFailure } = this.expression.checked
      ? foundWords(state.field(foundField), main)
      : { words: this.counter.words(main), isFailure: false }
    show(this.count, isFailure ? '' : words)
    show(this.failure, isFailure ? words : '')
  }

  private commit(): void {
    const config = {
      search: this.find.value,
      replace: this.replacement.value,
      caseSensitive: this.matchCase.checked,
      wholeWord: this.wholeWord.checked,
    }
    const query = this.expression.checked
      ? new ExpressionQuery(config)
      : new SearchQuery({ ...config, literal: true })
    const before = getSearchQuery(this.view.state)
    if (query.constructor === before.constructor && query.eq(before)) return
    this.view.dispatch({ effects: setSearchQuery.of(query) })
  }

  private keydown(event: KeyboardEvent): void {
    if (runScopeHandlers(this.view, event, 'search-panel')) event.preventDefault()
    else if (event.key === 'Enter' && event.target === this.find) {
      event.preventDefault()
      if (event.shiftKey) previousMatch(this.view)
      else nextMatch(this.view)
    } else if (event.key === 'Enter' && event.target === this.replacement) {
      event.preventDefault()
      replaceMatch(this.view)
    }
  }
}

/** Sets the words of an element, unless it has them: they would be read out once more. */
function show(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words
}

function options(...parts: readonly HTMLElement[]): HTMLElement {
  const element = document.createElement('div')
  element.className = 'find-options'
  element.append(...parts)
  return element
}

function row(...parts: readonly HTMLElement[]): HTMLElement {
  const element = document.createElement('div')
  element.className = 'find-row'
  element.append(...parts)
  return element
}

function field(placeholder: string, label: string): HTMLInputElement {
  const input = document.createElement('input')
  input.type = 'text'
  input.placeholder = placeholder
  input.setAttribute('aria-label', label)
  input.spellcheck = false
  return input
}

function checkbox(): HTMLInputElement {
  const input = document.createElement('input')
  input.type = 'checkbox'
  return input
}

function labelled(input: HTMLInputElement, words: string): HTMLLabelElement {
  const label = document.createElement('label')
  label.className = 'find-option'
  label.append(input, words)
  return label
}

function button(label: string, text: string, run: () => void, className = ''): HTMLButtonElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.className = `quiet ${className}`
  element.textContent = text
  element.setAttribute('aria-label', label)
  element.title = label
  element.addEventListener('click', run)
  return element
}
