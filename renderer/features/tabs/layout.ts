import type { DocumentId } from '../../../preload/contract/ids'
import { maxTabs, type PaneLayout, splitLimits, type WindowLayout } from '../../../preload/contract/layout'

/** Panes and their tabs, without the side panel. */
export type Arrangement = Omit<WindowLayout, 'outline'>

/**
 * How a document is shown. 'here': in the tab that has it, or else in place of the one in front; 'tab': in a new tab in
 * front; 'side': in the other pane.
 */
export type ShownHow = 'here' | 'tab' | 'side'

/** Returns the index of the pane that has a document in a tab; -1 if none has. */
export const paneOf = ({ panes }: Arrangement, id: DocumentId): number =>
  panes.findIndex(({ tabs }) => tabs.includes(id))

/** Returns the documents of all tabs, pane by pane. */
export const tabsOf = ({ panes }: Arrangement): DocumentId[] => panes.flatMap(({ tabs }) => tabs)

/** Returns true if a document can be moved to the other pane: not if it is the only one of the window. */
export const canMoveAside = (layout: Arrangement, id: DocumentId): boolean =>
  tabsOf(layout).length > 1 && paneOf(layout, id) >= 0

/** Returns the arrangement that shows a document, in the pane that then has the keyboard. */
export function shown(layout: Arrangement, id: DocumentId, how: ShownHow): Arrangement {
  const at = paneOf(layout, id)
  const other = otherPane(layout)
  if (at >= 0 && (how !== 'side' || at === other || !canMoveAside(layout, id))) return chosen(layout, id)
  if (how === 'side' && (at >= 0 || hasRoom(layout)) && tabsOf(layout).length > 0)
    return placed(layout, id, other, layout.panes[other]?.tabs.length ?? 0)
  const { tabs, front } = paneAt(layout, layout.active)
  const index = front === null ? -1 : tabs.indexOf(front)
  const isNew = index < 0 || (how !== 'here' && hasRoom(layout))
  return withPane(layout, layout.active, {
    tabs: isNew ? tabs.toSpliced(index + 1, 0, id) : tabs.with(index, id),
    front: id,
  })
}

/** Returns the arrangement with a tab in front that is there, in the pane that then has the keyboard. */
export function chosen(layout: Arrangement, id: DocumentId): Arrangement {
  const at = paneOf(layout, id)
  if (at < 0) return layout
  return activated(withPane(layout, at, { ...paneAt(layout, at), front: id }), at)
}

/** Returns the arrangement without a tab; the next one is in front then, or the one before. A pane goes with its last tab. */
export function closed(layout: Arrangement, id: DocumentId): Arrangement {
  const at = paneOf(layout, id)
  if (at < 0) return layout
  return withoutEmptyPane(withPane(layout, at, withoutTab(paneAt(layout, at), id)))
}

/**
 * Returns the arrangement with a document in front of a pane, its tab before the one at `index`. A pane beyond the last
 * one is made, if there is only one.
 */
export function placed(layout: Arrangement, id: DocumentId, pane: number, index: number): Arrangement {
  const at = paneOf(layout, id)
  const before = at === pane ? paneAt(layout, at).tabs.indexOf(id) : -1
  const target = before >= 0 && before < index ? index - 1 : index
  const taken = at < 0 ? layout : withPane(layout, at, withoutTab(paneAt(layout, at), id))
  const panes = pane < taken.panes.length ? taken.panes : [...taken.panes, { tabs: [], front: null }]
  const { tabs } = panes[pane] ?? { tabs: [] }
  const filled = withPane({ ...taken, panes }, pane, { tabs: tabs.toSpliced(target, 0, id), front: id })
  return withoutEmptyPane(activated(filled, pane))
}

/** Returns the arrangement with the next (1) or previous (-1) tab of the active pane in front, around its ends. */
export function stepped(layout: Arrangement, step: 1 | -1): Arrangement {
  const { tabs, front } = paneAt(layout, layout.active)
  const index = front === null ? -1 : tabs.indexOf(front)
  const next = tabs.at((index + step) % tabs.length)
  return next === undefined ? layout : chosen(layout, next)
}

/** Returns the arrangement with the tab in front moved one place on (1) or back (-1), as far as its pane goes. */
export function shifted(layout: Arrangement, step: 1 | -1): Arrangement {
  const { tabs, front } = paneAt(layout, layout.active)
  const index = front === null ? -1 : tabs.indexOf(front)
  const target = index + step
  if (front === null || target < 0 || target >= tabs.length) return layout
  return placed(layout, front, layout.active, step === 1 ? target + 1 : target)
}

/** Returns the arrangement with the keyboard in a pane. */
export const activated = (layout: Arrangement, pane: number): Arrangement => ({
  ...layout,
  active: pane === 1 && layout.panes.length === 2 ? 1 : 0,
})

/** Returns the arrangement with another part of the width for the pane at the left, as far as that may go. */
export const resized = (layout: Arrangement, split: number): Arrangement => ({
  ...layout,
  split: Math.max(splitLimits.least, Math.min(split, splitLimits.most)),
})

/** Returns true if the window can have one more tab. */
export const hasRoom = (layout: Arrangement): boolean => tabsOf(layout).length < maxTabs

/** The pane without the keyboard; the next one to be made, if there is only one. */
const otherPane = ({ panes, active }: Arrangement): number => (panes.length === 1 ? 1 : 1 - active)

const paneAt = ({ panes }: Arrangement, index: number): PaneLayout =>
  panes[index] ?? { tabs: [], front: null }

const withPane = (layout: Arrangement, index: number, pane: PaneLayout): Arrangement => ({
  ...layout,
  panes: layout.panes.with(index, pane),
})

function withoutTab({ tabs, front }: PaneLayout, id: DocumentId): PaneLayout {
  const index = tabs.indexOf(id)
  const rest = tabs.toSpliced(index, 1)
  return { tabs: rest, front: front === id ? (rest[index] ?? rest.at(-1) ?? null) : front }
}

function withoutEmptyPane(layout: Arrangement): Arrangement {
  const filled = layout.panes.filter(({ tabs }) => tabs.length > 0)
  if (layout.panes.length === 1 || filled.length === 2) return layout
  return { ...layout, panes: filled, active: 0 }
}
