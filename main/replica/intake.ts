import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import { hashCertificate } from '../log/format/certificate'
import {
  chainNext,
  chainStart,
  decodeSegment,
  decodeTipProof,
  openSegment,
  type Segment,
} from '../log/format/segment'
import type { SettledSession } from '../log/format/snapshot'
import { ChangeGate, type GatedChange, type KnownChange } from './change-gate'
import { hashChange, readChangeHeader } from './change-header'
import { readOperations } from './change-operations'
import { malformed } from './columns'
import { readDocumentOperations } from './document-operations'

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
  /** The content is not what was signed, so that a snapshot may hold what was. Rule D5. */
  readonly lacksContent: boolean
}

/** A change that passed all checks, with everything that it builds on here or before it in the same batch. */
export interface ReadyChange extends GatedChange {
  readonly bytes: Uint8Array
}

type WaitingChange = Pick<ReadyChange, 'hash' | 'seq' | 'dependencies' | 'bytes'>

/** A segment that is sound by itself. */
interface Waiting {
  readonly changes: readonly WaitingChange[]
  /** The same with what was read of them; null once it waits, as that takes up to 300 times the segment's size. */
  read: readonly ReadyChange[] | null
  /** Hashes that it builds on and that are not here; null before they were looked up. */
  missing: Set<string> | null
  /** One of them was left out. */
  isSpoiled: boolean
}

interface SessionState {
  readonly id: string
  /** Of the last change taken. */
  seq: number
  chain: Uint8Array
  /** Segments that wait for changes that they build on, or for the segment before them. */
  readonly queue: Waiting[]
  /** The last change that was let through. */
  released: number
  /** The first sequence number that is left out; null while all are read. */
  end: number | null
}

/**
 * Stands between stored segments and Automerge, and lets through only what every author's own checks would let
 * through: the verdict is a function of the bytes alone, so all peers come to the same one. A segment counts as a
 * whole: it waits until all that its changes build on is here, and is left out when one of them breaks a rule. So
 * what is read of a session always ends where a segment does, as snapshots need it.
 * Order of checks: seal, inflate with a bound, chunk type and checksum, actor is the session, seq without gaps,
 * operations, chain; then, with everything that they build on, the gate. Rules D2 to D6.
 */
export class Intake {
  private readonly documentId: Uint8Array
  private readonly contentKey: Uint8Array
  private readonly placeOf: (hash: string) => KnownChange | null
  private readonly sessions = new Map<string, SessionState>()
  private readonly rejected = new Set<string>()
  /** Changes that were let through and may not be applied yet, by hash. */
  private readonly released = new Map<string, KnownChange>()
  /** Sessions whose next segment waits for a hash. */
  private readonly waiting = new Map<string, Set<SessionState>>()
  private readonly leftOut: ReadonlyMap<string, number>
  private settled: (() => Uint8Array) | null
  private readonly lazyGate: ChangeGate
  private taken = 0

  /**
   * `placeOf` answers for changes that were applied, by hash, else null. `leftOut` names sessions (hex) of which
   * nothing is read from a sequence number on, whatever it is. `settled` are the sessions that the document holds a
   * part of already, and `document` gives the document chunk with that part; it is asked for when it is needed.
   */
  constructor(options: {
    documentId: Uint8Array
    contentKey: Uint8Array
    placeOf: (hash: string) => KnownChange | null
    leftOut: ReadonlyMap<string, number>
    settled: readonly SettledSession[]
    document: (() => Uint8Array) | null
  }) {
    this.documentId = options.documentId
    this.contentKey = options.contentKey
    this.placeOf = options.placeOf
    this.leftOut = options.leftOut
    this.settled = options.document
    this.lazyGate = new ChangeGate(options.documentId)
    for (const { session: id, seq, tipProof } of options.settled) {
      const { chain } = decodeTipProof(tipProof)
      this.sessions.set(id, { id, seq, chain, queue: [], released: seq, end: null })
    }
  }

  /** How many changes were let through. */
  get tail(): number {
    return this.taken
  }

