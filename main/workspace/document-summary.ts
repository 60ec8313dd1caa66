import type { DocumentId } from '../../preload/contract/ids'
import type { DocumentSummary } from '../../preload/contract/library'
import { isOwnDevice } from '../keys/devices'
import type { Identity } from '../keys/identity'
import type { LibraryEntry } from '../library/library-entry'
import type { Arranged } from '../personal/arrangement'
import type { KeptDocument } from './kept-document'

interface SummaryParts {
  readonly arranged: Arranged
  readonly kept: KeptDocument | null
  readonly self: Identity
  readonly tags: readonly string[]
}

/**
 * Returns a document's summary for `self`, as they arranged it; `kept` adds what only an open log knows, `tags` what its
 * text says.
 */
export function documentSummary(
  id: DocumentId,
  entry: LibraryEntry,
  { arranged, kept, self, tags }: SummaryParts,
): DocumentSummary {
  const people = (kept?.peers.peers ?? []).filter(
    (peer) => peer.role !== 'keep' && !peer.outdated && !isOwnDevice(peer, self),
  )
  const open = kept?.document?.summary
  return {
    id,
    title: open && !open.loading ? open.title : entry.title,
    role: entry.keys.role === 'write' ? 'write' : 'read',
    editedAt: entry.editedAt,
    createdAt: entry.createdAt,
    people: people.map((peer) => peer.name),
    waiting: entry.waiting && !kept?.log.holdsOthers,
    replaced: entry.successors.length > 0,
    ...arranged,
    tags,
  }
}
