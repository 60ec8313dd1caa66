import { StateEffect, StateField, Transaction } from '@codemirror/state'
import {
  type EditorView,
  keymap,
  showTooltip,
  type Tooltip,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { isLiteral } from '../format/leaf-blocks'
import type { SettingsState } from '../settings/settings.svelte'
import { createBar } from './bar'

/** How long a selection stands still before the bar shows, in ms. */
const pause = 250

const showBar = StateEffect.define<boolean>()

/** The bar on screen, null without one. Others' edits and formats leave it; typing and moving take it away. */
const barField = StateField.define<Tooltip | null>({
  create: () => null,
  update(bar, transaction) {
    const { main } = transaction.state.selection
    for (const effect of transaction.effects)
      if (effect.is(showBar)) return effect.value ? tooltipAt(main.from) : null
    if (!bar || main.empty) return null
    const isFormat = transaction.isUserEvent('input.format') || transaction.isUserEvent('input.heading')
    if (isFormat || transaction.annotation(Transaction.remote)) {
      return main.from === bar.pos ? bar : { ...bar, pos: main.from }
    }
    return transaction.docChanged || transaction.selection ? null : bar
  },
  provide: (field) => showTooltip.from(field),
})

const tooltipAt = (pos: number): Tooltip => ({
  pos,
  above: true,
  create: (view) => createBar(view, () => hide(view)),
})

function hide(view: EditorView): boolean {
  if (!view.state.field(barField, false)) return false
  view.dispatch({ effects: showBar.of(false) })
  return true
}

/** Shows the bar when a selection stands still, is not being drawn with the pointer, and has words in it. */
class BarTimer {
  private timer: ReturnType<typeof setTimeout> | undefined
  private isPressed = false

  constructor(
    private readonly view: EditorView,
    private readonly isWanted: () => boolean,
  ) {
    view.contentDOM.addEventListener('mousedown', this.pressed)
    document.addEventListener('mouseup', this.released)
    view.dom.addEventListener('focusout', this.left)
  }

  update(update: ViewUpdate): void {
    const bar = update.state.field(barField)
    if (bar || update.state.selection.main.empty) clearTimeout(this.timer)
    else if (update.selectionSet || update.focusChanged) this.wait()
    if (update.docChanged && !bar && !update.selectionSet) clearTimeout(this.timer)
  }

  destroy(): void {
    clearTimeout(this.timer)
    this.view.contentDOM.removeEventListener('mousedown', this.pressed)
    document.removeEventListener('mouseup', this.released)
    this.view.dom.removeEventListener('focusout', this.left)
  }

  private wait(): void {
    clearTimeout(this.timer)
    if (!this.isPressed) this.timer = setTimeout(() => this.show(), pause)
  }

  private show(): void {
    const { state, hasFocus, composing } = this.view
    const { main, ranges } = state.selection
    if (!this.isWanted() || !hasFocus || composing || state.readOnly || ranges.length > 1 || main.empty)
      return
    if (!/\S/.test(state.sliceDoc(main.from, Math.min(main.to, main.from + 1_000)))) return
    if (!isLiteral(state, main.from)) this.view.dispatch({ effects: showBar.of(true) })
  }

  private readonly pressed = (): void => {
    this.isPressed = true
    clearTimeout(this.timer)
  }

  private readonly released = (): void => {
    if (!this.isPressed) return
    this.isPressed = false
    if (!this.view.state.field(barField)) this.wait()
  }

  private readonly left = ({ relatedTarget }: FocusEvent): void => {
    clearTimeout(this.timer)
    if (!(relatedTarget instanceof Node && this.view.dom.contains(relatedTarget))) hide(this.view)
  }
}

/** A bar with the usual formats above selected words, unless the settings leave it out. */
export const selectionBar = (settings: Pick<SettingsState, 'value'>): EditorFeature => ({
  extension: [
    barField,
    ViewPlugin.define((view) => new BarTimer(view, () => settings.value.selectionBar)),
    keymap.of([{ key: 'Escape', run: hide }]),
  ],
  commands: {
    'selection-bar': ({ dom }) => {
      const first = dom.querySelector<HTMLElement>('.selection-bar button')
      first?.focus()
      return first !== null
    },
  },
})
