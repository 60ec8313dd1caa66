import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import { sameBytes } from '../../keys/bytes'
import { hashFor } from '../../keys/hash'
import { nonceSize, open, seal } from '../../keys/seal'
import { type KeyPair, sign, signatureSize, verify } from '../../keys/signature'
import { decodeWhole } from './encoding'
import { maxSegmentChanges, maxSegmentSize } from './limits'
import { unpackChanges } from './packing'

const version = 1
const changesKind = 0
/** The fields before the hash: what the sealed body is bound to. */
const boundSize = 2 + 32 + 4 + 4 + 32 + 32
const headerSize = boundSize + 32

/** Bytes of a segment that are not its sealed content: header, signature and nonce. */
export const segmentOverhead = headerSize + signatureSize + nonceSize

/** Size of a tip proof in bytes. */
export const tipProofSize = headerSize + signatureSize

/** Header of a stretch of a session's log, signed by the session. */
export interface SegmentHeader {
  /** Public key of the session, 32 bytes. */
  readonly session: Uint8Array
  /** The sequence number of its first change; a session's first is 1. */
  readonly seqFrom: number
  /** Of its last change. */
  readonly seqTo: number
  /** The chain before the first change. */
  readonly prevChain: Uint8Array
  /** The chain after the last change. */
  readonly chain: Uint8Array
  /** Hash of nonce and sealed content. */
  readonly bodyHash: Uint8Array
}

/** A stretch of a session's log as it is stored and passed on. */
export interface Segment extends SegmentHeader {
  /** Header and signature: proves how long the log is, also without the body. */
  readonly tipProof: Uint8Array
  /** The whole encoded segment. */
  readonly bytes: Uint8Array
}

/** Returns chain_0 of a session: bound to the document and to the one certificate that admits it. Rule S1. */
export function chainStart(
  documentId: Uint8Array,
  session: Uint8Array,
  certificateHash: Uint8Array,
): Uint8Array {
  return hashFor('chain', documentId, session, certificateHash)
}

/** Returns chain_n from chain_(n-1) and the hash of change n (32 bytes). Rule S1. */
export function chainNext(chain: Uint8Array, changeHash: Uint8Array): Uint8Array {
  return hashFor('chain', chain, changeHash)
}

/** Size of a mark in bytes. */
export const markSize = 16

/** Mark of an empty history. */
export const noMark: Uint8Array = new Uint8Array(markSize)

/**
 * Returns the mark of a history after its next segment, whose tip proof is given. Histories that differ in a header
 * have different marks from there on. Rule S11.
 */
export function nextMark(mark: Uint8Array, tipProof: Uint8Array): Uint8Array {
  return Uint8Array.from(hashFor('history', mark, headerOf(tipProof)).subarray(0, markSize))
}

/** Seals packed changes and signs the header. The caller ensures that each sequence number is signed once. */
export function sealSegment(options: {
  documentId: Uint8Array
  content: Uint8Array
  session: KeyPair
  seqFrom: number
  seqTo: number
  prevChain: Uint8Array
  chain: Uint8Array
  packed: Uint8Array
  nonce: Uint8Array
}): Segment {
  const bound = Buffer.concat([
    Buffer.of(version, changesKind),
    options.session.publicKey,
    c.encode(c.uint32, options.seqFrom),
    c.encode(c.uint32, options.seqTo),
    options.prevChain,
    options.chain,
  ])
  const sealed = seal(options.content, options.packed, bound, options.nonce)
  const header = Buffer.concat([bound, hashFor('body', options.nonce, sealed)])
  const signature = sign('signSegment', [options.documentId, header], options.session.secretKey)
  return decodeSegment(Buffer.concat([header, signature, options.nonce, sealed]))
}

/**
 * Takes a segment apart. Throws MALFORMED unless its size, its numbers and the hash of its body are right;
 * the signature is left to `verifySegment`. Keeps a view of `bytes`: they must not change. Rules S2, S6.
 */
export function decodeSegment(bytes: Uint8Array): Segment {
  if (bytes.length < segmentOverhead || bytes.length > maxSegmentSize) throw unsound('its size is wrong')
  const tipProof = bytes.subarray(0, tipProofSize)
  const header = decodeTipProof(tipProof)
  if (!sameBytes(hashFor('body', bytes.subarray(tipProofSize)), header.bodyHash))
    throw unsound('its body is another one')
  return { ...header, tipProof, bytes }
}

/** Takes a tip proof (header and signature) apart. Throws MALFORMED; the signature is not checked. */
export function decodeTipProof(bytes: Uint8Array): SegmentHeader {
  return decodeWhole(bytes, (state) => {
    if (c.uint8.decode(state) !== version || c.uint8.decode(state) !== changesKind)
      throw unsound('of an unknown version')
    const session = c.fixed32.decode(state)
    const seqFrom = c.uint32.decode(state)
    const seqTo = c.uint32.decode(state)
    const prevChain = c.fixed32.decode(state)
    const chain = c.fixed32.decode(state)
    const bodyHash = c.fixed32.decode(state)
    c.fixed64.decode(state)
    if (seqFrom < 1 || seqTo < seqFrom || seqTo - seqFrom >= maxSegmentChanges)
      throw unsound('its numbers are wrong')
    return { session, seqFrom, seqTo, prevChain, chain, bodyHash }
  })
}

/** Header of a tip proof: all of it except the signature. */
export const headerOf = (tipProof: Uint8Array): Uint8Array => tipProof.subarray(0, headerSize)

/** Returns true if the session named in a segment signed it for this document. Rule S3. */
export function verifySegment(segment: Segment, documentId: Uint8Array): boolean {
  return verifyTipProof(segment.tipProof, documentId)
}

/** Returns true if the session named in a tip proof signed it for this document. Throws MALFORMED on other bytes. */
export function verifyTipProof(bytes: Uint8Array, documentId: Uint8Array): boolean {
  const { session } = decodeTipProof(bytes)
  const header = headerOf(bytes)
  return verify('signSegment', [documentId, header], bytes.subarray(headerSize), session)
}

/**
 * Decrypts the changes with the content key. Throws MALFORMED when the seal does not open, the content inflates
 * past its bounds, or it is not exactly as many changes as the header says. Rules S4 to S6.
 */
export function openSegment(
  content: Uint8Array,
  segment: Segment,
): { seqFrom: number; changes: Uint8Array[] } {
  const nonce = segment.bytes.subarray(tipProofSize, tipProofSize + nonceSize)
  const sealed = segment.bytes.subarray(tipProofSize + nonceSize)
  const packed = open(content, sealed, segment.tipProof.subarray(0, boundSize), nonce)
  const changes = unpackChanges(packed)
  if (changes.length !== segment.seqTo - segment.seqFrom + 1)
    throw new SwarmpadError('MALFORMED', { why: 'segment: another number of changes', fault: 'COUNT_WRONG' })
  return { seqFrom: segment.seqFrom, changes }
}

const unsound = (reason: string): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: `segment: ${reason}` })
