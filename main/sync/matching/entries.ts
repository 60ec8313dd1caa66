import { SwarmpadError } from '../../base/errors'
import { kdf } from '../../keys/hash'
import type { Connection } from '../../network/network'

/** Bytes of a tag, and of the digest beside it. Rule W80. */
const tagSize = 8
/** Bytes of an entry of a list: a tag and a digest. */
const entrySize = 2 * tagSize
/** Numbers of entries that a list may have: it is padded to the next. Rule W80. */
export const listLengths = [256, 1_024, 4_096, 16_384] as const
/** Number of entries in each addition to a list. Rule W80. */
export const additionLength = 256

/** A document's tags on one connection, one character a byte, so that they can be keys of a Map. */
export interface Tags {
  /** The tag that this side says. */
  readonly own: string
  /** The tag that the peer says if it shares the document. */
  readonly remote: string
}

/** Returns the tags of the document with that keep secret. They differ by side, so an echoed tag is worthless. Rule W80. */
export function tagsOf(keep: Uint8Array, { handshakeHash, isInitiator }: Connection): Tags {
  const both = kdf(keep, 'match', handshakeHash)
  const initiator = both.toString('latin1', 0, tagSize)
  const responder = both.toString('latin1', tagSize, 2 * tagSize)
  return isInitiator ? { own: initiator, remote: responder } : { own: responder, remote: initiator }
}

/**
 * Returns the digest that stands beside a tag, one character a byte. `state` is the digest of the document's state,
 * 32 bytes; `hasSnapshot` is true where a snapshot is stored too. Rule W81.
 */
export function stateTag(
  keep: Uint8Array,
  { handshakeHash }: Connection,
  { state, hasSnapshot }: { state: Uint8Array; hasSnapshot: boolean },
): string {
  const digest = kdf(keep, 'matchState', handshakeHash, state, Buffer.of(hasSnapshot ? 1 : 0))
  return digest.toString('latin1', 0, tagSize)
}

/** Encodes entries, or tags alone, in the order of the tags, which says nothing about the documents. */
export function encodeEntries(entries: readonly string[]): Uint8Array {
  return Buffer.from([...entries].sort().join(''), 'latin1')
}

/**
 * Decodes entries, mapping tags to digests. Throws MALFORMED unless there are as many as one of `lengths`, in the
 * order of their tags, with no tag twice.
 */
export function decodeEntries(bytes: Uint8Array, lengths: readonly number[]): Map<string, string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!lengths.includes(text.length / entrySize)) throw invalid()
  const entries = new Map<string, string>()
  let last = ''
  for (let at = 0; at < text.length; at += entrySize) {
    const tag = text.slice(at, at + tagSize)
    if (tag <= last) throw invalid()
    last = tag
    entries.set(tag, text.slice(at + tagSize, at + entrySize))
  }
  return entries
}

/** Decodes tags without digests. Throws MALFORMED unless there are 1 to 256, in order, none twice. Rule W80. */
export function decodeTags(bytes: Uint8Array): ReadonlySet<string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const count = text.length / tagSize
  if (!Number.isInteger(count) || count < 1 || count > additionLength) throw invalid()
  const tags = Array.from({ length: count }, (_, n) => text.slice(n * tagSize, (n + 1) * tagSize))
  if (tags.some((tag, n) => n > 0 && tag <= (tags[n - 1] ?? ''))) throw invalid()
  return new Set(tags)
}

const invalid = (): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'a list of tags that cannot be read' })
