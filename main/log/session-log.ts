import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import type { DocumentKeys } from '../keys/derive'
import type { Identity } from '../keys/identity'
import { nonceSize, sealOverhead } from '../keys/seal'
import { type KeyPair, keyPairFromSeed } from '../keys/signature'
import { hashCertificate, makeCertificate } from './format/certificate'
import { maxSegmentSize, maxSeq } from './format/limits'
import { packChanges } from './format/packing'
import { chainNext, chainStart, type Segment, sealSegment, segmentOverhead } from './format/segment'

/** A change to be logged: its bytes, and its hash (32 bytes) for the chain. */
export interface LoggedChange {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

interface Group {
  readonly changes: readonly LoggedChange[]
  readonly packed: Uint8Array
}

const maxPackedSize = maxSegmentSize - segmentOverhead - sealOverhead

/**
 * One session of an author: a fresh key that is kept in memory only, its certificate, and the end of its log. It signs
 * each sequence number once and knows nothing of storage.
 */
export class SessionLog {
  readonly documentId: Uint8Array
  readonly certificate: Uint8Array
  private readonly content: Uint8Array
  private readonly environment: Environment
  private readonly pair: KeyPair
  private seq = 0
  private chain: Uint8Array

  /** Throws ROLE_TOO_LOW when the keys cannot write. `seed` (32 bytes) is for frozen test vectors. */
  constructor(options: {
    documentId: Uint8Array
    keys: DocumentKeys
    identity: Identity
    name: string
    environment: Environment
    seed?: Uint8Array
  }) {
    const { documentId, keys, identity, name, environment } = options
    if (!keys.content) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'write' })
    this.documentId = documentId
    this.content = keys.content
    this.environment = environment
    this.pair = keyPairFromSeed(options.seed ?? environment.random(32))
    const sessionKey = this.pair.publicKey
    this.certificate = makeCertificate({ keys, sessionKey, identity, name, environment })
    this.chain = chainStart(documentId, sessionKey, hashCertificate(this.certificate))
  }

  /** Public key of the session, 32 bytes; also the actor id of its changes. */
  get session(): Uint8Array {
    return this.pair.publicKey
  }

  /** The last sequence number signed; 0 before the first. */
  get tip(): number {
    return this.seq
  }

  /**
   * Seals the next changes as one segment. Throws EDIT_TOO_LARGE, with nothing signed, when there are none or they do
   * not fit one segment.
   */
  seal(changes: readonly LoggedChange[]): Segment {
    const packed = pack(changes)
    if (!packed) throw tooBig()
    return this.sealGroup({ changes, packed })
  }

  /**
   * Seals the next changes as few segments, in order. Throws EDIT_TOO_LARGE, with nothing signed, when a change is
   * bigger than a segment can hold.
   */
  sealAll(changes: readonly LoggedChange[]): Segment[] {
    return cut(changes).map((group) => this.sealGroup(group))
  }

  private sealGroup({ changes, packed }: Group): Segment {
    const seqTo = this.seq + changes.length
    if (seqTo > maxSeq) throw new SwarmpadError('SESSION_OVER')
    const chain = changes.reduce((before, change) => chainNext(before, change.hash), this.chain)
    const segment = sealSegment({
      documentId: this.documentId,
      content: this.content,
      session: this.pair,
      seqFrom: this.seq + 1,
      seqTo,
      prevChain: this.chain,
      chain,
      packed,
      nonce: this.environment.random(nonceSize),
    })
    this.seq = seqTo
    this.chain = chain
    return segment
  }
}

function pack(changes: readonly LoggedChange[]): Uint8Array | null {
  const packed = packChanges(changes.map((change) => change.bytes))
  return packed && packed.length <= maxPackedSize ? packed : null
}

/** Halves changes until each part fits: one segment, the common case, is packed once. */
function cut(changes: readonly LoggedChange[]): Group[] {
  if (changes.length === 0) return []
  const packed = pack(changes)
  if (packed) return [{ changes, packed }]
  if (changes.length === 1) throw tooBig()
  const middle = Math.ceil(changes.length / 2)
  return [...cut(changes.slice(0, middle)), ...cut(changes.slice(middle))]
}

const tooBig = (): SwarmpadError => new SwarmpadError('EDIT_TOO_LARGE')
