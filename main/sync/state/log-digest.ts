import c from 'compact-encoding'
import { fromHex } from '../../base/hex'
import { hashFor } from '../../keys/hash'
import { noMark } from '../../log/format/segment'
import type { SessionId, VersionVector } from '../../log/format/version-vector'

/**
 * Returns 32 bytes that are equal where two hold the same of all sessions, and know of the same ones that they have two
 * histories. Rule W81.
 */
export function logDigest(vector: VersionVector, forks: ReadonlyMap<SessionId, unknown>): Uint8Array {
  const entries = [...vector.keys()].sort().map((session) => {
    const { tip, mark } = vector.get(session) ?? { tip: 0, mark: noMark }
    return Buffer.concat([
      fromHex(session),
      c.encode(c.uint32, tip),
      mark,
      Buffer.of(forks.has(session) ? 1 : 0),
    ])
  })
  return hashFor('state', ...entries)
}

/** Returns 32 bytes that are equal where two who share a document have nothing to tell each other. Rule W81. */
export function stateDigest(options: {
  /** The digest of the log. */
  readonly log: Uint8Array
  readonly hasManifest: boolean
  /** Digests of the document's other data, in the order of their messages. */
  readonly parts: readonly Uint8Array[]
}): Uint8Array {
  const { log, hasManifest, parts } = options
  return hashFor('matchState', log, Buffer.of(hasManifest ? 1 : 0), ...parts)
}
