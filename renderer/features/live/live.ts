import { RangeSet } from '@codemirror/state'
import { Decoration, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import type { SettingsState } from '../settings/settings.svelte'
import { decorate, type LiveDecorations } from './decorate'
import { doubleClick } from './double-click'
import { itemHeadings } from './item-headings'
import { itemMotion } from './item-motion'
import { needsRedraw, pointerHold } from './redraw'
import { showSource, sourceMode } from './source-mode'
import { stillCaret } from './still-caret'

/** Decorates the text in sight. */
const decorations = ViewPlugin.fromClass(
  class {
    live: LiveDecorations

    constructor(view: EditorView) {
      this.live = liveOf(view)
    }

    update(update: ViewUpdate): void {
      if (needsRedraw(update)) this.live = liveOf(update.view)
    }
  },
  {
    decorations: ({ live }) => live.decorations,
    provide: (plugin) => [
      EditorView.outerDecorations.of((view) => view.plugin(plugin)?.live.unbroken ?? Decoration.none),
      EditorView.blockWrappers.of((view) => view.plugin(plugin)?.live.wrappers ?? RangeSet.empty),
    ],
  },
)

const liveOf = (view: EditorView): LiveDecorations =>
  decorate(view.state, view.visibleRanges, view.state.field(sourceMode))

/** Shows Markdown as the text that it means, and its marks where the caret is, or all of them if the settings say so. */
export const liveMarkdown = (settings: Pick<SettingsState, 'watch'>): EditorFeature => ({
  extension: [sourceMode, pointerHold, decorations, itemHeadings, stillCaret, itemMotion, doubleClick],
  attach: (view) => settings.watch(({ source }) => showSource(view, source)),
})
