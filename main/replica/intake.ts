import type { FaultCode } from '../../preload/messages/codes'
import { hasCode, SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
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
import { type Change, type KnownChange, maxOpOf, readChange } from './change'
import { ChangeGate } from './change-gate'
import { hashChange } from './change-header'
import { malformed } from './columns'
import { readDocumentOperations } from './document-operations'

/** A stored segment on its way to the document, with the certificate of its session. */
export interface SealedSegment {
  readonly segment: Uint8Array
  readonly certificate: Uint8Array
}

/** The end of what is read of a session, and the reason for it. */
export interface Fault {
  /** Hex. */
  readonly session: string
  /** The first sequence number that is left out. */
  readonly seq: number
  readonly code: FaultCode
  /** Describes the fault for developers, without text or keys. */
  readonly why: string
  /** The content is not what was signed, so that a snapshot may hold what was. Rule D5. */
  readonly lacksContent: boolean
}

/** Faults of segments whose content is not what their header was signed for. */
const lackingContent: ReadonlySet<FaultCode> = new Set([
  'SEALED_OTHERWISE',
  'CONTENT_DAMAGED',
  'COUNT_WRONG',
  'NOT_AS_SIGNED',
])

type WaitingChange = Pick<Change, 'hash' | 'seq' | 'dependencies' | 'bytes'>

/** A segment that is valid by itself. */
interface WaitingSegment {
  readonly changes: readonly WaitingChange[]
  /** The changes in full; null once the segment waits, since they take up to 300 times its size. */
  read: readonly Change[] | null
  /** Hashes of dependencies that are not here; null before they were looked up. */
  missing: Set<string> | null
  /** A dependency was left out. */
  isSpoiled: boolean
}

interface SessionState {
  readonly id: string
  /** Number of the last change taken. */
  seq: number
  chain: Uint8Array
  /** Segments that wait for dependencies, or for the segment before them. */
  readonly queue: WaitingSegment[]
  /** Number of the last change admitted. */
  released: number
  /** The first sequence number that is left out; null while all are read. */
  end: number | null
}

/**
 * Stands between stored segments and Automerge, and admits only what every peer's checks would admit: the verdict is
 * a function of the bytes alone, so all peers reach the same one. A segment counts as a whole: it waits until all
 * dependencies of its changes are here, and is left out when one of them breaks a rule. So the part of a session that
 * is read always ends at the end of a segment, as snapshots need it.
 * Order of checks: seal, inflate with a bound, chain, chunk type and checksum, operations, actor is the session, seq
 * without gaps; then, with all dependencies, the gate. Rules D2 to D6.
 */
export class Intake {
  private readonly documentId: Uint8Array
  private readonly contentKey: Uint8Array
  private readonly placeOf: (hash: string) => KnownChange | null
  private readonly sessions = new Map<string, SessionState>()
  private readonly rejected = new Set<string>()
  /** Changes that were admitted and may not be applied yet, by hash. */
  private readonly released = new Map<string, KnownChange>()
  /** Sessions whose next segment waits for a hash. */
  private readonly waiting = new Map<string, Set<SessionState>>()
  private readonly leftOut: ReadonlyMap<string, number>
  /** Returns the document chunk that the gate begins with; null once it has. */
  private document: (() => Uint8Array) | null
  private readonly lazyGate: ChangeGate
  private admitted = 0

  /**
   * `placeOf` returns the place of an applied change by its hash, null for others. `leftOut` names sessions (hex) and
   * the sequence number from which on nothing of them is read. `settled` are the sessions of which the document
   * already holds a part; `document` returns the document chunk with that part, and is called when it is needed.
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
    this.document = options.document
    this.lazyGate = new ChangeGate(options.documentId)
    for (const { session: id, seq, tipProof } of options.settled) {
      const { chain } = decodeTipProof(tipProof)
      this.sessions.set(id, { id, seq, chain, queue: [], released: seq, end: null })
    }
  }

  /** Number of changes admitted. */
  get tail(): number {
    return this.admitted
  }

  /**
   * Returns the number of the last change admitted of each session (hex): always the end of a segment, unless
   * Automerge refused one.
   */
  tips(): Map<string, number> {
    const tips = new Map<string, number>()
    for (const { id, released } of this.sessions.values()) if (released > 0) tips.set(id, released)
    return tips
  }

  /**
   * Takes segments in the order of their sessions' logs. Returns the changes that passed all checks and can be applied
   * in this order, and the faults found.
   */
  take(segments: readonly SealedSegment[]): { ready: Change[]; faults: Fault[] } {
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
    // A fault found later may begin earlier in its session.
    return { ready, faults: faults.filter(({ session, seq }) => this.sessions.get(session)?.end === seq) }
  }

  /** Notes that an admitted change is applied: from then on `placeOf` returns its place. */
  applied({ hash }: Change): void {
    this.released.delete(hash)
  }

  /**
   * Takes a local change, of a session that is not read from segments. Throws MALFORMED for one that others would
   * leave out: it must not be signed.
   */
  made(bytes: Uint8Array): Change {
    const change = readChange(bytes)
    this.gate.takeAll([change], ({ dependencies }) => this.known(dependencies))
    return change
  }

  /** Returns true if a ready change can still be applied although others were refused. */
  admits({ actor, seq, dependencies }: Change): boolean {
    const end = this.sessions.get(actor)?.end ?? null
    return (end === null || seq < end) && !dependencies.some((hash) => this.rejected.has(hash))
  }

  /**
   * Returns the counter of the last operation admitted of a session (hex), or of its changes up to number `seq`; 0
   * for none.
   */
  reachOf(session: string, seq?: number): number {
    return this.gate.reachOf(session, seq)
  }

  /** Returns the sum of the depths that `ChangeGate.depthsOf` returns for admitted changes. */
  depthsOf(changes: readonly Change[]): number {
    return changes.reduce((sum, change) => sum + this.gate.depthsOf(change), 0)
  }

  /** Ends a session before a ready change that Automerge refused, and leaves out all that depends on it. */
  refuse(change: Change): Fault[] {
    const session = this.sessions.get(change.actor)
    if (!session) return []
    const faults: Fault[] = []
    session.released = Math.min(session.released, change.seq - 1)
    const woken = this.reject([change, ...changesOf(session.queue.splice(0))])
    if (session.end === null || change.seq < session.end)
      faults.push(end(session, change.seq, malformed('Automerge refused it', 'REFUSED')))
    this.release(woken, faults)
    return faults
  }

  private get gate(): ChangeGate {
    if (this.document) this.lazyGate.load(readDocumentOperations(this.document()))
    this.document = null
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

  /** Puts a segment into its session's queue. Throws MALFORMED with a fault, and then takes nothing of it. */
  private check(session: SessionState, segment: Segment): void {
    if (segment.seqFrom !== session.seq + 1) throw malformed('out of sequence', 'OUT_OF_SEQUENCE')
    const read: Change[] = []
    let { seq } = session
    for (const { bytes, hash } of this.open(session, segment)) {
      const change = readChange(bytes, hash)
      seq++
      if (change.actor !== session.id) throw malformed('made by another actor', 'FOREIGN_ACTOR')
      if (change.seq !== seq) throw malformed('out of sequence', 'OUT_OF_SEQUENCE')
      read.push(change)
    }
    const changes = read.map(({ hash, seq, dependencies, bytes }) => ({ hash, seq, dependencies, bytes }))
    session.queue.push({ changes, read, missing: null, isSpoiled: false })
    session.seq = seq
    session.chain = segment.chain
  }

  /** Opens a segment; returns its changes with their hashes. Throws MALFORMED for others than were signed. */
  private open({ chain: before }: SessionState, segment: Segment): { bytes: Uint8Array; hash: Uint8Array }[] {
    const changes = contentOf(this.contentKey, segment).map((bytes) => ({ bytes, hash: hashChange(bytes) }))
    // Otherwise a proof of two histories would prove nothing.
    const chain = changes.reduce((last, { hash }) => chainNext(last, hash), before)
    if (!sameBytes(chain, segment.chain)) throw malformed('not the changes that were signed', 'NOT_AS_SIGNED')
    return changes
  }

  /** Admits what can be admitted of these sessions, and of those that this wakes; adds faults to `faults`. */
  private release(touched: SessionState[], faults: Fault[]): Change[] {
    const ready: Change[] = []
    const work = touched
    for (let session = work.pop(); session; session = work.pop())
      for (let segment = session.queue[0]; segment; segment = session.queue[0]) {
        segment.missing ??= this.waitFor(session, segment)
        if (segment.missing.size > 0 && !segment.isSpoiled) break
        const { gate } = this
        try {
          const admitted = this.admit(session, segment, gate)
          ready.push(...admitted)
          work.push(...admitted.flatMap(({ hash }) => this.wake(hash)))
        } catch (error) {
          if (!hasCode(error, 'MALFORMED')) throw error
          faults.push(end(session, segment.changes[0]?.seq ?? 0, error))
          work.push(...this.reject(changesOf(session.queue.splice(0))))
        }
      }
    return ready
  }

  /** Takes a session's next segment off its queue, all dependencies being here. Throws MALFORMED with a fault. */
  private admit(session: SessionState, segment: WaitingSegment, gate: ChangeGate): readonly Change[] {
    if (segment.isSpoiled) throw malformed('built on a change that was left out', 'BUILT_ON_LEFT_OUT')
    const changes = segment.read ?? segment.changes.map(({ bytes, hash }) => readChange(bytes, fromHex(hash)))
    this.pass(session, changes, gate)
    session.queue.shift()
    session.released += changes.length
    this.admitted += changes.length
    return changes
  }

  /** Returns the hashes of a segment's missing dependencies; its session is woken when one of them comes. */
  private waitFor(session: SessionState, segment: WaitingSegment): Set<string> {
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

  /** Passes a segment's changes through the gate. Throws MALFORMED with a fault. */
  private pass(session: SessionState, changes: readonly Change[], gate: ChangeGate): void {
    const last = this.leftOut.get(session.id)
    if (last !== undefined && changes.some(({ seq }) => seq === last))
      throw malformed('it ended the program that read it', 'READER_ENDED')
    const within = new Map<string, KnownChange>()
    gate.takeAll(changes, (change) => {
      const { hash, actor, seq } = change
      const dependencies = this.known(change.dependencies, within)
      within.set(hash, { actor, seq, maxOp: maxOpOf(change) })
      return dependencies
    })
    for (const [hash, place] of within) this.released.set(hash, place)
  }

  private known(hashes: readonly string[], within?: ReadonlyMap<string, KnownChange>): KnownChange[] {
    return hashes.flatMap((hash) => within?.get(hash) ?? this.place(hash) ?? [])
  }

  private place(hash: string): KnownChange | null {
    return this.released.get(hash) ?? this.placeOf(hash)
  }

  /** Notes that changes are left out; returns the sessions that waited for one of them. */
  private reject(changes: readonly Pick<Change, 'hash'>[]): SessionState[] {
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

const changesOf = (segments: readonly WaitingSegment[]): WaitingChange[] =>
  segments.flatMap(({ changes }) => changes)

/** Opens a segment's seal and unpacks its changes. Throws MALFORMED with a fault. */
function contentOf(contentKey: Uint8Array, segment: Segment): Uint8Array[] {
  try {
    return openSegment(contentKey, segment).changes
  } catch (cause) {
    if (!hasCode(cause, 'MALFORMED')) throw cause
    const { why, fault = 'CONTENT_DAMAGED' } = detailsOf(cause)
    throw new SwarmpadError('MALFORMED', { why, fault }, { cause })
  }
}

/** Ends a session at a sequence number, for the reason that an error gives. */
function end(session: SessionState, seq: number, error: unknown): Fault {
  session.end = seq
  const { why, fault: code = 'CHANGE_MALFORMED' } = detailsOf(error)
  return { session: session.id, seq, code, why, lacksContent: lackingContent.has(code) }
}

const detailsOf = (error: unknown): { readonly why: string; readonly fault?: FaultCode } =>
  error instanceof SwarmpadError && 'why' in error.data ? error.data : { why: 'unreadable' }
