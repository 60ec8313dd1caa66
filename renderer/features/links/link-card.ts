import { StateEffect, StateField } from '@codemirror/state'
import {
  closeHoverTooltips,
  type EditorView,
  hoverTooltip,
  showTooltip,
  type Tooltip,
  type TooltipView,
} from '@codemirror/view'
import { copyText } from '../../editor/copy-text'
import { systemOf } from '../../editor/text-keys'
import { addressOf, type LinkParts, linkPartsAt } from './link-parts'

/** How long the pointer rests on a link before its card shows, in ms. */
const hoverTime = 350

/** Opens the form of the link at an offset just inside it, which no edit before the link moves out; null closes it. */
const editLinkAt = StateEffect.define<number | null>()

/** Opens an address outside. */
type Open = (address: string) => void

/** Shows a card at a link: on hover its address with buttons, on demand a form that changes the address. */
export const linkCards = (open: Open) => [
  hoverTooltip((view, offset) => cardAt(view, offset, open), { hoverTime }),
  form,
]

/** Opens the form of the link or picture at the caret; returns false without one, or if the text can only be read. */
export function editLink(view: EditorView): boolean {
  const { head } = view.state.selection.main
  const parts = view.state.readOnly ? null : linkPartsAt(view.state, head)
  if (!parts) return false
  view.dispatch({ effects: editLinkAt.of(parts.from + 1) })
  return true
}

const form = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, { effects, changes, docChanged }) {
    for (const effect of effects)
      if (effect.is(editLinkAt))
        return effect.value === null
          ? null
          : { pos: effect.value, above: false, create: (view) => linkForm(view) }
    return tooltip && docChanged ? { ...tooltip, pos: changes.mapPos(tooltip.pos, -1) } : tooltip
  },
  provide: (field) => showTooltip.from(field),
})

function cardAt(view: EditorView, offset: number, open: Open): Tooltip | null {
  const parts = linkPartsAt(view.state, offset)
  if (!parts || view.state.field(form)) return null
  const { from, to } = parts
  return { pos: from, end: to, above: false, create: () => linkCard(view, from, open) }
}

function linkCard(view: EditorView, offset: number, open: Open): TooltipView {
  let at = offset
  const dom = card('group', 'Link')
  const parts = linkPartsAt(view.state, at)
  const written = parts?.url ?? ''
  const address = addressOf(written)
  const shown = dom.appendChild(document.createElement('span'))
  shown.className = 'link-address'
  shown.textContent = readable(address ?? written)
  if (!address) dom.append(note('Only web and mail addresses can be opened.'))
  const buttons = dom.appendChild(document.createElement('div'))
  buttons.className = 'link-buttons'
  if (address) {
    const opening = button('Open', () => open(address))
    opening.title = `${isMac() ? '⌘' : 'Ctrl'}+click on the link, or Alt+Enter in it, opens it too`
    buttons.append(opening)
  }
  if (!view.state.readOnly)
    buttons.append(
      button('Edit', () => view.dispatch({ effects: [closeHoverTooltips, editLinkAt.of(at + 1)] })),
    )
  const copying = button('Copy', () => {
    copying.textContent = copyText(written) ? 'Copied' : 'Not copied'
  })
  buttons.append(copying)
  return {
    dom,
    update: ({ docChanged, changes }) => {
      if (docChanged) at = changes.mapPos(at, 1)
    },
  }
}

function linkForm(view: EditorView): TooltipView {
  const dom = document.createElement('form')
  dom.className = 'link-card'
  dom.setAttribute('aria-label', 'Link')
  const label = dom.appendChild(document.createElement('label'))
  label.textContent = 'Address'
  const field = label.appendChild(document.createElement('input'))
  field.type = 'text'
  field.spellcheck = false
  field.value = linkHere(view)?.url ?? ''
  const buttons = dom.appendChild(document.createElement('div'))
  buttons.className = 'link-buttons'
  const change = button('Change', () => undefined)
  change.type = 'submit'
  buttons.append(
    change,
    button('Remove the link', () => {
      const parts = linkHere(view)
      if (parts) view.dispatch({ changes: unlink(parts), userEvent: 'input.link' })
      close(view)
    }),
  )
  const gone = dom.appendChild(note(''))
  gone.setAttribute('role', 'status')
  dom.addEventListener('submit', (event) => {
    event.preventDefault()
    const parts = linkHere(view)
    if (!parts) {
      gone.textContent = 'The link is not in the text any more.'
      return
    }
    const insert = writtenAddress(field.value)
    if (insert)
      view.dispatch({ changes: { from: parts.urlFrom, to: parts.urlTo, insert }, userEvent: 'input.link' })
    close(view)
  })
  dom.addEventListener('keydown', (event) => {
    event.stopPropagation()
    if (event.key === 'Escape') close(view)
  })
  dom.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !dom.contains(relatedTarget)) close(view, false)
  })
  return {
    dom,
    mount: () => {
      field.focus()
      field.select()
    },
  }
}

/** The link that the form is about, wherever others' edits moved it. */
function linkHere(view: EditorView): LinkParts | null {
  const tooltip = view.state.field(form)
  return tooltip && linkPartsAt(view.state, tooltip.pos, [-1])
}

function close(view: EditorView, focus = true): void {
  if (!view.state.field(form)) return
  view.dispatch({ effects: editLinkAt.of(null) })
  if (focus) view.focus()
}

/** Leaves the words of a link, or the description of a picture. */
const unlink = ({ from, textFrom, textTo, to }: LinkParts) => [
  { from, to: textFrom },
  { from: textTo, to },
]

/** Returns an address as it is written in a link; '' if nothing is left of it. */
export function writtenAddress(typed: string): string {
  const plain = typed.trim().replace(/[\s<>\\]/g, (letter) => encodeURIComponent(letter))
  const whole = /^(?:[\w-]+\.)+\p{L}{2,}(?:[/?#:]|$)/u.test(plain) ? `https://${plain}` : plain
  // In angle brackets, since the first bracket that closes would end the link.
  return /[()]/.test(whole) ? `<${whole}>` : whole
}

/** An address with its host in ASCII, in which lookalike letters show. */
function readable(address: string): string {
  return /[^ -~]/.test(address) && URL.canParse(address) ? new URL(address).href : address
}

function card(role: string, name: string): HTMLElement {
  const dom = document.createElement('div')
  dom.className = 'link-card'
  dom.setAttribute('role', role)
  dom.setAttribute('aria-label', name)
  return dom
}

function note(words: string): HTMLElement {
  const element = document.createElement('span')
  element.className = 'link-note'
  element.textContent = words
  return element
}

function button(words: string, run: () => void): HTMLButtonElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.textContent = words
  element.addEventListener('click', run)
  return element
}

const isMac = (): boolean => systemOf(navigator.platform) === 'mac'
