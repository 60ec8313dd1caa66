import { SwarmpadError } from '../errors'
import { hex } from '../hex'
import { sameBytes } from '../keys/bytes'
import { hashCertificate } from '../log/certificate'
import {
  chainNext,
  chainStart,
  decodeSegment,
  decodeTipProof,
  openSegment,
  type Segment,
} from '../log/segment'
import type { SettledSession } from '../log/snapshot'
import { type ChangeHeader, readChangeHeader } from './change-header'

/** Most operations that one change may hold. Own changes are cut well below. */
export const maxOperations = 10_000

/** A stored segment on its way to the document, with the certificate of its session. */
export interface SealedSegment {
  readonly segment: Uint8Array
  readonly certificate: Uint8Array
}

/** Why nothing of a session is read from a change on. The reason is for logs, without text or keys. */
export interface Fault {
  /** Hex. */
  readonly session: string
  /** The first sequence number that is left out. */
  readonly seq: number
  readonly reason: string
}

/** A change that passed all checks, with everything that it builds on here or before it in the same batch. */
export interface ReadyChange extends ChangeHeader {
  readonly bytes: Uint8Array
}

interface SessionState {
  readonly id: string
  /** Of the last change taken. */
  seq: number
  chain: Uint8Array
  /** Sound so far, waiting for changes that they build on. */
  readonly queue: ReadyChange[]
  /** The first sequence number that is left out; null while all are read. */
  end: number | null
  /** How many of its changes were in the snapshot. */
  readonly settled: number
  /** The counters of the last operation of each change that was let through since. */
  readonly ends: number[]
}

/**
 * Stands between stored segments and Automerge, and lets through only what every author's own checks
 * would let through: the verdict is a function of the bytes alone, so all peers come to the same one.
 * Order of checks: seal, inflate with a bound, chunk type and checksum, actor is the session, seq
 * without gaps, chain, size, then everything that it builds on is here, then `startOp`. Rules D2 to D5.
 */
export class Intake {
  private readonly documentId: Uint8Array
  private readonly contentKey: Uint8Array
  private readonly maxOpOf: (hash: string) => number | null
  private readonly sessions = new Map<string, SessionState>()
  private readonly rejected = new Set<string>()
  /** Sessions whose next change waits for a hash. */
  private readonly waiting = new Map<string, Set<SessionState>>()
  private readonly leftOut: ReadonlyMap<string, number>
  private readonly settledEnds: () => ReadonlyMap<string, readonly number[]>
  private knownEnds: ReadonlyMap<string, readonly number[]> | null = null

  /**
   * `maxOpOf` answers for changes that were applied: the counter of the last operation, else null.
   * `leftOut` names sessions (hex) of which nothing is read from a sequence number on, whatever it is. `settled`
   * are the sessions that the document holds a part of already; `settledEnds` looks up the counter of the last
   * operation of each of their changes, by session (hex).
   */
  constructor(options: {
    documentId: Uint8Array
    contentKey: Uint8Array
    maxOpOf: (hash: string) => number | null
    leftOut: ReadonlyMap<string, number>
    settled: readonly SettledSession[]
    settledEnds: () => ReadonlyMap<string, readonly number[]>
  }) {
    this.documentId = options.documentId
    this.contentKey = options.contentKey
    this.maxOpOf = options.maxOpOf
    this.leftOut = options.leftOut
    this.settledEnds = options.settledEnds
    for (const { session: id, seq, tipProof } of options.settled) {
      const { chain } = decodeTipProof(tipProof)
      this.sessions.set(id, { id, seq, chain, queue: [], end: null, settled: seq, ends: [] })
    }
  }

  /** How many changes were let through. */
  get tail(): number {
    let tail = 0
    for (const { ends } of this.sessions.values()) tail += ends.length
    return tail
  }

  /** How far each session (hex) is in the document; null when one ends within a segment. */
  tips(): Map<string, number> | null {
    const tips = new Map<string, number>()
    for (const { id, seq, settled, ends } of this.sessions.values()) {
      if (settled + ends.length !== seq) return null
      if (seq > 0) tips.set(id, seq)
    }
    return tips
  }

  /** Takes segments in the order of their sessions' logs; returns the changes that can be applied now, in order. */
  take(segments: readonly SealedSegment[]): { ready: ReadyChange[]; faults: Fault[] } {
    const faults: Fault[] = []
    const touched = new Set<SessionState>()
    for (const sealed of segments) {
      const segment = decodeSegment(sealed.segment)
      const session = this.sessionOf(segment.session, sealed.certificate)
      if (session.end !== null || segment.seqTo <= session.seq) continue
      touched.add(session)
      try {
        this.check(session, segment)
      } catch (error) {
        faults.push(end(session, session.seq + 1, error))
      }
    }
    return { ready: this.release([...touched], faults), faults }
  }

  /** Whether a change that was ready still is, now that others were refused. */
  admits({ actor, seq, dependencies }: ReadyChange): boolean {
    const end = this.sessions.get(actor)?.end ?? null
    return (end === null || seq < end) && !dependencies.some((hash) => this.rejected.has(hash))
  }

