import * as v from 'valibot'
import { call, documentId, flag } from './shapes'

/** Maximum number of windows: each takes a process and its memory. */
export const maxWindows = 20
/** Maximum number of tabs in a window. */
export const maxTabs = 100
/** Least and largest part of the width that the pane at the left takes. */
export const splitLimits = { least: 0.2, most: 0.8 } as const

/** A pane of a window. */
const paneShape = v.object({
  /** Documents in its tabs, from left to right. */
  tabs: v.pipe(v.array(documentId), v.maxLength(maxTabs), v.readonly()),
  /** The document in the tab in front; null without tabs. */
  front: v.nullable(documentId),
})

/** The shape of what a window shows, as `setLayout` takes it and as it is stored. */
export const layoutShape = v.object({
  /** From left to right. Only the one pane of a window may be without tabs. */
  panes: v.pipe(v.array(paneShape), v.minLength(1), v.maxLength(2), v.readonly()),
  /** The pane that has the keyboard. */
  active: v.picklist([0, 1]),
  /** Part of the width that the pane at the left takes beside another one. */
  split: v.pipe(v.number(), v.minValue(splitLimits.least), v.maxValue(splitLimits.most)),
  /** The outline is shown. */
  outline: flag,
})

/** A pane of a window: documents in tabs. */
export type PaneLayout = v.InferOutput<typeof paneShape>

/** The panes of a window. Each document is in one tab at most. */
export type WindowLayout = v.InferOutput<typeof layoutShape>

/** The layout of a window that shows nothing. */
export const emptyLayout: WindowLayout = {
  panes: [{ tabs: [], front: null }],
  active: 0,
  split: 0.5,
  outline: false,
}

/** Calls about what a window shows. */
export const layoutCalls = {
  /** Returns what this window shows when its page begins, without documents that are gone. */
  layout: call().returns<WindowLayout>(),
  /** Notes what this window shows. It is written to the disk some seconds later. */
  setLayout: call(layoutShape).returns<null>(),
  /** Closes this window if the program goes on without it. */
  closeWindow: call().returns<null>(),
}
