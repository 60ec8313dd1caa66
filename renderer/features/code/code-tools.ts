import { type EditorView, WidgetType } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import { copyText } from '../../editor/copy-text'
import { languageWords } from './code-languages'
import { codeAround, codeOf, infoOf } from './fence'

/** How long 'Copied' stands on the button, in ms. */
const told = 1_500
/** Id of the list of languages, which all fields share. */
const listId = 'code-languages'

/** The corner of a fence: its language, which a press changes, and a button that copies the code. */
export class CodeTools extends WidgetType {
  constructor(
    private readonly language: string,
    private readonly canChange: boolean,
  ) {
    super()
  }

  override eq(other: CodeTools): boolean {
    return other.language === this.language && other.canChange === this.canChange
  }

  override toDOM(view: EditorView): HTMLElement {
    const tools = document.createElement('span')
    tools.className = 'code-tools'
    const fence = (): SyntaxNode | null => codeAround(view.state, view.posAtDOM(tools))
    const copy = button('code-copy', 'Copy', 'Copy the code', () => {
      const node = fence()
      if (!node || !copyText(codeOf(view.state, node))) return
      copy.textContent = 'Copied'
      setTimeout(() => {
        copy.textContent = 'Copy'
      }, told)
    })
    const label = this.language || 'language'
    const language = button('code-language', label, `Language of the code: ${this.language || 'none'}`, () =>
      tools.replaceChildren(
        languageField(this.language, (word, byKey) => {
          const node = fence()
          const info = node && infoOf(node)
          if (word === null || word === this.language || !info) tools.replaceChildren(copy, language)
          else
            view.dispatch({
              changes: { from: info.from, to: info.from + this.language.length, insert: word },
              userEvent: 'input',
            })
          if (byKey) view.focus()
        }),
      ),
    )
    language.classList.toggle('code-unnamed', this.language === '')
    if (!this.canChange) language.disabled = true
    tools.append(copy, language)
    return tools
  }

  override ignoreEvent(): boolean {
    return true
  }
}

function button(name: string, words: string, label: string, press: () => void): HTMLButtonElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.className = name
  element.textContent = words
  element.setAttribute('aria-label', label)
  element.tabIndex = -1
  // The keyboard stays in the text.
  element.addEventListener('mousedown', (event) => event.preventDefault())
  element.addEventListener('click', press)
  return element
}

/**
 * A field for a language's word; `done` gets it, or null when the field is left without Enter, and if a key ended it:
 * the keyboard stays where a click put it.
 */
function languageField(language: string, done: (word: string | null, byKey: boolean) => void): HTMLElement {
  const field = document.createElement('input')
  field.className = 'code-field'
  field.value = language
  field.setAttribute('aria-label', 'Language of the code')
  field.setAttribute('list', listId)
  field.spellcheck = false
  field.maxLength = 40
  let over = false
  const end = (word: string | null, byKey: boolean): void => {
    if (over) return
    over = true
    done(word, byKey)
  }
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') end(field.value.trim().replace(/[\s`~]+/g, '-'), true)
    else if (event.key === 'Escape') end(null, true)
    else return
    event.preventDefault()
    event.stopPropagation()
  })
  field.addEventListener('blur', () => end(null, false))
  ensureLanguageList()
  setTimeout(() => {
    field.focus()
    field.select()
  })
  return field
}

function ensureLanguageList(): void {
  if (document.getElementById(listId)) return
  const list = document.createElement('datalist')
  list.id = listId
  for (const word of languageWords) {
    const option = document.createElement('option')
    option.value = word
    list.append(option)
  }
  document.body.append(list)
}
