import type { DocumentId } from '../../preload/contract/ids'
import type { WindowLayout } from '../../preload/contract/layout'

/** Returns true if a layout has a tab for a document. */
export const hasTab = (layout: WindowLayout, id: DocumentId): boolean =>
  layout.panes.some(({ tabs }) => tabs.includes(id))

/** Returns the documents that had a tab before and have none now. */
export const leftTabs = (before: WindowLayout | null, now: WindowLayout): DocumentId[] =>
  (before?.panes ?? []).flatMap(({ tabs }) => tabs.filter((id) => !hasTab(now, id)))
