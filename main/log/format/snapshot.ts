import c from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'
import { hex } from '../../base/hex'
import { nextTurn } from '../../base/next-turn'
import { sameBytes } from '../../keys/bytes'
import type { DocumentKeys } from '../../keys/derive'
import { hashFor } from '../../keys/hash'
import { nonceSize, open, seal, sealOverhead } from '../../keys/seal'
import { sign, signatureSize, verify } from '../../keys/signature'
import { certificateSize, decodeCertificate, verifyCertificate } from './certificate'
import { decodeWhole } from './encoding'
import { maxSnapshotContentSize, maxSnapshotSessions, maxSnapshotSize } from './limits'
import { pack, unpack } from './packing'
import { chainStart, decodeTipProof, markSize, tipProofSize, verifyTipProof } from './segment'
import type { SessionId } from './version-vector'

const version = 1
const fixedSize = 1 + 8 + 4
const entrySize = certificateSize + tipProofSize + markSize
const endSize = 4 + 32 + signatureSize
/** Sessions that are checked before other work gets its turn: about 10 ms. */
const checksPerTurn = 64

/** End of a session in a snapshot, with its proof. */
export interface SettledSession {
  readonly session: SessionId
  /** The number of its last change that is in it. */
  readonly seq: number
  readonly certificate: Uint8Array
  /** Of the segment that ends there. */
  readonly tipProof: Uint8Array
  /** After that segment (S11). */
  readonly mark: Uint8Array
}

/** A snapshot taken apart: a document as it stands after a stretch of each session's log. */
export interface Snapshot {
  /** 32 bytes that stand for all of it. */
  readonly id: Uint8Array
  /** Time by its maker's clock, in ms since the Unix epoch. */
  readonly madeAt: number
  /** Sorted by session. */
  readonly sessions: readonly SettledSession[]
  /** Changes in it, all sessions together. */
  readonly changes: number
  /** The fields before the nonce, and the whole. */
  readonly header: Uint8Array
  readonly bytes: Uint8Array
}

/** Packs a document's content as a segment's is packed; null when it exceeds a snapshot. Rule T2. */
export const packDocument = (plain: Uint8Array): Uint8Array | null =>
  plain.length > maxSnapshotContentSize ? null : pack(plain)

/** Inverse of `packDocument`. Throws MALFORMED. Inflates no more than the stated size. */
export const unpackDocument = (packed: Uint8Array): Uint8Array => unpack(packed, maxSnapshotContentSize)

/**
 * Seals a packed document and signs for it with W. Returns null when the result exceeds the size of a snapshot. Throws
 * ROLE_TOO_LOW when the keys cannot write. Rules T1 to T3.
 */
export function sealSnapshot(options: {
  keys: DocumentKeys
  sessions: readonly SettledSession[]
  packed: Uint8Array
  nonce: Uint8Array
  madeAt: number
}): Snapshot | null {
  const { keys, packed, nonce } = options
  if (!keys.sign || !keys.content) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'write' })
  const sessions = [...options.sessions].sort((a, b) => (a.session < b.session ? -1 : 1))
  const size = fixedSize + sessions.length * entrySize + endSize + nonce.length + packed.length + sealOverhead
  if (sessions.length > maxSnapshotSessions || size > maxSnapshotSize) return null
  const bound = Buffer.concat([
    Buffer.of(version),
    c.encode(c.uint64, options.madeAt),
    c.encode(c.uint32, sessions.length),
    ...sessions.flatMap(({ certificate, tipProof, mark }) => [certificate, tipProof, mark]),
  ])
  const sealed = seal(keys.content, packed, hashFor('snapshot', bound), nonce)
  const body = Buffer.concat([nonce, sealed])
  const signed = Buffer.concat([bound, c.encode(c.uint32, body.length), hashFor('snapshotBody', body)])
  const signature = sign('signSnapshot', [keys.documentId, signed], keys.sign)
  return decodeSnapshot(Buffer.concat([signed, signature, body]))
}