  /**
   * The counter of the last operation of a session (hex) that was let through, or of its changes up to number
   * `seq`; 0 for none.
   */
  reachOf(session: string, seq = Number.POSITIVE_INFINITY): number {
    const known = this.sessions.get(session)
    if (!known) return 0
    const { settled, ends } = known
    if (seq > settled && ends.length > 0) return ends[Math.min(seq - settled, ends.length) - 1] ?? 0
    if (settled === 0) return 0
    this.knownEnds ??= this.settledEnds()
    return this.knownEnds.get(session)?.[Math.min(seq, settled) - 1] ?? 0
  }

  /** A ready change was not taken after all: its session ends before it, and so does what builds on it. */
  refuse(change: ReadyChange): Fault[] {
    const session = this.sessions.get(change.actor)
    if (!session) return []
    const faults: Fault[] = []
    session.ends.length = Math.min(session.ends.length, change.seq - 1 - session.settled)
    const woken = this.reject([change, ...session.queue.splice(0)])
    if (session.end === null || change.seq < session.end)
      faults.push(end(session, change.seq, unsound('Automerge does not take it')))
    this.release(woken, faults)
    return faults
  }

  private sessionOf(key: Uint8Array, certificate: Uint8Array): SessionState {
    const id = hex(key)
    const known = this.sessions.get(id)
    if (known) return known
    const chain = chainStart(this.documentId, key, hashCertificate(certificate))
    const session: SessionState = { id, seq: 0, chain, queue: [], end: null, settled: 0, ends: [] }
    this.sessions.set(id, session)
    return session
  }

  /** Takes a segment into its session's queue, all of it or, by throwing, nothing. */
  private check(session: SessionState, segment: Segment): void {
    const fresh: ReadyChange[] = []
    let { seq, chain } = session
    for (const [index, bytes] of openSegment(this.contentKey, segment).changes.entries()) {
      if (segment.seqFrom + index <= session.seq) continue
      const header = readChangeHeader(bytes)
      if (header.actor !== session.id) throw unsound('made by another actor')
      if (segment.seqFrom + index !== seq + 1 || header.seq !== seq + 1) throw unsound('out of sequence')
      if (header.operations > maxOperations) throw unsound('too many operations')
      chain = chainNext(chain, Buffer.from(header.hash, 'hex'))
      seq++
      fresh.push({ ...header, bytes })
    }
    // What was signed must be what is inside: else a proof of two histories would prove nothing.
    if (!sameBytes(chain, segment.chain)) throw unsound('not the changes that were signed')
    session.queue.push(...fresh)
    session.seq = seq
    session.chain = chain
  }

  private release(touched: SessionState[], faults: Fault[]): ReadyChange[] {
    const ready: ReadyChange[] = []
    const fresh = new Map<string, number>()
    const work = touched
    for (let session = work.pop(); session; session = work.pop()) {
      let taken = 0
      for (const change of session.queue) {
        const missing = change.dependencies.find((hash) => !fresh.has(hash) && this.maxOpOf(hash) === null)
        if (missing !== undefined && !this.rejected.has(missing)) {
          this.waiting.set(missing, (this.waiting.get(missing) ?? new Set()).add(session))
          break
        }
        const flaw =
          missing === undefined ? this.flawOf(session, change, fresh) : 'built on a change that was left out'
        if (flaw) {
          work.push(...this.reject(session.queue.slice(taken)))
          taken = session.queue.length
          faults.push(end(session, change.seq, unsound(flaw)))
          break
        }
        const last = change.startOp + change.operations - 1
        session.ends.push(last)
        fresh.set(change.hash, last)
        ready.push(change)
        work.push(...this.wake(change.hash))
        taken++
      }
      session.queue.splice(0, taken)
    }
    return ready
  }

  /** What is wrong with a change of which all that it builds on is here; null for nothing. */
  private flawOf(
    session: SessionState,
    { seq, startOp, dependencies }: ReadyChange,
    fresh: ReadonlyMap<string, number>,
  ): string | null {
    if (this.leftOut.get(session.id) === seq) return 'it ended the program that read it'
    const maxOps = dependencies.map((hash) => fresh.get(hash) ?? this.maxOpOf(hash) ?? 0)
    return startOp === 1 + Math.max(0, ...maxOps) ? null : 'wrong first operation'
  }

  /** Notes that changes are left out; returns the sessions that waited for one of them. */
  private reject(changes: readonly ReadyChange[]): SessionState[] {
    for (const { hash } of changes) this.rejected.add(hash)
    return changes.flatMap(({ hash }) => this.wake(hash))
  }

  private wake(hash: string): SessionState[] {
    const sessions = this.waiting.get(hash) ?? []
    this.waiting.delete(hash)
    return [...sessions]
  }
}

function end(session: SessionState, seq: number, error: unknown): Fault {
  session.end = seq
  const reason = error instanceof SwarmpadError ? error.message : 'unreadable'
  return { session: session.id, seq, reason }
}

const unsound = (reason: string): SwarmpadError =>
  new SwarmpadError('INVALID', `Not a sound change: ${reason}.`)
