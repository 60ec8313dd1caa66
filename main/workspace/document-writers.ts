import { maxReceivers } from '../../preload/contract/shapes'
import type { Writer } from '../../preload/contract/sharing'
import { hex } from '../base/hex'
import { fingerprint, type Identity } from '../keys/identity'
import { authorsOf } from '../log/authors'
import type { DocumentLog } from '../log/document-log'
import type { PeerState } from '../sync/state/peer-state'

/**
 * Returns the other people who write in a document and can be given a new link, 255 at most: those present with
 * the write link first, then those whose edits are stored. Opens all certificates with the content key.
 */
export function writersOf({
  peers,
  log,
  content,
  self,
}: {
  readonly peers: readonly PeerState[]
  readonly log: DocumentLog
  readonly content: Uint8Array | null
  readonly self: Identity
}): Writer[] {
  const present = peers.flatMap(({ authorKey, name, role }) =>
    authorKey && role === 'write' ? [{ authorKey, name, here: true }] : [],
  )
  const stored = content ? authorsOf({ log, content }).map((author) => ({ ...author, here: false })) : []
  const writers = new Map<string, Writer>()
  for (const { authorKey, name, here } of [...present, ...stored]) {
    const key = hex(authorKey)
    if (!writers.has(key)) writers.set(key, { key, name, fingerprint: fingerprint(authorKey), here })
  }
  writers.delete(hex(self.publicKey))
  return [...writers.values()].slice(0, maxReceivers)
}