/**
 * Takes a snapshot apart. Throws MALFORMED unless its sizes, its numbers and the hash of its body are right;
 * signatures are left to `verifySnapshot`. Keeps views of `bytes`: they must not change. Rule T1.
 */
export function decodeSnapshot(bytes: Uint8Array): Snapshot {
  if (bytes.length > maxSnapshotSize) throw unsound('it is too large')
  return decodeWhole(bytes, (state) => {
    if (c.uint8.decode(state) !== version) throw unsound('of an unknown version')
    const madeAt = c.uint64.decode(state)
    const count = c.uint32.decode(state)
    if (count > maxSnapshotSessions || count * entrySize > bytes.length) throw unsound('its size is wrong')
    const sessions = Array.from({ length: count }, () => ({
      certificate: c.fixed(certificateSize).decode(state),
      tipProof: c.fixed(tipProofSize).decode(state),
      mark: c.fixed(markSize).decode(state),
    })).map(settled)
    if (sessions.some(({ session }, index) => index > 0 && session <= (sessions[index - 1]?.session ?? '')))
      throw unsound('its sessions are in disorder')
    const bodySize = c.uint32.decode(state)
    const bodyHash = c.fixed32.decode(state)
    c.fixed64.decode(state)
    const header = bytes.subarray(0, state.start)
    const body = bytes.subarray(state.start)
    if (body.length !== bodySize || bodySize < nonceSize + sealOverhead) throw unsound('its size is wrong')
    if (!sameBytes(hashFor('snapshotBody', body), bodyHash)) throw unsound('its content is another one')
    state.start = state.end
    const changes = sessions.reduce((sum, { seq }) => sum + seq, 0)
    return { id: hashFor('snapshot', header), madeAt, sessions, changes, header, bytes }
  })
}

/**
 * Checks what anyone can who knows W (`verifyKey`): W's signature, and for each session its certificate and the
 * signature of its tip. Gives way to other work in between. Rejects with MALFORMED. Rule T3.
 */
export async function verifySnapshot(
  { header, sessions }: Snapshot,
  documentId: Uint8Array,
  verifyKey: Uint8Array,
): Promise<void> {
  const signed = header.subarray(0, header.length - signatureSize)
  const signature = header.subarray(header.length - signatureSize)
  if (!verify('signSnapshot', [documentId, signed], signature, verifyKey))
    throw unsound('not signed for this document')
  for (const [index, { certificate, tipProof }] of sessions.entries()) {
    if (index % checksPerTurn === 0) await nextTurn()
    const { session, hash } = verifyCertificate(certificate, documentId, verifyKey)
    if (!verifyTipProof(tipProof, documentId)) throw unsound('a tip is not signed by its session')
    const { seqFrom, prevChain } = decodeTipProof(tipProof)
    if (seqFrom === 1 && !sameBytes(prevChain, chainStart(documentId, session, hash)))
      throw unsound('a session does not begin with its certificate')
  }
}

/** Decrypts the document with the content key. Throws MALFORMED when the seal does not open or it does not inflate. */
export function openSnapshot(content: Uint8Array, { header, bytes }: Snapshot): Uint8Array {
  const bound = header.subarray(0, header.length - endSize)
  const nonce = bytes.subarray(header.length, header.length + nonceSize)
  const sealed = bytes.subarray(header.length + nonceSize)
  return unpackDocument(open(content, sealed, hashFor('snapshot', bound), nonce))
}

function settled(entry: Pick<SettledSession, 'certificate' | 'tipProof' | 'mark'>): SettledSession {
  const { session, seqTo } = decodeTipProof(entry.tipProof)
  if (!sameBytes(decodeCertificate(entry.certificate).session, session))
    throw unsound('a certificate is for another session')
  return { ...entry, session: hex(session), seq: seqTo }
}

const unsound = (reason: string): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: `snapshot: ${reason}` })
