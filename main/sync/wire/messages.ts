import c, { type State } from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import { fromHex, hex } from '../../base/hex'
import { decodeWhole } from '../../log/format/encoding'
import { maxSnapshotSize, snapshotPartSize } from '../../log/format/limits'
import { bucketCount, bucketDigestSize, type Extent, type SessionId } from '../../log/format/version-vector'

/** The messages of a document's channel, by their place on the wire; those of its parts follow. Rule W20. */
export const messageTypes = [
  'manifest',
  'have',
  'vector',
  'want',
  'enough',
  'certificate',
  'segment',
  'credit',
  'presence',
  'receipt',
  'fork',
  'relay',
  'offer',
  'fetch',
  'part',
  'holder',
  'ask',
  'signed',
  'full',
  'introduction',
  'rest',
  'neighbours',
] as const

/** A message's name. */
export type MessageType = (typeof messageTypes)[number]

const known: ReadonlySet<string> = new Set(messageTypes)

/** Returns true for the name of a message of the document itself, not of one of its parts. */
export const isMessageType = (name: string): name is MessageType => known.has(name)

/** A session and the sender's extent of it. */
export type Entry = readonly [session: SessionId, extent: Extent]

/** Maximum number of entries in one vector or receipt. Rule W21. */
export const maxEntries = 1_000

/** A page of the sender's entries for differing buckets. */
export interface VectorPage {
  /** True for the last page: the sender has announced everything that it holds. */
  readonly last: boolean
  readonly entries: readonly Entry[]
}

/** A request for a session's segments. */
export interface Want {
  readonly session: SessionId
  /** Tip of the session at the sender. */
  readonly after: number
}

/** Description of the sender's snapshot. */
export interface Offer {
  readonly id: Uint8Array
  /** Bytes. */
  readonly size: number
  /** Number of changes in it, of all sessions together. */
  readonly changes: number
}

/** A request for a part of a snapshot, by its index from 0 on. */
export interface Fetch {
  readonly id: Uint8Array
  readonly index: number
}

/** A requested part of a snapshot. */
export interface Part {
  readonly index: number
  readonly bytes: Uint8Array
}

const bitmapSize = bucketCount / 8
const relayKeySize = 32
const restSize = 32

/** Encodes digests of all buckets: a bit for each that is not empty, then their digests. */
export function encodeHave(digests: Uint8Array): Uint8Array {
  const bitmap = Buffer.alloc(bitmapSize)
  const parts: Uint8Array[] = [bitmap]
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const digest = digests.subarray(bucket * bucketDigestSize, (bucket + 1) * bucketDigestSize)
    if (digest.every((byte) => byte === 0)) continue
    bitmap[bucket >> 3] = (bitmap[bucket >> 3] ?? 0) | (1 << (bucket & 7))
    parts.push(digest)
  }
  return Buffer.concat(parts)
}

/** Decodes the digests of all buckets, zeros for empty ones. Throws MALFORMED. */
export function decodeHave(bytes: Uint8Array): Uint8Array {
  const digests = Buffer.alloc(bucketCount * bucketDigestSize)
  let at = bitmapSize
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    if ((((bytes[bucket >> 3] ?? 0) >> (bucket & 7)) & 1) === 0) continue
    digests.set(bytes.subarray(at, at + bucketDigestSize), bucket * bucketDigestSize)
    at += bucketDigestSize
  }
  if (at !== bytes.length) throw invalid()
  return digests
}

/** Cuts entries into lists that fit a message; one empty list for none. */
export function pagesOf(entries: readonly Entry[]): (readonly Entry[])[] {
  const pages: (readonly Entry[])[] = []
  for (let start = 0; start === 0 || start < entries.length; start += maxEntries)
    pages.push(entries.slice(start, start + maxEntries))
  return pages
}

/** Encodes a page of a vector, with `maxEntries` at most. */
export function encodeVector({ last, entries }: VectorPage): Uint8Array {
  return Buffer.concat([Buffer.of(last ? 1 : 0), encodeReceipt(entries)])
}

/** Decodes what `encodeVector` made. Throws MALFORMED. */
export function decodeVector(bytes: Uint8Array): VectorPage {
  return decodeWhole(bytes, (state) => {
    const last = c.uint8.decode(state)
    if (last > 1) throw invalid()
    return { last: last === 1, entries: readEntries(state) }
  })
}

/** Encodes the extents of sessions that became durable at the sender, `maxEntries` at most. */
export function encodeReceipt(entries: readonly Entry[]): Uint8Array {
  return Buffer.concat([
    c.encode(c.uint, entries.length),
    ...entries.flatMap(([session, { base, tip, mark }]) => [
      fromHex(session),
      c.encode(c.uint, base),
      c.encode(c.uint, tip),
      mark,
    ]),
  ])
}

/** Decodes what `encodeReceipt` made. Throws MALFORMED. */
export function decodeReceipt(bytes: Uint8Array): Entry[] {
  return decodeWhole(bytes, readEntries)
}

