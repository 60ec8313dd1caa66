import { syntaxTree } from '@codemirror/language'
import { RangeSet, StateEffect } from '@codemirror/state'
import { EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { decorate, type LiveDecorations } from './decorate'
import { itemMotion } from './item-motion'
import { sourceMode, toggleSourceMode } from './source-mode'
import { stillCaret } from './still-caret'

/** The pointer let go of the text. */
const released = StateEffect.define<null>()

/**
 * Decorates the text in sight. While the pointer is held down marks stay as they are: text that moved under it
 * would be selected by mistake.
 */
const decorations = ViewPlugin.fromClass(
  class {
    live: LiveDecorations
    private held = false

    constructor(private readonly view: EditorView) {
      this.live = liveOf(view)
      view.contentDOM.addEventListener('mousedown', this.hold)
      for (const end of ends) window.addEventListener(end, this.release)
    }

    update(update: ViewUpdate): void {
      if (needsDecorating(update, this.held)) this.live = liveOf(update.view)
    }

    destroy(): void {
      this.view.contentDOM.removeEventListener('mousedown', this.hold)
      for (const end of ends) window.removeEventListener(end, this.release)
    }

    private readonly hold = ({ button }: MouseEvent): void => {
      this.held = button === 0
    }

    private readonly release = (): void => {
      if (!this.held) return
      this.held = false
      this.view.dispatch({ effects: released.of(null) })
    }
  },
  {
    decorations: ({ live }) => live.decorations,
    provide: (plugin) =>
      EditorView.blockWrappers.of((view) => view.plugin(plugin)?.live.wrappers ?? RangeSet.empty),
  },
)

/** Events of the window after which the pointer holds nothing. */
const ends = ['mouseup', 'dragend', 'blur'] as const

const liveOf = (view: EditorView): LiveDecorations =>
  decorate(view.state, view.visibleRanges, view.state.field(sourceMode))

function needsDecorating(update: ViewUpdate, held: boolean): boolean {
  const { state, startState } = update
  return (
    update.docChanged ||
    update.viewportChanged ||
    (update.selectionSet && !held) ||
    update.transactions.some(({ effects }) => effects.some((effect) => effect.is(released))) ||
    state.field(sourceMode) !== startState.field(sourceMode) ||
    syntaxTree(state) !== syntaxTree(startState)
  )
}

/** Shows Markdown as the text that it means, and its marks where the caret is. */
export const liveMarkdown: EditorFeature = {
  extension: [sourceMode, decorations, stillCaret, itemMotion],
  commands: { 'source-mode': toggleSourceMode },
}