  /** How far each session (hex) is in the document: always to the end of a segment, unless Automerge refused one. */
  tips(): Map<string, number> {
    const tips = new Map<string, number>()
    for (const { id, released } of this.sessions.values()) if (released > 0) tips.set(id, released)
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
    const ready = this.release([...touched], faults)
    for (const { queue } of touched) for (const segment of queue) segment.read = null
    // One that was found unsound later may begin earlier in its session.
    return { ready, faults: faults.filter(({ session, seq }) => this.sessions.get(session)?.end === seq) }
  }

  /** A change that was let through is applied: from now on `placeOf` answers for it. */
  applied({ hash }: ReadyChange): void {
    this.released.delete(hash)
  }

  /**
   * A change was made here, in a session that is not read from segments. Throws an error when it is not one that
   * others would take: it must not be signed.
   */
  made(bytes: Uint8Array): GatedChange {
    const change = readChange(bytes)
    const flaw = this.gate.takeAll([change], ({ dependencies }) => this.known(dependencies))
    if (flaw) throw malformed(flaw)
    return change
  }

  /** True if a change that was ready still is, now that others were refused. */
  admits({ actor, seq, dependencies }: ReadyChange): boolean {
    const end = this.sessions.get(actor)?.end ?? null
    return (end === null || seq < end) && !dependencies.some((hash) => this.rejected.has(hash))
  }

  /**
   * The counter of the last operation of a session (hex) that was let through, or of its changes up to number
   * `seq`; 0 for none.
   */
  reachOf(session: string, seq?: number): number {
    return this.gate.reachOf(session, seq)
  }

  /** A ready change was not taken after all: its session ends before it, and so does what builds on it. */
  refuse(change: ReadyChange): Fault[] {
    const session = this.sessions.get(change.actor)
    if (!session) return []
    const faults: Fault[] = []
    session.released = Math.min(session.released, change.seq - 1)
    const woken = this.reject([change, ...changesOf(session.queue.splice(0))])
    if (session.end === null || change.seq < session.end)
      faults.push(end(session, change.seq, malformed('Automerge does not take it')))
    this.release(woken, faults)
    return faults
  }

  private get gate(): ChangeGate {
    if (this.settled) this.lazyGate.settle(readDocumentOperations(this.settled()))
    this.settled = null
    return this.lazyGate
  }

  private sessionOf(key: Uint8Array, certificate: Uint8Array): SessionState {
    const id = hex(key)
    const known = this.sessions.get(id)
    if (known) return known
    const chain = chainStart(this.documentId, key, hashCertificate(certificate))
    const session: SessionState = { id, seq: 0, chain, queue: [], released: 0, end: null }
    this.sessions.set(id, session)
    return session
  }

  /** Takes a segment into its session's queue, all of it or, by throwing, nothing. */
  private check(session: SessionState, segment: Segment): void {
    if (segment.seqFrom !== session.seq + 1) throw malformed('out of sequence')
    const { chain } = segment
    const fresh: ReadyChange[] = []
    let { seq } = session
    for (const bytes of this.open(session, segment)) {
      const change = readChange(bytes)
      seq++
      if (change.actor !== session.id) throw malformed('made by another actor')
      if (change.seq !== seq) throw malformed('out of sequence')
      fresh.push(change)
    }
    const changes = fresh.map(({ hash, seq, dependencies, bytes }) => ({ hash, seq, dependencies, bytes }))
    session.queue.push({ changes, read: fresh, missing: null, isSpoiled: false })
    session.seq = seq
    session.chain = chain
  }

  /** The changes in a segment. Throws NotWhatWasSigned for others than its header was signed for. */
  private open({ chain: before }: SessionState, segment: Segment): Uint8Array[] {
    let changes: Uint8Array[]
    try {
      changes = openSegment(this.contentKey, segment).changes
    } catch (error) {
      throw error instanceof SwarmpadError ? new NotWhatWasSigned(error.message) : error
    }
    // Else a proof of two histories would prove nothing.
    const chain = changes.reduce((last, bytes) => chainNext(last, hashChange(bytes)), before)
    if (sameBytes(chain, segment.chain)) return changes
    throw new NotWhatWasSigned('segment: not the changes that were signed')
  }

