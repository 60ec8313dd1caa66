import { simplifySelection } from '@codemirror/commands'
import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  gotoLine,
  openSearchPanel,
  replaceAll,
  replaceNext,
  SearchQuery,
  search,
  selectNextOccurrence,
  selectSelectionMatches,
  setSearchQuery,
} from '@codemirror/search'
import type { EditorState } from '@codemirror/state'
import { type EditorView, type Panel, runScopeHandlers, type ViewUpdate } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'

/** Matches are counted up to this many, so that a search in a large text stays quick. */
const maxCount = 1_000

/** Find and replace, as a strip above the text. */
export const findInDocument: EditorFeature = {
  extension: search({ top: true, createPanel: (view) => new FindPanel(view) }),
  commands: {
    find: openSearchPanel,
    'find-next': findNext,
    'find-previous': findPrevious,
    'close-find': (view) => closeSearchPanel(view) || simplifySelection(view),
    'select-matches': selectSelectionMatches,
    'select-next-match': selectNextOccurrence,
    'go-to-line': gotoLine,
  },
}

class FindPanel implements Panel {
  readonly dom = document.createElement('form')
  readonly top = true
  private readonly find = field('Find', 'Find in document')
  private readonly replacement = field('Replace with', 'Replace with')
  private readonly count = document.createElement('span')
  private readonly matchCase = document.createElement('input')

  constructor(private readonly view: EditorView) {
    this.dom.className = 'find-panel'
    this.dom.setAttribute('role', 'search')
    this.find.setAttribute('main-field', 'true')
    this.count.className = 'find-count'
    this.count.setAttribute('aria-live', 'polite')
    this.matchCase.type = 'checkbox'
    const label = document.createElement('label')
    label.className = 'find-case'
    label.append(this.matchCase, 'Match case')
    this.dom.append(
      row(
        this.find,
        button('Previous', '↑', () => findPrevious(view)),
        button('Next', '↓', () => findNext(view)),
        this.count,
        label,
        button('Close find', '✕', () => closeSearchPanel(view), 'find-close'),
      ),
    )
    if (!view.state.readOnly)
      this.dom.append(
        row(
          this.replacement,
          button('Replace', 'Replace', () => replaceNext(view)),
          button('Replace all', 'Replace all', () => replaceAll(view)),
        ),
      )
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
    else if (update.docChanged || update.selectionSet)
      this.count.textContent = countWords(update.state, query)
  }

  private show(query: SearchQuery): void {
    if (this.find.value !== query.search) this.find.value = query.search
    if (this.replacement.value !== query.replace) this.replacement.value = query.replace
    this.matchCase.checked = query.caseSensitive
    this.count.textContent = countWords(this.view.state, query)
  }

  private commit(): void {
    const query = new SearchQuery({
      search: this.find.value,
      replace: this.replacement.value,
      caseSensitive: this.matchCase.checked,
      literal: true,
    })
    if (!query.eq(getSearchQuery(this.view.state))) this.view.dispatch({ effects: setSearchQuery.of(query) })
  }

  private keydown(event: KeyboardEvent): void {
    if (runScopeHandlers(this.view, event, 'search-panel')) event.preventDefault()
    else if (event.key === 'Enter' && event.target === this.find) {
      event.preventDefault()
      if (event.shiftKey) findPrevious(this.view)
      else findNext(this.view)
    } else if (event.key === 'Enter' && event.target === this.replacement) {
      event.preventDefault()
      replaceNext(this.view)
    }
  }
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

/** 'Match 2 of 7', 'None', or '' while nothing is looked for. */
export function countWords(state: EditorState, query: SearchQuery): string {
  if (!query.valid) return ''
  const { from, to } = state.selection.main
  let count = 0
  let current = 0
  const cursor = query.getCursor(state)
  for (let match = cursor.next(); !match.done && count < maxCount; match = cursor.next()) {
    count++
    if (match.value.from === from && match.value.to === to) current = count
  }
  if (count === 0) return 'None'
  const total = count === maxCount ? `${maxCount}+` : String(count)
  return current > 0 ? `${current} of ${total}` : `${total} found`
}
