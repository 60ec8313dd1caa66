import c from 'compact-encoding'
import { fromHex } from '../../base/hex'
import { hashFor } from '../../keys/hash'
import { noMark } from './segment'

/** 64 lower-case hex letters of a session's public key. */
export type SessionId = string

/**
 * The held part of a session's log: segments from `base` + 1 to `tip`. Changes up to `base` are in a
 * snapshot; `base` is 0 without one.
 */
export interface Extent {
  readonly base: number
  readonly tip: number
  /** 16 bytes that stand for all headers up to the tip (S11): histories that differ have other marks. */
  readonly mark: Uint8Array
}

/** The held extent of each session; a session of which nothing is held is absent. */
export type VersionVector = ReadonlyMap<SessionId, Extent>

/** Buckets in a digest: one for each first byte of a session key. */
export const bucketCount = 256

/** Bytes of one bucket's digest. */
export const bucketDigestSize = 8

/** Returns true if `a` holds all that `b` holds. */
export function covers(a: VersionVector, b: VersionVector): boolean {
  for (const [session, extent] of b) if ((a.get(session)?.tip ?? 0) < extent.tip) return false
  return true
}

/** Returns the bucket of a session: the first byte of its key. */
export function bucketOf(session: SessionId): number {
  return Number.parseInt(session.slice(0, 2), 16)
}

/**
 * Returns 256 digests of 8 bytes in one piece: of all entries of a bucket, sorted by session, or zeros for a
 * bucket with none. Vectors that are equal but for their bases give equal digests. Rule V2.
 */
export function bucketDigests(vector: VersionVector): Uint8Array {
  const buckets = new Map<number, Buffer[]>()
  for (const session of [...vector.keys()].sort()) {
    const { tip, mark } = vector.get(session) ?? { tip: 0, mark: noMark }
    const entry = Buffer.concat([fromHex(session), c.encode(c.uint32, tip), mark])
    const entries = buckets.get(bucketOf(session))
    if (entries) entries.push(entry)
    else buckets.set(bucketOf(session), [entry])
  }
  const digests = Buffer.alloc(bucketCount * bucketDigestSize)
  for (const [bucket, entries] of buckets)
    hashFor('bucket', ...entries).copy(digests, bucket * bucketDigestSize, 0, bucketDigestSize)
  return digests
}
