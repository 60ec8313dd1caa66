import type { DocumentSummary } from '../../../preload/contract/library'
import type { MenuEntry } from '../../components/ContextMenu.svelte'

/** Actions of the menu of one document. */
export interface OneAction {
  readonly open: () => void
  readonly openInTab: () => void
  readonly openBeside: () => void
  readonly openInWindow: () => void
  readonly copyLink: () => void
  readonly saveCopy: () => void
}

/** Actions on documents, one or several. */
export interface ManyActions {
  readonly pin: (pinned: boolean) => void
  readonly move: () => void
  readonly archive: (archived: boolean) => void
  readonly saveCopies: () => void
  readonly remove: () => void
}

/** Actions of the menu of a folder. */
export interface FolderActions {
  readonly newDocument: () => void
  readonly newFolder: () => void
  readonly rename: () => void
  readonly dissolve: () => void
}

/** Returns the menu of documents; of one, with the ways to open it. */
export function documentEntries(
  documents: readonly DocumentSummary[],
  one: OneAction,
  { pin, move, archive, saveCopies, remove }: ManyActions,
): MenuEntry[] {
  const [first] = documents
  if (!first) return []
  const isOne = documents.length === 1
  const pinned = documents.every((document) => document.pinned)
  const archived = documents.every((document) => document.archived)
  return [
    ...(isOne ? openingEntries(one) : []),
    { icon: 'pin', label: pinned ? 'Unpin' : 'Pin', divided: isOne, act: () => pin(!pinned) },
    { icon: 'folder', label: 'Move to folder…', act: move },
    {
      icon: 'archive',
      label: archived ? 'Take out of the archive' : 'Archive',
      act: () => archive(!archived),
    },
    ...(isOne
      ? leavingEntries(first, one)
      : [{ icon: 'save' as const, label: 'Save copies…', divided: true, act: saveCopies }]),
    { icon: 'remove', label: 'Remove', act: remove },
  ]
}

const leavingEntries = ({ role }: DocumentSummary, { copyLink, saveCopy }: OneAction): MenuEntry[] => [
  { icon: 'link', label: `Copy ${role} link`, divided: true, act: copyLink },
  { icon: 'save', label: 'Save a copy…', act: saveCopy },
]

const openingEntries = ({ open, openInTab, openBeside, openInWindow }: OneAction): MenuEntry[] => [
  { icon: 'document', label: 'Open', act: open },
  { icon: 'tab', label: 'Open in new tab', act: openInTab },
  { icon: 'aside', label: 'Open beside', act: openBeside },
  { icon: 'window', label: 'Open in new window', act: openInWindow },
]

/** Returns the menu of a folder. */
export const folderEntries = ({ newDocument, newFolder, rename, dissolve }: FolderActions): MenuEntry[] => [
  { icon: 'add', label: 'New document here', act: newDocument },
  { icon: 'folder', label: 'New folder here…', act: newFolder },
  { icon: 'document', label: 'Rename or move…', divided: true, act: rename },
  { icon: 'restore', label: 'Take the documents out of it', act: dissolve },
]
