import * as v from 'valibot'
import type { DocumentId } from '../../preload/contract/ids'
import {
  emptyLayout,
  layoutShape,
  maxWindows,
  type PaneLayout,
  type WindowLayout,
} from '../../preload/contract/layout'
import { documentId } from '../../preload/contract/shapes'

const windowShape = v.object({
  layout: layoutShape,
  /** Place of the window on the screen; to be checked by whoever uses it. */
  place: v.unknown(),
})

/** A window as it is shown again at the next start. */
export type WindowRecord = v.InferOutput<typeof windowShape>

const windowsShape = v.object({ windows: v.pipe(v.array(windowShape), v.maxLength(maxWindows)) })
/** The record of earlier programs: one document, in one window. */
const documentShape = v.object({ document: v.nullable(documentId), outline: v.boolean() })

/** Returns the windows that a record holds, the one in front last; none if it has another form. */
export function windowsOf(record: unknown): WindowRecord[] {
  const windows = v.safeParse(windowsShape, record)
  if (windows.success) return windows.output.windows
  const shown = v.safeParse(documentShape, record)
  if (!shown.success) return []
  const { document, outline } = shown.output
  const tabs = document === null ? [] : [document]
  return [{ layout: { ...emptyLayout, panes: [{ tabs, front: document }], outline }, place: null }]
}

/** Returns a layout without documents that `has` does not know, with each of the others in one tab. */
export function soundLayout(layout: WindowLayout, has: (id: DocumentId) => boolean): WindowLayout {
  const seen = new Set<DocumentId>()
  const panes = layout.panes.map((pane): PaneLayout => {
    const tabs = pane.tabs.filter((id) => has(id) && !seen.has(id) && seen.add(id))
    return { tabs, front: pane.front !== null && tabs.includes(pane.front) ? pane.front : (tabs[0] ?? null) }
  })
  const filled = panes.filter(({ tabs }) => tabs.length > 0)
  const active = filled.length === 2 ? layout.active : 0
  return { ...layout, panes: filled.length > 0 ? filled : emptyLayout.panes, active }
}
