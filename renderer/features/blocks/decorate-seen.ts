import { type Extension, type Range, RangeSet } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin } from '@codemirror/view'
import { needsRedraw } from '../live/redraw'

/**
 * Returns an extension that decorates what is in sight, again whenever that is due (`needsRedraw`). `decorate` adds
 * ranges in any order, none outside lines that are in sight. With `facet` as `EditorView.outerDecorations`, they are
 * around all others.
 */
export function decorateSeen(
  decorate: (view: EditorView, add: (range: Range<Decoration>) => void) => void,
  facet: typeof EditorView.decorations = EditorView.decorations,
): Extension {
  const decorations = (view: EditorView): DecorationSet => {
    const ranges: Range<Decoration>[] = []
    decorate(view, (range) => ranges.push(range))
    return RangeSet.of(ranges, true)
  }
  return ViewPlugin.define(
    (view) => ({
      seen: decorations(view),
      update(update) {
        if (needsRedraw(update)) this.seen = decorations(update.view)
      },
    }),
    { provide: (plugin) => facet.of((view) => view.plugin(plugin)?.seen ?? Decoration.none) },
  )
}
