import { ChangeSet, type Text } from '@codemirror/state'
import { toText } from '../../preload/text'
import type { Clock, Timer } from '../base/environment'
import { assertNever, hasCode, SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import type { DocumentLog } from '../log/document-log'
import type { Segment } from '../log/format/segment'
import { quick } from '../log/scrub/log-health'
import { TimeSlicer } from '../log/scrub/time-slicer'
import type { SessionLog } from '../log/session-log'
import { Crossing, cross } from '../replica/crossing'
import type { Fault, SealedSegment } from '../replica/intake'
import type { Note } from '../replica/notes'
import type { ChangePlace, DocumentContent, FromReplica } from '../replica/replica-protocol'
import { EditJournal, type JournalKeep, type Standing } from './edit-journal'
import { LocalTextRecovery } from './local-text-recovery'
import type { ReplicaThread, StartReplica } from './replica-thread'

/** How much of the log goes to the replica in one message while loading, in bytes. */
const loadChunk = 256 * 1024
/** Waits before another replica is started after one died, in ms; the last one repeats. */
const restartDelays = [0, 1_000, 5_000, 30_000]

/** Options and callbacks of a replica link. */
export interface ReplicaClientOptions {
  readonly log: DocumentLog
  readonly contentKey: Uint8Array
  readonly documentId: Uint8Array
  /**
   * A fresh session for each replica: one that died must never share a sequence number with the next.
   * Gives null to who may only read.
   */
  readonly newSession: () => SessionLog | null
  readonly startReplica: StartReplica
  readonly clock: Clock
  /** The text to start from, as last seen; without the edits that the journal has left of an earlier run. */
  readonly text: Text
  readonly journal: JournalKeep
  /** A change made elsewhere, which fits the text here. */
  readonly onRemote: (changes: ChangeSet) => void
  /** So many more of the edits given here are durable, in their order: in segments or in the journal. */
  readonly onSaved: (edits: number) => void
  /** Puts back own text lost when a session's end was discarded; `changes` fit the text here. */
  readonly onLost: (changes: ChangeSet) => void
  /** All notes of the document, when they are known and whenever they changed. */
  readonly onNotes: (notes: readonly Note[]) => void
  /** Loaded, dead, or faulty: what `loading` and `faults` say changed. */
  readonly onState: () => void
  /** Called with the loaded content when it is worth a snapshot. */
  readonly onContent: (content: DocumentContent) => void
  readonly onSelected: (caret: Uint8Array) => void
  /** Where carets stand, in the text here. */
  readonly onPlaces: (places: { key: string; anchor: number; head: number }[]) => void
}

/**
 * The main thread's end of a document's replica: keeps one running, gives it local edits and stored
 * segments, and writes what it makes to the log. A replica that dies is replaced by another with a
 * new session; edits that were in no change yet are given to that one, so nothing is lost and the
 * text here does not jump. What a replica does not close into changes soon is made durable by the journal. One that dies while it loads is followed by one that loads with care, to
 * find the change that ends it; that change's session is left out from there on. Rule D5.
 */
export class ReplicaClient {
  private readonly options: ReplicaClientOptions
  private thread: ReplicaThread | null = null
  private session: SessionLog | null = null
  /** The text as the replica has closed it into changes, without the edits under way. */
  private closed: Text
  private crossing = new Crossing('follower')
  private waiting: Segment[] = []
  private busy = true
  private deaths = 0
  private careful = false
  /** The change that a careful replica is loading. */
  private taking: ChangePlace | null = null
  private suspect: ChangePlace | null = null
  private readonly leftOut = new Map<string, number>()
  private restart: Timer | null = null
  /** Notes to be put in that are not durable, by key. */
  private readonly notes = new Map<string, Note>()
  private readonly writes = new Set<Promise<void>>()
  private readonly journal: EditJournal
  /** Edits that were ever given here, those that an earlier run left included. */
  private given: number
  /** Edits up to this number are durable in segments. */
  private logged = 0
  /** Edits up to this number are durable and were reported so. */
  private told: number
  /** The replica was asked to close edits up to this number into changes. */
  private asked = 0
  private readonly stopListening: readonly (() => void)[]
  /** True while the replica is asked for the own text in its document, before it ends. */
  private recovering = false
  /** It said so. */
  private noted = false
  /** The session whose end is about to be discarded. */
  private awaited: string | null = null
  /** Last kept sequence numbers of the sessions cut since the replica began to load, by session. */
  private readonly cuts = new Map<string, number>()
  private readonly reentry = new LocalTextRecovery()
  private ended = false
  private refused = false
  private damaged = false
  private readonly collectedFaults: Fault[] = []
  private idle: (() => void)[] = []

  constructor(options: ReplicaClientOptions) {
    this.options = options
    this.closed = options.text
    const { log, clock } = options
    const left = options.journal.left?.entries ?? []
    for (const { changes } of left) this.crossing.send(changes)
    this.given = left.length
    this.told = left.length
    this.journal = new EditJournal({
      log,
      clock,
      keep: options.journal,
      standing: () => this.standing,
      isLogging: () => this.writes.size > 0,
      onKept: () => {
        this.tellSaved()
        this.wake()
      },
    })
    this.stopListening = [
      log.onReceived((segments) => this.stored(segments)),
      // It came in place of segments, which no message brings.
      log.onSettled(() => this.renew()),
      // It may hold what segments here lack.
      log.onSnapshot(() => log.snapshots.isLacking && this.renew()),
      log.onMended(() => this.mended()),
      log.onCut(({ session, after }) => this.cut(session, after)),
      log.onRetired(({ session, after }) => {
        if (session === this.sessionId) this.retired(session, after)
      }),
    ]
    this.start()
  }

  /** The log has not been read yet; edits are taken all the same. */
  loading = true

  /** Everything that is stored is in the text here. */
  get isCurrent(): boolean {
    return this.isReady && !this.busy && this.waiting.length === 0
  }

  /** True when the text and its authors are known: discarding a part of the log then loses no own edits. */
  get isReady(): boolean {
    return !this.loading && !this.recovering
  }

  /** Some edits are durable in the journal alone: nobody else can have them. */
  get isJournaled(): boolean {
    return this.journal.kept > this.logged
  }

  /** The session (hex) that edits are written in; null for who may only read. */
  get sessionId(): string | null {
    return this.session && hex(this.session.session)
  }

  /** Sessions that are not read from some change on. */
  get faults(): readonly Fault[] {
    return this.collectedFaults
  }

  /** The log took an edit for none that it can hold: nothing more can be saved here. */
  get isRefused(): boolean {
    return this.refused
  }

  /** The log could not be read from the disk when that was last tried. */
  get isDamaged(): boolean {
    return this.damaged
  }

  /** How often a replica died in a row without loading. */
  get failures(): number {
    return this.deaths
  }

  /** Gives the replica a local edit that was applied to the text here. */
  edit(changes: ChangeSet): void {
    this.crossing.send(changes)
    this.given++
    if (!this.loading) this.post(changes)
    if (!this.isReady || this.journal.holds) this.journal.expect()
  }

  /** Puts a note beside the text; `saved` tells when it is durable. A key that was used before is no other note. */
  note(note: Note): void {
    this.notes.set(note.key, note)
    if (!this.loading) this.thread?.post({ type: 'note', note })
  }

  /** Closes what was typed into a change. */
  commit(): void {
    if (this.loading) return
    this.thread?.post({ type: 'commit' })
    this.asked = this.given
    this.keepPending()
  }

  /** Asks for a name of a selection in the text here; answered by `onSelected`. */
  select(anchor: number, head: number): void {
    if (this.loading) return
    this.thread?.post({ type: 'select', remotes: this.crossing.received, anchor, head })
  }

  /** Asks where carets stand; answered by `onPlaces`. */
  find(carets: { key: string; caret: Uint8Array }[]): void {
    if (!this.loading) this.thread?.post({ type: 'find', carets })
  }

  /**
   * Resolves when every edit given so far is durable, in segments or in the journal. Rejects with NOT_SAVED when that
   * cannot be, or this is closed before.
   */
  saved(): Promise<void> {
    return this.until(() => this.isWritten || this.isKept)
  }

  /**
   * Resolves when every edit given so far is durable in segments. Where no replica can be expected to load, what is in
   * the journal is left there. Rejects as `saved` does.
   */
  drained(): Promise<void> {
    if (!this.isReady) this.journal.write()
    return this.until(() => this.isWritten || (this.isKept && this.isStuck))
  }

  /**
   * Resolves when every edit given so far is durable in segments and every stored segment is in the text. Rejects with
   * NOT_SAVED, and with CLOSED.
   */
  settled(): Promise<void> {
    return this.until(() => this.isCurrent && this.isWritten)
  }

  /** Replaces the replica by one with a new session: the role that is held changed. */
  renew(): void {
    // Ended on purpose: no change is to blame.
    this.taking = null
    this.deaths = 0
    this.replace()
  }

  /** Stops the replica. Edits that are not durable yet are lost. */
  close(): void {
    this.ended = true
    for (const stop of this.stopListening) stop()
    if (this.restart) this.options.clock.clear(this.restart)
    this.journal.freeze()
    this.thread?.stop()
    this.thread = null
    this.wake()
  }

  private get isWritten(): boolean {
    const isClosed = this.crossing.unacknowledged.length === 0 && this.notes.size === 0
    return isClosed && this.writes.size === 0 && !this.refused
  }

  private get isKept(): boolean {
    return this.told === this.given && this.notes.size === 0
  }

  /** No replica can be expected to load soon, and nothing that one made is on its way to the disk. */
  private get isStuck(): boolean {
    return this.loading && (this.damaged || this.deaths > 1) && this.writes.size === 0
  }

  private get standing(): Standing {
    return { closed: this.closed, pending: this.crossing.unacknowledged, given: this.given }
  }

  /** Journals edits that wait for the replica, unless it closes them into changes in time. */
  private keepPending(): void {
    if (this.crossing.unacknowledged.length > 0) this.journal.expect()
  }

  private tellSaved(): void {
    const durable = Math.max(this.logged, this.journal.kept)
    const more = durable - this.told
    if (more <= 0) return
    this.told = durable
    this.options.onSaved(more)
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!this.ended && !this.refused && !holds()) {
      this.commit()
      await new Promise<void>((resolve) => this.idle.push(resolve))
    }
    if (holds()) return
    if (this.isWritten || this.isKept) throw new SwarmpadError('CLOSED')
    throw new SwarmpadError('NOT_SAVED', { edits: null, documents: 1 })
  }

  private post(changes: ChangeSet): void {
    this.thread?.post({ type: 'edit', remotes: this.crossing.received, changes: changes.toJSON() })
  }

  private start(): void {
    if (this.thread) return
    // A part of it would take the rest for deleted: the text stays as it was last seen.
    if (this.options.log.health.isDamaged) {
      this.damaged = true
      this.wake()
      return
    }
    this.session = this.options.newSession()
    const thread = this.options.startReplica({
      onMessage: (message) => this.thread === thread && this.receive(message),
      onEnd: () => this.thread === thread && this.died(),
    })
    this.thread = thread
    this.load(thread).catch((error) => this.unread(thread, error))
  }

  /** The log could not be read: looks what is damaged of it, and waits until it is mended. */
  private async unread(thread: ReplicaThread, error: unknown): Promise<void> {
    const { log, clock } = this.options
    const isDamaged = hasCode(error, 'STORE_DAMAGED')
    if (isDamaged) await log.health.check(new TimeSlicer({ clock, ...quick })).catch(() => undefined)
    if (this.thread !== thread) return
    // Anything that could be repaired without peers is repaired by now.
    const isFirst = !this.damaged
    this.damaged = isDamaged
    if (isDamaged && (isFirst || log.health.isDamaged)) this.renew()
    else this.died()
  }

  private mended(): void {
    if (this.thread || this.ended) return
    if (this.restart) this.options.clock.clear(this.restart)
    this.start()
  }

  private async load(thread: ReplicaThread): Promise<void> {
    const { snapshots } = this.options.log
    const { held } = snapshots
    const snapshot = await snapshots.read()
    if (this.thread !== thread) return
    // Segments stored from now on queue behind the log: the replica ignores duplicates.
    this.waiting = []
    thread.post({
      type: 'start',
      documentId: this.options.documentId,
      contentKey: this.options.contentKey,
      actor: hex(this.session?.session ?? this.options.documentId),
      leftOut: this.leftOut,
      careful: this.careful,
      asked: this.reentry.sessions,
      snapshot: snapshot?.bytes ?? null,
      tail: this.session ? snapshots.dueAfter : Number.POSITIVE_INFINITY,
      entries: this.journal.naming,
    })
    let chunk: SealedSegment[] = []
    let size = 0
    for await (const segment of this.options.log.all()) {
      if (this.thread !== thread) return
      chunk.push(this.sealed(segment))
      size += segment.bytes.length
      if (size < loadChunk) continue
      thread.post({ type: 'load', segments: chunk, last: false })
      chunk = []
      size = 0
    }
    if (this.thread !== thread) return
    // Segments that were discarded meanwhile for another snapshot are missing.
    if (snapshots.held !== held && snapshots.bearing) this.renew()
    else thread.post({ type: 'load', segments: chunk, last: true })
  }

  private sealed(segment: Segment): SealedSegment {
    const certificate = this.options.log.certificate(hex(segment.session))
    if (!certificate) throw new Error('a stored segment has no certificate')
    return { segment: segment.bytes, certificate }
  }

  private stored(segments: readonly Segment[]): void {
    // The next replica reads them in the log.
    if (!this.thread) return
    this.waiting.push(...segments)
    if (this.runsElsewhere) this.recover()
    this.deliver()
  }

  /** True if another instance signed changes in the log with this session's key, even before any here. */
  private get runsElsewhere(): boolean {
    return this.session !== null && this.options.log.tip(hex(this.session.session)) > this.session.tip
  }

  /** Gives all that waits in one batch, when the replica is done with the last one. */
  private deliver(): void {
    if (this.busy || !this.isReady || this.waiting.length === 0) return
    this.busy = true
    this.thread?.post({
      type: 'segments',
      segments: this.waiting.splice(0).map((segment) => this.sealed(segment)),
    })
  }

  private receive(message: FromReplica): void {
    switch (message.type) {
      case 'taking':
        this.taking = message.change
        return
      case 'trapped':
        this.trapped(message.change)
        return
      case 'loaded':
        this.loaded(toText(message.text), message)
        return
      case 'content':
        this.options.onContent(message.content)
        return
      case 'authored':
        this.reentry.note(message.runs, this.closed, new Set(this.options.log.ownSessions()))
        this.noted = true
        if (this.awaited === null) this.renew()
        return
      case 'change':
        this.changed(message)
        return
      case 'notes':
        this.options.onNotes(message.notes)
        return
      case 'applied':
        this.applied(message)
        return
      case 'selected':
        this.options.onSelected(message.caret)
        return
      case 'places':
        this.options.onPlaces(
          message.places.map(({ key, anchor, head }) => ({
            key,
            anchor: this.crossing.place(anchor, message.edits),
            head: this.crossing.place(head, message.edits),
          })),
        )
        return
      case 'salvaged':
      case 'checked':
        return // asked of threads of their own, by Salvager and isSoundInside
      default:
        assertNever(message)
    }
  }

  private cut(session: string, after: number): void {
    if (this.awaited === session) {
      this.awaited = null
      if (this.noted || !this.recovering) this.renew()
      return
    }
    this.cuts.set(session, after)
    this.recover()
  }

  /** From now on nothing can be appended; with `after`, what this session wrote past that is about to go. */
  private retired(session: string, after: number | null): void {
    if (after !== null) {
      this.cuts.set(session, after)
      this.awaited = session
    }
    this.recover()
  }

  /** Restarts, keeping own text, after the log lost its end or because this session runs elsewhere too. */
  private recover(): void {
    if (this.recovering) return
    if (this.loading || !this.thread) {
      this.renew()
      return
    }
    this.recovering = true
    this.keepPending()
    this.thread.post({ type: 'authored', made: this.session?.tip ?? 0, cuts: new Map(this.cuts) })
    this.cuts.clear()
    this.options.onState()
  }

  private loaded(text: Text, { faults, reach, entered }: Extract<FromReplica, { type: 'loaded' }>): void {
    const pending = this.withoutEntered(entered)
    const { unseen, lost } = this.reentry.take(reach, this.closed, text)
    const crossed = cross(unseen, pending, 'follower')
    this.closed = text
    this.crossing = new Crossing('follower')
    this.loading = false
    this.damaged = false
    this.busy = false
    this.careful = false
    this.collectedFaults.splice(0, this.collectedFaults.length, ...faults)
    this.noteLacking()
    if (!crossed.incoming.empty) this.options.onRemote(crossed.incoming)
    for (const changes of crossed.pending) {
      this.crossing.send(changes)
      this.post(changes)
    }
    if (lost && this.session)
      this.options.onLost(crossed.pending.reduce((moved, edit) => moved.map(edit), lost))
    if (crossed.pending.length > 0 || lost) this.commit()
    for (const note of this.notes.values()) this.thread?.post({ type: 'note', note })
    this.options.onState()
    this.deliver()
    this.wake()
  }

  private changed({ edits, changes, noted, named }: Extract<FromReplica, { type: 'change' }>): void {
    const session = this.session
    // After one that was refused the log of this session would have a gap. What a replica says that is about
    // to end is not in the log: its edits are given to the next.
    if (!session || this.refused || this.recovering) return
    if (this.runsElsewhere) {
      this.recover()
      return
    }
    this.deaths = 0
    for (const edit of this.crossing.acknowledge(edits)) this.closed = edit.apply(this.closed)
    const logged = this.given - this.crossing.unacknowledged.length
    if (logged >= this.asked) this.journal.answered()
    // In the batch of the segment, so that no edit is ever in both or in none.
    const { records, until } = this.journal.closedInto(this.standing, named)
    const done = () => {
      this.writes.delete(write)
      this.wake()
    }
    const write: Promise<void> = this.options.log.append(session, changes, records).then(
      () => {
        this.logged = logged
        this.journal.wrote(until)
        this.tellSaved()
        for (const key of noted) this.notes.delete(key)
        done()
      },
      (error) => {
        if (!(error instanceof SwarmpadError)) throw error
        // Else closed while the disk refused: whoever closed the log was told, and the edits stay unsaved.
        if (hasCode(error, 'EDIT_TOO_LARGE', 'SESSION_OVER', 'INTERNAL')) this.refuse()
        this.options.onState()
        done()
      },
    )
    this.writes.add(write)
  }

  /** The edits that are in no change, without those of an earlier run that the document has already. */
  private withoutEntered(names: readonly string[]): readonly ChangeSet[] {
    const { pending, given } = this.standing
    const count = Math.max(0, this.journal.endOf(names) - (given - pending.length))
    if (count === 0) return pending
    for (const edit of pending.slice(0, count)) this.closed = edit.apply(this.closed)
    const rest = pending.slice(count)
    this.logged = given - rest.length
    const { records, until } = this.journal.closedInto({ closed: this.closed, pending: rest, given }, 0)
    const write: Promise<void> = this.options.log
      .keep(records)
      .then(() => this.journal.wrote(until))
      // Closed meanwhile: the next run finds the same.
      .catch(() => undefined)
      .finally(() => {
        this.writes.delete(write)
        this.wake()
      })
    this.writes.add(write)
    return rest
  }

  /** No edit is in a segment from now on. What the journal has stays there, for the next session to try. */
  private refuse(): void {
    this.refused = true
    this.journal.freeze()
  }

  private applied(message: Extract<FromReplica, { type: 'applied' }>): void {
    if (this.recovering) return
    this.busy = !message.last
    this.deaths = 0
    if (message.changes !== null) {
      const changes = ChangeSet.fromJSON(message.changes)
      this.closed = changes.apply(this.closed)
      this.options.onRemote(this.crossing.receive(changes, message.edits))
    }
    this.collectedFaults.push(...message.faults)
    if (message.faults.length > 0) this.noteLacking()
    this.deliver()
    if (this.isCurrent) this.options.onState()
    this.wake()
  }

  private noteLacking(): void {
    this.options.log.snapshots.isLacking = this.collectedFaults.some(({ lacksContent }) => lacksContent)
  }

  private died(): void {
    this.learnFromDeath()
    this.replace()
  }

  /** Ends the replica, and starts another after a while that grows with the deaths in a row. */
  private replace(): void {
    this.thread?.stop()
    this.thread = null
    this.recovering = false
    this.noted = false
    this.loading = true
    this.busy = true
    const delay = restartDelays[Math.min(this.deaths, restartDelays.length - 1)] ?? 0
    this.deaths++
    this.keepPending()
    this.options.onState()
    this.wake()
    // Writes under way name the old session: they are settled before another one begins.
    void Promise.allSettled(this.writes).then(() => {
      if (this.ended) return
      if (this.restart) this.options.clock.clear(this.restart)
      this.restart = this.options.clock.set(delay, () => this.start())
    })
  }

  /** Automerge broke: at this change, which is left out from now on, or at one that is still to be found. */
  private trapped(change: ChangePlace | null): void {
    this.taking = null
    if (change) this.leftOut.set(change.session, change.seq)
    else this.careful = true
    // The next replica gets further: it need not wait as after a death without a cause.
    this.deaths = 0
  }

  /** Leaves out a change that ends every replica that loads it, so that the rest of the document opens. */
  private learnFromDeath(): void {
    this.careful ||= this.loading
    const { taking, suspect } = this
    if (!taking) return
    this.taking = null
    this.suspect = taking
    // Once may be chance: the machine may have been short of memory.
    if (suspect?.session !== taking.session || suspect.seq !== taking.seq) return
    this.leftOut.set(taking.session, taking.seq)
    this.deaths = 0
  }

  private wake(): void {
    for (const resolve of this.idle.splice(0)) resolve()
  }
}
