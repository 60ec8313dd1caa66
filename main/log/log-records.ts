import type { Write } from '../storage/store'
import type { Segment } from './format/segment'
import { type SessionRecord, segmentKey, sessionKey, sizeKey } from './format/store-keys'
import type { SessionId } from './format/version-vector'
import type { Accepted, Rebased, Session } from './session'

/** An entry to be written in one batch. */
export interface LogEntry {
  readonly segments: readonly Accepted[]
  readonly proof: { readonly session: Uint8Array; readonly bytes: Uint8Array } | null
  readonly rebased: readonly Rebased[]
  /** Other records, written after all that. */
  readonly records: readonly Write[]
}

/**
 * Returns the records of entries, to be written in one batch: segments with their sessions' tips, and the certificate
 * with the first segment of a session. Rules C6, S9.
 */
export function writesOf(documentId: Uint8Array, entries: readonly LogEntry[]): Write[] {
  const writes: Write[] = []
  const tips = new Map<Session, Accepted>()
  for (const { segments, proof, rebased, records } of entries) {
    writes.push(...rebased.flatMap((one) => baseWrites(documentId, one)), ...records)
    if (proof) writes.push({ key: sessionKey('fork', documentId, proof.session), value: proof.bytes })
    for (const accepted of segments) {
      const { segment, session, cut } = accepted
      for (const end of cut?.ends ?? [])
        writes.push({ key: segmentKey(documentId, session.key, end), value: null })
      if (segment.seqFrom === 1) writes.push(...admissionWrites(documentId, session))
      writes.push(...segmentWrites(documentId, [segment]))
      tips.set(session, accepted)
    }
  }
  for (const { session, segment, mark } of tips.values()) {
    const value = Buffer.concat([segment.tipProof, mark])
    writes.push({ key: sessionKey('tip', documentId, session.key), value })
  }
  return writes
}

/** Returns the records of segments alone. */
export const segmentWrites = (documentId: Uint8Array, segments: readonly Segment[]): Write[] =>
  segments.map(({ session, seqTo, bytes }) => ({ key: segmentKey(documentId, session, seqTo), value: bytes }))

/** Returns all records of a session except its segments. */
export function sessionWrites(documentId: Uint8Array, session: Session): Write[] {
  const { key, certificate, tipProof, mark, base, own, fork } = session
  const of = (kind: SessionRecord, ...parts: readonly Uint8Array[]): Write => ({
    key: sessionKey(kind, documentId, key),
    value: Buffer.concat(parts),
  })
  return [
    of('certificate', certificate),
    of('tip', tipProof, mark),
    ...(base ? [of('base', base.tipProof, base.mark)] : []),
    ...(own ? [of('own')] : []),
    ...(fork ? [of('fork', fork)] : []),
  ]
}

/** Returns the record that marks a session as made in this profile. */
export const ownWrite = (documentId: Uint8Array, session: Session): Write => ({
  key: sessionKey('own', documentId, session.key),
  value: new Uint8Array(0),
})

/** Returns the record of the bytes of others' segments, for the batch that these are written in. Rule S14. */
export function sizeWrite(documentId: Uint8Array, size: number): Write {
  const value = Buffer.alloc(16)
  // Twice, so that a flipped bit does not make it another size.
  for (const place of [0, 8]) value.writeBigUInt64BE(BigInt(size), place)
  return { key: sizeKey(documentId), value }
}

/** Returns the record of damage: a session (the snapshot has an id of its own) and the number that was held. */
export function damageWrite(documentId: Uint8Array, key: Uint8Array, target: number): Write {
  const value = Buffer.alloc(4)
  value.writeUInt32BE(target)
  return { key: sessionKey('harm', documentId, key), value }
}

/** The id that stands for the snapshot among damaged sessions; it is no session's key. */
export const damagedSnapshot: SessionId = '00'.repeat(32)

function admissionWrites(documentId: Uint8Array, session: Session): Write[] {
  const admission = { key: sessionKey('certificate', documentId, session.key), value: session.certificate }
  return session.own ? [admission, ownWrite(documentId, session)] : [admission]
}

/** Returns the records of a base; a session of which less was held, or nothing, is held to its base with them. Rule T4. */
function baseWrites(documentId: Uint8Array, { session, base, raises }: Rebased): Write[] {
  const value = Buffer.concat([base.tipProof, base.mark])
  const write = { key: sessionKey('base', documentId, session.key), value }
  if (!raises) return [write]
  const certificate = { key: sessionKey('certificate', documentId, session.key), value: session.certificate }
  return [write, certificate, { key: sessionKey('tip', documentId, session.key), value }]
}