  private release(touched: SessionState[], faults: Fault[]): ReadyChange[] {
    const ready: ReadyChange[] = []
    const work = touched
    for (let session = work.pop(); session; session = work.pop()) {
      for (let segment = session.queue[0]; segment; segment = session.queue[0]) {
        segment.missing ??= this.waitFor(session, segment)
        if (segment.missing.size > 0 && !segment.isSpoiled) break
        const read = segment.read ?? segment.changes.map(({ bytes }) => readChange(bytes))
        const flaw = segment.isSpoiled ? 'built on a change that was left out' : this.pass(session, read)
        if (flaw) {
          faults.push(end(session, segment.changes[0]?.seq ?? 0, malformed(flaw)))
          work.push(...this.reject(changesOf(session.queue.splice(0))))
          break
        }
        session.queue.shift()
        session.released += segment.changes.length
        this.taken += segment.changes.length
        for (const change of read) {
          ready.push(change)
          work.push(...this.wake(change.hash))
        }
      }
    }
    return ready
  }

  /** The hashes that a segment builds on and that are not here; its session is woken when one of them comes. */
  private waitFor(session: SessionState, segment: Waiting): Set<string> {
    const { changes } = segment
    const within = new Set(changes.map(({ hash }) => hash))
    const missing = new Set<string>()
    for (const hash of new Set(changes.flatMap(({ dependencies }) => dependencies))) {
      if (within.has(hash) || this.place(hash)) continue
      missing.add(hash)
      segment.isSpoiled ||= this.rejected.has(hash)
      this.waiting.set(hash, (this.waiting.get(hash) ?? new Set()).add(session))
    }
    return missing
  }

  /** Lets a segment through of which all that it builds on is here, or says what is wrong with it. */
  private pass(session: SessionState, segment: readonly ReadyChange[]): string | null {
    const last = this.leftOut.get(session.id)
    if (last !== undefined && segment.some(({ seq }) => seq === last))
      return 'it ended the program that read it'
    const within = new Map<string, KnownChange>()
    const flaw = this.gate.takeAll(segment, (change) => {
      const { hash, actor, seq, startOp, operations } = change
      const dependencies = this.known(change.dependencies, within)
      within.set(hash, { actor, seq, maxOp: startOp + operations.count - 1 })
      return dependencies
    })
    if (!flaw) for (const [hash, place] of within) this.released.set(hash, place)
    return flaw
  }

  private known(hashes: readonly string[], within?: ReadonlyMap<string, KnownChange>): KnownChange[] {
    return hashes.flatMap((hash) => within?.get(hash) ?? this.place(hash) ?? [])
  }

  private place(hash: string): KnownChange | null {
    return this.released.get(hash) ?? this.placeOf(hash)
  }

  /** Notes that changes are left out; returns the sessions that waited for one of them. */
  private reject(changes: readonly Pick<ReadyChange, 'hash'>[]): SessionState[] {
    for (const { hash } of changes) this.rejected.add(hash)
    return changes.flatMap(({ hash }) => this.wake(hash))
  }

  private wake(hash: string): SessionState[] {
    const sessions = [...(this.waiting.get(hash) ?? [])]
    this.waiting.delete(hash)
    for (const segment of sessions.flatMap(({ queue }) => queue[0] ?? []))
      if (this.rejected.has(hash)) segment.isSpoiled = true
      else segment.missing?.delete(hash)
    return sessions
  }
}

/** Throws MALFORMED for what breaks D2 or D3. */
function readChange(bytes: Uint8Array): ReadyChange {
  const header = readChangeHeader(bytes)
  return { ...header, operations: readOperations(header), bytes }
}

const changesOf = (segments: readonly Waiting[]): WaitingChange[] =>
  segments.flatMap(({ changes }) => changes)

/** The content of a segment is another than its header was signed for. */
class NotWhatWasSigned extends SwarmpadError {
  constructor(why: string) {
    super('MALFORMED', { why })
  }
}

function end(session: SessionState, seq: number, error: unknown): Fault {
  session.end = seq
  const reason = error instanceof SwarmpadError ? error.message : 'unreadable'
  return { session: session.id, seq, reason, lacksContent: error instanceof NotWhatWasSigned }
}
