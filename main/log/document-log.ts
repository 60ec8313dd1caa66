import type { Clock, Environment } from '../base/environment'
import { hasCode, SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import type { Store, Write } from '../storage/store'
import { admissionOf, chainAfter } from './format/admission'
import { makeForkProof, verifyForkProof } from './format/fork'
import { decodeSegment, type Segment, verifySegment } from './format/segment'
import { allSegmentsRange, segmentRange, sessionKey } from './format/store-keys'
import type { Extent, SessionId, VersionVector } from './format/version-vector'
import { loadSessions, loadSize } from './load-sessions'
import { LogEvents } from './log-events'
import {
  advance,
  type Cut,
  endsIn,
  type LogEntry,
  newState,
  type SessionState,
  type SettledState,
  sessionWrites,
  sizeWrite,
  writesOf,
} from './log-records'
import { LookUps } from './look-ups'
import { type DocumentQuota, ProfileQuota, type Shortage } from './quota'
import { LogHealth, quick } from './scrub/log-health'
import { TimeSlicer } from './scrub/time-slicer'
import { SessionHistories } from './session-histories'
import type { LoggedChange, SessionLog } from './session-log'
import { SnapshotStore } from './snapshots/snapshot-store'
import { damaged, type SessionEnds, signed, storedSegments, watched } from './stored-segments'
import { WriteQueue } from './write-queue'

/**
 * Result of offering a segment. 'gap': it does not follow the held ones. 'unknown-session':
 * its certificate is needed, or cannot be checked before the manifest is here. 'fork': it is of another
 * history of its session, which does not win or cannot be taken now. 'busy': writes are failing, too much
 * is queued, or others' edits have taken all the room that they may (S14); offer it again later.
 */
export type Verdict = 'accepted' | 'duplicate' | 'gap' | 'unknown-session' | 'invalid' | 'fork' | 'busy'

/** Bytes of other people's segments that may wait for the disk. */
const maxQueuedSize = 4 * 1024 * 1024

/** How long a session that was switched to another history stays with it, in ms. Rule S12. */
const switchInterval = 30_000

interface Queued extends LogEntry {
  /** Bytes that count against the bound; 0 for own segments. */
  readonly size: number
  readonly resolve: () => void
  readonly reject: (error: SwarmpadError) => void
}

const ignore = (): void => undefined

const nothing: Queued = {
  cut: null,
  segments: [],
  proof: null,
  settled: [],
  records: [],
  size: 0,
  resolve: ignore,
  reject: ignore,
}

/**
 * All session logs of one document as this profile holds them. It checks what anyone can check without
 * reading, keeps segments on disk and only certificates and tips in memory, and tells of what became
 * durable.
 */
export class DocumentLog extends LogEvents {
  readonly documentId: Uint8Array
  /** Held histories, for comparison with those of others. */
  readonly histories = new SessionHistories({
    state: (session) => this.sessions.get(session),
    stored: (session, after) => this.segments(session, after),
    queued: () => this.queue.items,
  })
  /** The snapshot that stands beside the segments, or in place of some. */
  readonly snapshots: SnapshotStore
  /** Checks and repairs the stored data. */
  readonly health: LogHealth
  private readonly store: Store
  private readonly clock: Clock
  private verifyKey: Uint8Array | null
  private readonly sessions = new Map<SessionId, SessionState>()
  private readonly durable = new Map<SessionId, Extent>()
  private readonly appended = new Set<SessionId>()
  private readonly forked = new Map<SessionId, Uint8Array>()
  private readonly queue: WriteQueue<Queued>
  /**
   * Called before held changes are dropped for another history: false defers that and emits 'heldBack'. To
   * be set by code that has to save work based on those changes first.
   */
  mayGiveUp: () => boolean = () => true
  private readonly lookUps = new LookUps(this.histories, ({ session }, proof) => {
    const state = this.sessions.get(hex(session))
    if (state && !state.fork) this.keepProof(session, state, proof)
  })
  private readonly quota: DocumentQuota
  private queuedSize = 0
  /** Bytes of others' segments that were taken in, as it is noted on disk. */
  private storedSize = 0
  private readonly noted: ReadonlyMap<SessionId, number>
  private opening: Promise<void> | null = null
  private short = false
  private isOpen = false
  private closing: Promise<void> | null = null

  /**
   * `verify` is W.publicKey; null while a reader waits for the manifest. `noted` tells up to which number sessions
   * must be found (S20). The log ends the quota. Does no I/O.
   */
  constructor(options: {
    store: Store
    environment: Environment
    documentId: Uint8Array
    verify: Uint8Array | null
    quota?: DocumentQuota
    noted?: ReadonlyMap<SessionId, number>
  }) {
    super()
    this.store = options.store
    this.clock = options.environment.clock
    this.documentId = options.documentId
    this.verifyKey = options.verify
    this.noted = options.noted ?? new Map()
    this.quota = options.quota ?? new ProfileQuota().document()
    this.quota.onChange(() => {
      // There is room again: who waits for that listens for what is stored.
      if (!this.quota.shortage && this.isOpen) this.emitter.emit('stored', [])
      this.emitter.emit('shortage', this.quota.shortage)
    })
    this.snapshots = new SnapshotStore({
      store: options.store,
      documentId: options.documentId,
      now: () => options.environment.clock.now(),
      sessions: this.sessions,
      durableTip: (session) => this.durable.get(session)?.tip ?? 0,
      idle: () => this.idle(),
      segments: (session, after) => this.segments(session, after),
      stateOf: ({ session, certificate }) =>
        this.sessions.get(session) ?? this.newSession(session, Uint8Array.from(certificate)),
      add: (records, settled) => this.settle(records, settled),
      released: (size) => this.released(size),
      changed: () => this.emitter.emit('snapshot', null),
    })
    this.health = new LogHealth({
      store: options.store,
      documentId: options.documentId,
      clock: this.clock,
      verifyKey: () => this.verifyKey,
      sessions: this.sessions,
      durable: this.durable,
      snapshots: this.snapshots,
      add: (records) => {
        if (records.length > 0 && !this.closing) this.queue.add({ ...nothing, records })
      },
      idle: () => this.idle(),
      released: (size) => this.released(size),
      forked: this.forked,
      retire: (session, state) => this.retire(fromHex(session), state, null),
      adopted: (segments) => this.adopted(segments),
      damaged: () => this.emitter.emit('damaged', null),
      mended: (by) => this.emitter.emit('mended', by),
    })
    this.queue = new WriteQueue({
      store: options.store,
      clock: options.environment.clock,
      writesOf: (items) => this.writesOf(items),
      onWritten: (items) => this.written(items),
      onProblem: (problem) => this.emitter.emit('problem', problem),
    })
  }

  /**
   * Loads certificates and tips. What is damaged is not held (S15). Idempotent. Rejects with STORE_DAMAGED when the
   * store cannot be read, and nothing of the quota is taken then.
   */
  open(): Promise<void> {
    this.opening ??= this.load().catch((error) => {
      this.quota.end()
      throw error
    })
    return this.opening
  }

  /**
   * Waits for writes, with one last try if the disk refuses; appends that it still refuses then reject
   * with STORE_WRITE_FAILED. Idempotent.
   */
  close(): Promise<void> {
    this.closing ??= this.finish()
    return this.closing
  }

  /** Less was found when it was opened than was noted, which no earlier run knew. */
  get isShort(): boolean {
    return this.short
  }

  /** Gives W.publicKey, once a reader learnt it from a manifest. */
  setVerifyKey(verify: Uint8Array): void {
    this.verifyKey = verify
  }

  /** Durable extents of all sessions: a live view; copy it to keep it. */
  get vector(): VersionVector {
    return this.durable
  }

  /** The last sequence number accepted of a session, maybe not durable yet; 0 when unknown. */
  tip(session: SessionId): number {
    return this.sessions.get(session)?.tip ?? 0
  }

  /** A session's certificate, or null when the session is unknown. */
  certificate(session: SessionId): Uint8Array | null {
    return this.sessions.get(session)?.certificate ?? null
  }

  /** The tip proof of the last segment accepted of a session, or null. */
  tipProof(session: SessionId): Uint8Array | null {
    return this.sessions.get(session)?.tipProof ?? null
  }

  /**
   * The tip proof of the segment whose last change has the number `seq`, also where a snapshot took its place; null
   * where nothing that is held ends there. Rejects with STORE_DAMAGED.
   */
  async tipProofAt(session: SessionId, seq: number): Promise<Uint8Array | null> {
    const state = this.sessions.get(session)
    if (!state) return null
    if (state.tip === seq) return state.tipProof
    if (state.base?.seq === seq) return state.base.tipProof
    for await (const segment of this.segments(session, seq - 1))
      return segment.seqTo === seq ? segment.tipProof : null
    return null
  }

  /** Sessions made in this profile, in earlier runs too. */
  ownSessions(): SessionId[] {
    return [...this.sessions].filter(([, state]) => state.own).map(([session]) => session)
  }

  /** Those that were made in this run of it: a live view. */
  get newSessions(): ReadonlySet<SessionId> {
    return this.appended
  }

  /** Something that others made is stored here. */
  get holdsOthers(): boolean {
    for (const session of this.durable.keys()) if (!this.sessions.get(session)?.own) return true
    return false
  }

  /** Proofs of the sessions that forked, by session: a live view. */
  forks(): ReadonlyMap<SessionId, Uint8Array> {
    return this.forked
  }

  /** Why the disk refused the last write; null when it did not. */
  get problem(): SwarmpadError | null {
    return this.queue.problem
  }

  /** Why others' segments have no more room here; null while they have. Own ones are taken all the same. */
  get shortage(): Shortage | null {
    return this.quota.shortage
  }

  /**
   * Judges a segment from outside at once, and queues it for the disk when it is 'accepted'. The
   * certificate is needed with a session's first segment only. Never throws. Rules S2, S3, S7, S8, C6.
   */
  accept(segment: Uint8Array, certificate: Uint8Array | null): Verdict {
    this.health.comesFrom('others')
    return this.shortage ? 'busy' : this.offer(segment, certificate, false)
  }

  /**
   * Takes a segment out of a backup, as `accept` does. One of a session that was made in this profile (`own`) is
   * always taken and counts nothing (S14).
   */
  restore(segment: Uint8Array, certificate: Uint8Array | null, own: boolean): Verdict {
    this.health.comesFrom('backup')
    return this.shortage && !own ? 'busy' : this.offer(segment, certificate, own)
  }

  /** Notes that a session which is held was made in this profile: a backup says so. */
  claim(session: SessionId): void {
    const state = this.sessions.get(session)
    if (!state || state.own) return
    state.own = true
    const key = sessionKey('own', this.documentId, fromHex(session))
    const records = [{ key, value: new Uint8Array(0) }]
    this.queue.add({ ...nothing, records })
  }

  /**
   * Resolves when all that was taken in until now is durable; not while the disk refuses. Rejects with
   * STORE_WRITE_FAILED when the log is closed before.
   */
  idle(): Promise<void> {
    return this.add(nothing)
  }

  /** Takes note of a fork proof from outside: the first for each session is kept. */
  acceptFork(proof: Uint8Array): 'accepted' | 'duplicate' | 'unknown-session' | 'invalid' | 'busy' {
    if (this.isBusy()) return 'busy'
    try {
      const session = verifyForkProof(proof, this.documentId)
      const state = this.sessions.get(hex(session))
      if (!state) return 'unknown-session'
      if (state.fork) return 'duplicate'
      this.keepProof(session, state, Uint8Array.from(proof))
      return 'accepted'
    } catch (error) {
      if (hasCode(error, 'MALFORMED')) return 'invalid'
      throw error
    }
  }

  /**
   * Seals changes of a session of this process and resolves when they are durable; with none, when all
   * before are. While the disk refuses, the same bytes are tried again. Rejects with EDIT_TOO_LARGE, and nothing
   * is signed, when a change is bigger than a segment; with CLOSED when the log is not open; with
   * STORE_WRITE_FAILED only when the log is closed while the disk refuses. `records` are written in the same
   * batch and do not belong to the log.
   */
  async append(
    session: SessionLog,
    changes: readonly LoggedChange[],
    records: LogEntry['records'] = [],
  ): Promise<void> {
    if (!this.isOpen || this.closing) throw new SwarmpadError('CLOSED')
    const state = this.ownState(session)
    if (!state.live) throw new SwarmpadError('CLOSED')
    if (session.tip !== state.tip)
      throw new SwarmpadError('INTERNAL', { why: 'a session that wrote past its log' })
    const segments = session.sealAll(changes)
    if (segments.length > 0) this.sessions.set(hex(session.session), state)
    this.appended.add(hex(session.session))
    this.health.recent.add(segments)
    const sealed = segments.map((segment) => {
      advance(state, segment)
      return { segment, state, mark: state.mark }
    })
    await new Promise<void>((resolve, reject) => {
      this.queue.add({ ...nothing, segments: sealed, records, resolve, reject })
    })
  }

  /**
   * Writes records that do not belong to the log, after all that was taken in until now, and resolves when
   * they are durable. With `ahead` they bypass the queue; for callers that have nothing in it. Rejects with
   * CLOSED, and with STORE_WRITE_FAILED when the log is closed while the disk refuses, with `ahead` whenever
   * it does.
   */
  keep(records: LogEntry['records'], { ahead = false } = {}): Promise<void> {
    if (!ahead || !this.isOpen || this.closing) return this.add({ ...nothing, records })
    return this.store.write(records)
  }

  /** Durable segments of a session that hold changes past `after` and its base, in order. Throws STORE_DAMAGED. */
  segments(session: SessionId, after: number): AsyncIterable<Segment> {
    const range = segmentRange(this.documentId, fromHex(session), after)
    return watched(storedSegments(this.store, range, this.endsOf), this.lookAtAll)
  }

  /**
   * The same, each with its signature checked again: for peers, who would blame this program for a bad one.
   */
  signedSegments(session: SessionId, after: number): AsyncIterable<Segment> {
    const range = segmentRange(this.documentId, fromHex(session), after)
    const stored = storedSegments(this.store, range, this.endsOf)
    return watched(signed(stored, this.documentId), this.lookAtAll)
  }

  /**
   * All durable segments except those that a snapshot replaced, session by session, each in order. Throws
   * STORE_DAMAGED.
   */
  all(): AsyncIterable<Segment> {
    return watched(this.allStored(), this.lookAtAll)
  }

  /** Resolves to true if the held snapshot can be given to peers. Starts a check at once if it is damaged. */
  async isSnapshotWhole(): Promise<boolean> {
    const isWhole = await this.snapshots.isWhole()
    if (!isWhole) this.lookAtAll()
    return isWhole
  }

  /** Starts a full check at once after a read found damage, as other code may need that data. Rule S15. */
  private readonly lookAtAll = (): void => {
    this.health.check(new TimeSlicer({ clock: this.clock, ...quick })).catch(ignore)
  }

  private async *allStored(): AsyncGenerator<Segment> {
    const tips = [...this.durable].map(([session, { tip }]) => [session, tip] as const)
    const ends = new Map<SessionId, number>()
    for await (const segment of storedSegments(this.store, allSegmentsRange(this.documentId), this.endsOf)) {
      const session = hex(segment.session)
      if (!ends.has(session) && segment.seqFrom !== (this.endsOf(session)?.base ?? 0) + 1) throw damaged()
      ends.set(session, segment.seqTo)
      yield segment
    }
    for (const [session, tip] of tips) {
      // Lower than before only if its end was dropped meanwhile.
      const held = Math.min(tip, this.durable.get(session)?.tip ?? 0)
      if ((ends.get(session) ?? this.endsOf(session)?.base ?? 0) < held) throw damaged()
    }
  }

  private readonly endsOf = (session: SessionId): SessionEnds | null =>
    endsIn(this.documentId, this.sessions)(session)

  private isBusy(): boolean {
    return (
      !this.isOpen || this.closing !== null || this.queue.problem !== null || this.queuedSize >= maxQueuedSize
    )
  }

  private offer(segment: Uint8Array, certificate: Uint8Array | null, own: boolean): Verdict {
    if (this.isBusy()) return 'busy'
    try {
      return this.judge(decodeSegment(segment), certificate, own)
    } catch (error) {
      if (hasCode(error, 'MALFORMED')) return 'invalid'
      throw error
    }
  }

  private judge(segment: Segment, certificate: Uint8Array | null, own: boolean): Verdict {
    const known = this.sessions.get(hex(segment.session))
    const state = known ?? this.admit(segment, certificate)
    if (!state) return 'unknown-session'
    if (state.tipProof && sameBytes(state.tipProof, segment.tipProof)) return 'duplicate'
    if (!verifySegment(segment, this.documentId)) return 'invalid'
    // Signed by a key that only this process holds, yet not by this process: a clone of the machine runs.
    const standing = state.history?.standing(segment.tipProof) ?? 'beyond'
    if (standing === 'same') return 'duplicate'
    if (standing === 'smaller') return this.switchTo(segment, state, certificate)
    if (segment.seqTo > state.tip) this.retire(segment.session, state, null)
    const proof = this.histories.proofAgainst(segment.tipProof)
    if (proof && !state.fork) this.keepProof(segment.session, state, proof)
    if (proof || standing !== 'beyond') return 'fork'
    if (segment.seqTo <= state.tip) {
      this.lookUps.begin(segment)
      return 'duplicate'
    }
    if (segment.seqFrom !== state.tip + 1) return 'gap'
    if (!sameBytes(segment.prevChain, chainAfter(this.documentId, segment.session, state))) return 'invalid'
    this.take(segment, state, null, own)
    return 'accepted'
  }

  /** Drops the held changes from the segment's first number on, and takes the segment instead. Rule S12. */
  private switchTo(segment: Segment, state: SessionState, certificate: Uint8Array | null): Verdict {
    const { history } = state
    const held = history?.at(segment.seqFrom)
    // Another history may begin with another certificate.
    const { certificate: admitted } = this.admit(segment, certificate) ?? state
    const start = chainAfter(this.documentId, segment.session, { tipProof: null, certificate: admitted })
    if (segment.seqFrom === 1 && !sameBytes(segment.prevChain, start)) return 'fork'
    // A clock that was set back must not keep it for long.
    const settled =
      this.clock.now() < state.settledUntil && state.settledUntil - this.clock.now() <= switchInterval
    if (!history || !held || settled) return 'fork'
    if (!this.mayGiveUp()) {
      this.emitter.emit('heldBack', hex(segment.session))
      return 'fork'
    }
    state.settledUntil = this.clock.now() + switchInterval
    this.health.switched(hex(segment.session), segment.seqTo)
    this.retire(segment.session, state, segment.seqFrom - 1)
    const ends = history.cut(segment.seqFrom)
    state.tip = history.tip
    state.tipProof = history.tipProof
    state.mark = history.mark
    if (segment.seqFrom === 1) state.certificate = admitted
    this.keepProof(segment.session, state, makeForkProof(held, segment.tipProof))
    this.take(segment, state, { session: segment.session, state, after: state.tip, ends })
    return 'accepted'
  }

  private retire(session: Uint8Array, state: SessionState, after: number | null): void {
    if (!state.live) return
    state.live = false
    this.emitter.emit('retired', { session: hex(session), after })
  }

  /** The state of a new session that a certificate admits, not yet kept; null without a usable certificate. */
  private admit(segment: Segment, certificate: Uint8Array | null): SessionState | null {
    const admitted = admissionOf(segment, certificate, this.documentId, this.verifyKey)
    return admitted && this.newSession(hex(segment.session), admitted)
  }

  /** The state of a session that is not held: of one that was, it is known what it was. */
  private newSession(session: SessionId, certificate: Uint8Array): SessionState {
    return Object.assign(newState(certificate), this.health.remainsOf(session))
  }

  private take(segment: Segment, state: SessionState, cut: Cut | null, own = false): void {
    const session = hex(segment.session)
    if (own && segment.seqFrom === 1) state.own = true
    const size = own || state.own ? 0 : segment.bytes.length
    this.quota.take(size, state.own || this.isKnown(session) ? 0 : 1)
    this.sessions.set(session, state)
    if (state.fork) this.forked.set(session, state.fork)
    this.health.came(session)
    advance(state, segment)
    this.queuedSize += size
    const segments = [{ segment, state, mark: state.mark }]
    // The snapshot may contain the dropped changes too.
    const records = cut ? this.snapshots.forget() : []
    this.queue.add({ ...nothing, cut, segments, size, records })
  }

  /** Keeps a snapshot's records, and gives sessions the bases that come with it. */
  private settle(
    records: readonly Write[],
    sessions: readonly Omit<SettledState, 'raises'>[],
  ): Promise<void> {
    if (!this.isOpen || this.closing) return Promise.reject(new SwarmpadError('CLOSED'))
    this.quota.take(0, sessions.filter(({ session }) => !this.isKnown(hex(session))).length)
    this.health.disturbed()
    const settled = sessions.map((one) => ({ ...one, raises: one.state.tip < one.base.seq }))
    for (const { session, state, base, raises } of settled) {
      this.sessions.set(hex(session), state)
      state.base = base
      state.history = null
      if (state.fork) this.forked.set(hex(session), state.fork)
      this.health.came(hex(session))
      if (raises) Object.assign(state, { tip: base.seq, tipProof: base.tipProof, mark: base.mark })
    }
    return new Promise((resolve, reject) => this.queue.add({ ...nothing, settled, records, resolve, reject }))
  }

  private add(item: Queued): Promise<void> {
    if (!this.isOpen || this.closing) return Promise.reject(new SwarmpadError('CLOSED'))
    return new Promise((resolve, reject) => this.queue.add({ ...item, resolve, reject }))
  }

  private released(size: number): void {
    const before = this.storedSize
    this.storedSize = Math.max(0, before - size)
    this.quota.release(before - this.storedSize)
    if (size > 0) this.queue.add({ ...nothing, records: [sizeWrite(this.documentId, this.storedSize)] })
  }

  private ownState(session: SessionLog): SessionState {
    if (!sameBytes(session.documentId, this.documentId))
      throw new SwarmpadError('INTERNAL', { why: 'a session of another document' })
    const known = this.sessions.get(hex(session.session))
    // One that was found damaged must not be begun again.
    const live = !this.health.remainsOf(hex(session.session))
    return known ?? Object.assign(newState(session.certificate), { own: true, live })
  }

  /** True if the memory of a session is already counted. */
  private isKnown(session: SessionId): boolean {
    return this.sessions.has(session) || this.health.remainsOf(session) !== null
  }

  /** Takes note of segments that lay on the disk, and have been made part of their session. */
  private adopted(segments: readonly Segment[]): void {
    const last = segments.at(-1)
    const state = last && this.sessions.get(hex(last.session))
    if (!state) return
    const size = state.own ? 0 : segments.reduce((sum, { bytes }) => sum + bytes.length, 0)
    this.quota.take(size, 0)
    this.storedSize += size
    const records = sessionWrites(this.documentId, hex(last.session), state)
    this.queue.add({ ...nothing, records: [...records, sizeWrite(this.documentId, this.storedSize)] })
    this.emitter.emit('stored', segments)
  }

  /** Keeps a new proof and tells it: the first, and one for each switch. */
  private keepProof(session: Uint8Array, state: SessionState, proof: Uint8Array): void {
    this.retire(session, state, null)
    state.fork = proof
    this.forked.set(hex(session), proof)
    this.queue.add({ ...nothing, proof: { session, bytes: proof } })
    this.emitter.emit('fork', proof)
  }

  private writesOf(items: readonly Queued[]): Write[] {
    const size = items.reduce((sum, item) => sum + item.size, 0)
    const writes = writesOf(this.documentId, items)
    return size === 0 ? writes : [...writes, sizeWrite(this.documentId, this.storedSize + size)]
  }

  private written(items: readonly Queued[]): void {
    const segments = items.flatMap((item) => item.segments.map(({ segment }) => segment))
    for (const { segments: stored } of items)
      for (const { segment, state, mark } of stored) {
        const session = hex(segment.session)
        // Else what it follows was found damaged meanwhile.
        if (this.sessions.get(session) === state)
          this.durable.set(session, { base: state.base?.seq ?? 0, tip: segment.seqTo, mark })
      }
    for (const { size } of items) {
      this.queuedSize -= size
      this.storedSize += size
    }
    for (const { cut } of items)
      if (cut) this.emitter.emit('cut', { session: hex(cut.session), after: cut.after })
    const raised = items.flatMap(({ settled }) => this.raise(settled))
    this.emitter.emit('stored', segments)
    if (raised.length > 0) this.emitter.emit('settled', raised)
    if (this.health.isDamaged)
      for (const session of new Set([...segments.map((one) => hex(one.session)), ...raised]))
        this.health.grown(session)
    for (const { resolve } of items) resolve()
  }

  /** Notes bases that became durable; returns the sessions of which more is held now. */
  private raise(sessions: readonly SettledState[]): SessionId[] {
    const raised: SessionId[] = []
    for (const { session, state, base } of sessions) {
      const id = hex(session)
      if (this.sessions.get(id) !== state) continue
      const before = this.durable.get(id)
      if ((before?.tip ?? 0) < base.seq) raised.push(id)
      const { tip, mark } = before && before.tip > base.seq ? before : { tip: base.seq, mark: base.mark }
      this.durable.set(id, { base: base.seq, tip, mark })
    }
    return raised
  }

  private async load(): Promise<void> {
    await this.snapshots.open()
    const { store, documentId, snapshots, noted } = this
    const loaded = await loadSessions({ store, documentId, snapshots, noted })
    this.short = loaded.isShort
    for (const [session, state] of loaded.sessions) {
      this.sessions.set(session, state)
      if (state.fork) this.forked.set(session, state.fork)
      const { base, tip, mark } = state
      if (tip > 0) this.durable.set(session, { base: base?.seq ?? 0, tip, mark })
    }
    this.storedSize = await loadSize(
      store,
      documentId,
      this.sessions,
      store.isSuspect || loaded.harms.size > 0,
    )
    this.quota.take(this.storedSize, [...this.sessions.values()].filter(({ own }) => !own).length)
    this.isOpen = true
    if (loaded.isBare) snapshots.lose()
    this.health.begin(loaded)
  }

  private async finish(): Promise<void> {
    // The caller of `open` already received the error.
    await this.opening?.catch(ignore)
    await this.lookUps.idle()
    this.health.end()
    const refused = await this.queue.close()
    this.quota.end()
    for (const { reject } of refused) reject(new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' }))
    await this.health.idle()
  }
}