/** Encodes a want. */
export function encodeWant({ session, after }: Want): Uint8Array {
  return Buffer.concat([fromHex(session), c.encode(c.uint, after)])
}

/** Decodes a want. Throws MALFORMED. */
export function decodeWant(bytes: Uint8Array): Want {
  return decodeWhole(bytes, (state) => ({ session: hex(c.fixed32.decode(state)), after: sequence(state) }))
}

/** Decodes the id of a session that the sender gets from others. Throws MALFORMED. */
export function decodeEnough(bytes: Uint8Array): SessionId {
  return decodeWhole(bytes, (state) => hex(c.fixed32.decode(state)))
}

/** Encodes a number of bytes that may be sent. */
export function encodeCredit(size: number): Uint8Array {
  return c.encode(c.uint, size)
}

/** Decodes a credit. Throws MALFORMED above 2^31. */
export function decodeCredit(bytes: Uint8Array): number {
  return decodeWhole(bytes, (state) => {
    const size = c.uint.decode(state)
    if (size > 2 ** 31) throw invalid()
    return size
  })
}

function readEntries(state: State): Entry[] {
  const count = c.uint.decode(state)
  if (count > maxEntries) throw invalid()
  return Array.from({ length: count }, () => {
    const session = hex(c.fixed32.decode(state))
    const base = sequence(state)
    const tip = sequence(state)
    if (base > tip || tip === 0) throw invalid()
    const mark = c.fixed16.decode(state)
    return [session, { base, tip, mark }] as const
  })
}

function sequence(state: State): number {
  const value = c.uint.decode(state)
  if (value > 0xffff_ffff) throw invalid()
  return value
}

const invalid = (): SwarmpadError => new SwarmpadError('MALFORMED', { why: 'a message that cannot be read' })

/** Encodes the key under which the sender relays for peers of the document; null to withdraw it. Rule N12. */
export function encodeRelay(key: Uint8Array | null): Uint8Array {
  return key ?? new Uint8Array(0)
}

/** Decodes the key in a RELAY, or null. Throws MALFORMED. */
export function decodeRelay(body: Uint8Array): Uint8Array | null {
  if (body.length === 0) return null
  if (body.length !== relayKeySize) throw new SwarmpadError('MALFORMED', { why: 'a relay without a key' })
  return Uint8Array.from(body)
}

/** Encodes the offer of a snapshot; null to withdraw it. Rule W60. */
export function encodeOffer(offer: Offer | null): Uint8Array {
  if (!offer) return new Uint8Array(0)
  return Buffer.concat([offer.id, c.encode(c.uint, offer.size), c.encode(c.uint, offer.changes)])
}

/** Decodes the offer of a snapshot, or null. Throws MALFORMED. */
export function decodeOffer(bytes: Uint8Array): Offer | null {
  if (bytes.length === 0) return null
  return decodeWhole(bytes, (state) => {
    const id = Uint8Array.from(c.fixed32.decode(state))
    const size = c.uint.decode(state)
    const changes = c.uint.decode(state)
    if (size === 0 || size > maxSnapshotSize || !Number.isSafeInteger(changes)) throw invalid()
    return { id, size, changes }
  })
}

/** Encodes a request for a part of a snapshot. Rule W61. */
export function encodeFetch({ id, index }: Fetch): Uint8Array {
  return Buffer.concat([id, c.encode(c.uint, index)])
}

/** Decodes a fetch. Throws MALFORMED. */
export function decodeFetch(bytes: Uint8Array): Fetch {
  return decodeWhole(bytes, (state) => ({
    id: Uint8Array.from(c.fixed32.decode(state)),
    index: partIndex(state),
  }))
}

/** Encodes a part of a snapshot. Rule W61. */
export function encodePart({ index, bytes }: Part): Uint8Array {
  return Buffer.concat([c.encode(c.uint, index), bytes])
}

/** Decodes a part: its bytes are a view. Throws MALFORMED. */
export function decodePart(body: Uint8Array): Part {
  return decodeWhole(body, (state) => {
    const index = partIndex(state)
    const bytes = body.subarray(state.start)
    if (bytes.length === 0 || bytes.length > snapshotPartSize) throw invalid()
    state.start = state.end
    return { index, bytes }
  })
}

function partIndex(state: State): number {
  const index = c.uint.decode(state)
  if (index * snapshotPartSize >= maxSnapshotSize) throw invalid()
  return index
}

/** Encodes true if the sender is out of room and takes nothing more. Rule W36. */
export function encodeFull(full: boolean): Uint8Array {
  return Buffer.of(full ? 1 : 0)
}

/** Decodes what `encodeFull` made. Throws MALFORMED. */
export function decodeFull(bytes: Uint8Array): boolean {
  const [full = 2] = bytes
  if (bytes.length !== 1 || full > 1) throw invalid()
  return full === 1
}

/** Decodes the digest of the state in which the sender has nothing to say. Throws MALFORMED. Rule W83. */
export function decodeRest(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== restSize) throw invalid()
  return bytes
}
