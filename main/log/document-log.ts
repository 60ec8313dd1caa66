import type { Clock, Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import type { Store, Write } from '../storage/store'
import type { Segment } from './format/segment'
import type { SessionId, VersionVector } from './format/version-vector'
import { loadSessions, loadSize } from './load-sessions'
import { LogEvents } from './log-events'
import { ownWrite, sessionWrites } from './log-records'
import { LogWriter, type WrittenBatch } from './log-writer'
import { type DocumentQuota, ProfileQuota, type Shortage } from './quota'
import { RecentSegments } from './recent-segments'
import { DamagedSessions } from './scrub/damaged-sessions'
import { LogHealth } from './scrub/log-health'
import { SegmentAcceptor, type Verdict } from './segment-acceptor'
import { SegmentReader } from './segment-reader'
import type { Session } from './session'
import { SessionHistories } from './session-histories'
import type { LoggedChange, SessionLog } from './session-log'
import { SessionTable } from './session-table'
import { SizeAccount } from './size-account'
import { SnapshotStore } from './snapshots/snapshot-store'

/**
 * All session logs of one document in this profile. Checks what anyone can check without reading, keeps segments on
 * disk and only certificates and tips in memory, and reports what became durable.
 */
export class DocumentLog extends LogEvents {
  readonly documentId: Uint8Array
  /** Held histories, for comparison with those of others. */
  readonly histories: SessionHistories
  /** Snapshot beside the segments, or in place of some. */
  readonly snapshots: SnapshotStore
  /** Checks and repairs the stored data. */
  readonly health: LogHealth
  private readonly store: Store
  private readonly clock: Clock
  private readonly noted: ReadonlyMap<SessionId, number>
  private readonly quota: DocumentQuota
  private readonly account: SizeAccount
  private readonly sessions = new SessionTable()
  private readonly damaged: DamagedSessions
  private readonly recent = new RecentSegments()
  private readonly reader: SegmentReader
  private readonly writer: LogWriter
  private readonly acceptor: SegmentAcceptor
  private verifyKey: Uint8Array | null
  private short = false
  private opening: Promise<void> | null = null
  private closing: Promise<void> | null = null

  /**
   * `verify` is W.publicKey; null while a reader waits for the manifest. `noted` gives the number up to which each
   * session must be found (S20). The log ends the quota. Does no I/O.
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
    const { store, environment, documentId } = options
    this.store = store
    this.clock = environment.clock
    this.documentId = documentId
    this.verifyKey = options.verify
    this.noted = options.noted ?? new Map()
    this.quota = options.quota ?? new ProfileQuota().document()
    this.account = new SizeAccount(documentId, this.quota)
    this.damaged = new DamagedSessions(documentId)
    this.quota.onChange(() => {
      // There is room again: peers that wait for it listen for what is stored.
      if (!this.quota.shortage && this.writer.isOpen) this.emitter.emit('stored', [])
      this.emitter.emit('shortage', this.quota.shortage)
    })
    // In the literals below it stands last: V8 gives every copy that begins with it a hidden class to itself.
    const parts = {
      store,
      documentId,
      clock: this.clock,
      sessions: this.sessions,
      damaged: this.damaged,
      recent: this.recent,
      account: this.account,
      quota: this.quota,
      verifyKey: () => this.verifyKey,
      idle: () => this.idle(),
      segments: (session: SessionId, after: number) => this.segments(session, after),
      onReleased: (size: number) => this.released(size),
    }
    this.writer = new LogWriter({
      onWritten: (batch) => this.written(batch),
      onProblem: (problem) => this.emitter.emit('problem', problem),
      ...parts,
    })
    this.reader = new SegmentReader({ onDamage: () => this.checkAtOnce(), ...parts })
    this.acceptor = new SegmentAcceptor({
      writer: this.writer,
      histories: () => this.histories,
      health: () => this.health,
      forgetSnapshot: () => this.snapshots.forget(),
      onRetired: (session, after) => this.emitter.emit('retired', { session, after }),
      onFork: (proof) => this.emitter.emit('fork', proof),
      onHeldBack: (session) => this.emitter.emit('heldBack', session),
      ...parts,
    })
    this.histories = new SessionHistories({
      waiting: () => this.writer.waiting,
      onProof: (session, proof) => this.acceptor.convictOnce(session, proof),
      ...parts,
    })
    this.snapshots = new SnapshotStore({
      rebase: async (records, bases, origin) => {
        if (!this.writer.isOpen) throw new SwarmpadError('CLOSED')
        await this.writer.write({ records, rebased: this.acceptor.rebase(bases, origin), origin })
      },
      onChanged: () => this.emitter.emit('snapshot', null),
      ...parts,
    })
    this.health = new LogHealth({
      snapshots: this.snapshots,
      write: (records) => {
        if (records.length > 0 && this.writer.isOpen) this.writer.add({ records })
      },
      onLoss: (session) => this.acceptor.retire(session, null),
      onAdopted: (session, found) => this.adopted(session, found),
      onDamaged: () => this.emitter.emit('damaged', null),
      onRepaired: (by) => this.emitter.emit('mended', by),
      ...parts,
    })
  }

  /**
   * Loads certificates and tips. What is damaged is not held (S15). Idempotent. Rejects with STORE_DAMAGED when the
   * store cannot be read, and nothing of the quota is taken then.
   */
  open(): Promise<void> {
    this.opening ??= this.load().catch((error) => {
      this.account.end()
      throw error
    })
    return this.opening
  }

  /**
   * Waits for writes, with one last attempt if the disk refuses; appends that it still refuses then reject with
   * STORE_WRITE_FAILED. Idempotent.
   */
  close(): Promise<void> {
    this.writer.stop()
    this.closing ??= this.finish()
    return this.closing
  }

  /** True while closing it loses nothing: all is written, checked and whole, and no session of this run is in it. */
  get isIdle(): boolean {
    return this.writer.isIdle && !this.problem && !this.health.isBusy && this.newSessions.size === 0
  }

  /** Less was found at the opening than was noted, which no earlier run knew. */
  get isShort(): boolean {
    return this.short
  }

  /** Sets W.publicKey, once a reader has learnt it from a manifest. */
  setVerifyKey(verify: Uint8Array): void {
    this.verifyKey = verify
  }

  /** Durable extents of all sessions: a live view; copy it to keep it. */
  get vector(): VersionVector {
    return this.sessions.vector
  }

  /** Returns the last sequence number accepted of a session, maybe not durable yet; 0 when unknown. */
  tip(session: SessionId): number {
    return this.sessions.get(session)?.tip ?? 0
  }

  /** Returns a session's certificate; null when the session is unknown. */
  certificate(session: SessionId): Uint8Array | null {
    return this.sessions.get(session)?.certificate ?? null
  }

  /** Returns the tip proof of the last segment accepted of a session; null when the session is unknown. */
  tipProof(session: SessionId): Uint8Array | null {
    return this.sessions.get(session)?.tipProof ?? null
  }

  /**
   * Returns the tip proof of the segment whose last change has the number `seq`, also where a snapshot replaced it;
   * null when no held segment ends there. Rejects with STORE_DAMAGED.
   */
  tipProofAt(session: SessionId, seq: number): Promise<Uint8Array | null> {
    return this.reader.tipProofAt(session, seq)
  }

  /** Returns the sessions made in this profile, in earlier runs too. */
  ownSessions(): SessionId[] {
    return [...this.sessions.all()].filter(({ own }) => own).map(({ id }) => id)
  }

  /** Sessions made in this run. */
  get newSessions(): ReadonlySet<SessionId> {
    return this.sessions.started
  }

  /** Something that others made is stored here. */
  get holdsOthers(): boolean {
    for (const session of this.vector.keys()) if (!this.sessions.get(session)?.own) return true
    return false
  }

  /** Returns the fork proofs, by session: a live view. */
  forks(): ReadonlyMap<SessionId, Uint8Array> {
    return this.sessions.forks
  }

  /** Error of the last write, if the disk refused it; else null. */
  get problem(): SwarmpadError | null {
    return this.writer.problem
  }

  /** Reason why others' segments are not accepted; null while they are. Own ones are always accepted. */
  get shortage(): Shortage | null {
    return this.quota.shortage
  }

  /**
   * Judges a segment from a peer at once, and queues it for the disk when it is 'accepted'. The certificate is needed
   * with a session's first segment only. Never throws. Rules S2, S3, S7, S8, C6.
   */
  accept(segment: Uint8Array, certificate: Uint8Array | null): Verdict {
    return this.acceptor.offer({ segment, certificate, origin: 'peer', own: false })
  }

  /**
   * Takes a segment out of a backup, as `accept` does. One of a session that was made in this profile (`own`) is
   * taken without regard to the quota, and does not count (S14).
   */
  restore(segment: Uint8Array, certificate: Uint8Array | null, own: boolean): Verdict {
    return this.acceptor.offer({ segment, certificate, origin: 'backup', own })
  }

  /** Notes that a held session was made in this profile, as a backup says. */
  claim(id: SessionId): void {
    const session = this.sessions.get(id)
    if (session && this.sessions.claim(id)) this.writer.add({ records: [ownWrite(this.documentId, session)] })
  }

  /**
   * Resolves when all that was taken in before is durable; not while the disk refuses. Rejects with STORE_WRITE_FAILED
   * when the log is closed before, and with CLOSED.
   */
  idle(): Promise<void> {
    return this.writer.write({})
  }

  /** Takes a fork proof from outside: the first for each session is kept. */
  acceptFork(proof: Uint8Array): ReturnType<SegmentAcceptor['acceptFork']> {
    return this.acceptor.acceptFork(proof)
  }

  /**
   * Asks `mayDrop` before held changes are dropped for another history: false defers that and emits 'heldBack'. For
   * code that has to save work that is based on those changes first. Returns a function that removes it.
   */
  guardSwitches(mayDrop: () => boolean): () => void {
    return this.acceptor.guardSwitches(mayDrop)
  }

  /**
   * Seals changes of a session of this process and resolves when they are durable; with none, when all before are.
   * While the disk refuses, the same bytes are tried again. `records` are written in the same batch and do not belong
   * to the log. Rejects with EDIT_TOO_LARGE, and nothing is signed, when a change is bigger than a segment; with CLOSED
   * when the log is not open or the session is retired; with STORE_WRITE_FAILED only when the log is closed while the
   * disk refuses.
   */
  async append(
    session: SessionLog,
    changes: readonly LoggedChange[],
    records: readonly Write[] = [],
  ): Promise<void> {
    if (!sameBytes(session.documentId, this.documentId))
      throw new SwarmpadError('INTERNAL', { why: 'a session of another document' })
    const tip = this.sessions.liveTip(hex(session.session))
    if (!this.writer.isOpen || tip === null) throw new SwarmpadError('CLOSED')
    if (session.tip !== tip) throw new SwarmpadError('INTERNAL', { why: 'a session that wrote past its log' })
    const sealed = session.sealAll(changes)
    const segments = this.sessions.append(session.session, session.certificate, sealed)
    this.recent.add(sealed)
    await this.writer.write({ segments, records, origin: 'local' })
  }

  /**
   * Writes records that do not belong to the log, after all that was taken in before, and resolves when they are
   * durable. With `ahead` they bypass the queue; for callers that have nothing in it. Rejects with CLOSED, and with
   * STORE_WRITE_FAILED when the log is closed while the disk refuses, with `ahead` whenever it does.
   */
  keep(records: readonly Write[], { ahead = false } = {}): Promise<void> {
    return ahead && this.writer.isOpen ? this.store.write(records) : this.writer.write({ records })
  }

  /** Durable segments of a session that hold changes past `after` and its base, in order. Throws STORE_DAMAGED. */
  segments(session: SessionId, after: number): AsyncIterable<Segment> {
    return this.reader.of(session, after)
  }

  /** The same, each with its signature checked again: for peers, who would blame this program for a bad one. */
  signedSegments(session: SessionId, after: number): AsyncIterable<Segment> {
    return this.reader.signed(session, after)
  }

  /**
   * All durable segments except those that a snapshot replaced, session by session, each in order. Throws
   * STORE_DAMAGED.
   */
  all(): AsyncIterable<Segment> {
    return this.reader.all()
  }

  /** Resolves to true if the held snapshot can be given to peers. Begins a check at once if it is damaged. */
  async isSnapshotWhole(): Promise<boolean> {
    const isIntact = await this.snapshots.isIntact()
    if (!isIntact) this.checkAtOnce()
    return isIntact
  }

  /** Begins a full check after a read found damage, as other readers may need the data. Rule S15. */
  private checkAtOnce(): void {
    this.health.check().catch(() => undefined)
  }

  /** Counts bytes that are no longer held. Without any, nothing is written: a disk that refuses would report that. */
  private released(size: number): void {
    const records = this.account.release(size)
    if (records.length > 0) this.writer.add({ records })
  }

  /** Counts and reports segments that lay on the disk and have joined their session. */
  private adopted(session: Session, segments: readonly Segment[]): void {
    const size = session.own ? 0 : segments.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const records = [...sessionWrites(this.documentId, session), this.account.found(size)]
    this.writer.add({ records })
    this.emitter.emit('stored', segments)
    this.emitter.emit('received', segments)
  }

  private written({ accepted, received, raised }: WrittenBatch): void {
    for (const { session, cut } of accepted)
      if (cut) this.emitter.emit('cut', { session: session.id, after: cut.after })
    this.emitter.emit(
      'stored',
      accepted.map(({ segment }) => segment),
    )
    if (received.length > 0) this.emitter.emit('received', received)
    if (raised.length > 0) this.emitter.emit('settled', raised)
    if (this.health.isDamaged)
      this.health.grown(new Set([...accepted.map(({ session }) => session.id), ...raised]))
  }

  private async load(): Promise<void> {
    await this.snapshots.open()
    const { store, documentId, snapshots, noted, sessions } = this
    const loaded = await loadSessions({ store, documentId, snapshots, noted })
    this.short = loaded.isShort
    for (const session of loaded.sessions) sessions.load(session)
    const recount = store.isSuspect || loaded.damaged.size > 0
    const size = await loadSize(store, documentId, sessions.all(), recount)
    this.account.begin(size, [...sessions.all()].filter(({ own }) => !own).length)
    this.writer.open()
    if (loaded.isSnapshotLost) snapshots.lose()
    this.health.begin(loaded)
  }

  private async finish(): Promise<void> {
    // The caller of `open` already received the error.
    await this.opening?.catch(() => undefined)
    await this.histories.idle()
    this.health.end()
    await this.writer.close()
    this.account.end()
    await this.health.idle()
  }
}
