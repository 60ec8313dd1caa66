import type { EditorState } from '@codemirror/state'
import type { Command, EditorView, TooltipView } from '@codemirror/view'
import { acceleratorOf, type CommandId, commands, keysOf } from '../../../preload/commands'
import { systemOf } from '../../editor/text-keys'
import { headingLevelAt, setHeading } from '../format/headings'
import { hasFormat, toggleInline } from '../format/inline-commands'
import { isInLink, link } from '../format/link'

interface BarButton {
  readonly id: CommandId
  readonly label: string
  /** Letter to show; links have an icon. */
  readonly sign: string
  readonly run: Command
  /** The selection has this already. */
  isOn(state: EditorState): boolean
}

const buttons: readonly BarButton[] = [
  {
    id: 'bold',
    label: 'Bold',
    sign: 'B',
    run: toggleInline('bold'),
    isOn: (state) => hasFormat(state, 'bold'),
  },
  {
    id: 'italic',
    label: 'Italic',
    sign: 'I',
    run: toggleInline('italic'),
    isOn: (state) => hasFormat(state, 'italic'),
  },
  {
    id: 'highlight',
    label: 'Highlight',
    sign: 'A',
    run: toggleInline('highlight'),
    isOn: (state) => hasFormat(state, 'highlight'),
  },
  { id: 'link', label: 'Link', sign: '', run: link, isOn: isInLink },
  {
    id: 'heading-2',
    label: 'Heading',
    sign: 'H',
    run: (view) => setHeading(isHeading(view.state) ? 0 : 2)(view),
    isOn: isHeading,
  },
]

function isHeading(state: EditorState): boolean {
  return headingLevelAt(state, state.selection.main.from) > 0
}

/** The icon of a link, on a grid of 16 by 16. */
const linkPath =
  'M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.8.8M9.3 6.7a2.6 2.6 0 0 0-3.7 0L3.3 9a2.6 2.6 0 0 0 3.7 3.7l.8-.8'

/** Of longer selections, in UTF-16 code units, the bar does not show which formats they have. */
const longestShown = 5_000

/** Makes the bar for a selection: a toolbar whose buttons leave the keyboard in the text. */
export function createBar(view: EditorView, close: () => void): TooltipView {
  const dom = document.createElement('div')
  dom.className = 'selection-bar'
  dom.setAttribute('role', 'toolbar')
  dom.setAttribute('aria-label', 'Format')
  const elements = buttons.map((button) => elementOf(view, button))
  dom.append(...elements)
  const show = (): void => {
    const { from, to } = view.state.selection.main
    for (const [index, button] of buttons.entries())
      elements[index]?.setAttribute(
        'aria-pressed',
        String(to - from <= longestShown && button.isOn(view.state)),
      )
  }
  dom.addEventListener('mousedown', (event) => event.preventDefault())
  dom.addEventListener('keydown', (event) => {
    const at = elements.indexOf(document.activeElement as HTMLButtonElement)
    const next = nextButton(event.key, at, elements.length)
    if (event.key === 'Escape') {
      view.focus()
      close()
    } else if (next === null) return
    else elements[next]?.focus()
    event.preventDefault()
    event.stopPropagation()
  })
  show()
  return {
    dom,
    offset: { x: 0, y: 6 },
    update: (update) => {
      if (update.docChanged || update.selectionSet) show()
    },
  }
}

function nextButton(key: string, at: number, count: number): number | null {
  if (key === 'ArrowRight') return (at + 1) % count
  if (key === 'ArrowLeft') return (at + count - 1) % count
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : null
}

function elementOf(view: EditorView, { id, label, sign, run }: BarButton): HTMLButtonElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.tabIndex = -1
  element.className = `bar-${id}`
  element.setAttribute('aria-label', label)
  element.title = [label, keyWords(id)].filter(Boolean).join(' ')
  element.append(sign === '' ? linkIcon() : signOf(sign))
  element.addEventListener('click', () => {
    view.focus()
    run(view)
  })
  return element
}

function signOf(text: string): HTMLElement {
  const sign = document.createElement('span')
  sign.setAttribute('aria-hidden', 'true')
  sign.textContent = text
  return sign
}

function linkIcon(): SVGElement {
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  icon.setAttribute('viewBox', '0 0 16 16')
  icon.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', linkPath)
  icon.append(path)
  return icon
}

/** Returns the keys of a command as people read them, such as '(Ctrl+B)'; '' if it has none. */
function keyWords(id: CommandId): string {
  const system = systemOf(navigator.platform)
  const command = commands.find((each) => each.id === id)
  const [keys] = command ? keysOf(command, system) : []
  return keys ? `(${acceleratorOf(keys).replace('CmdOrCtrl', system === 'mac' ? 'Cmd' : 'Ctrl')})` : ''
}
