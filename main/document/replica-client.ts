import type { ChangeSet } from '@codemirror/state'
import { toText } from '../../preload/text'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import type { Segment } from '../log/format/segment'
import type { Fault } from '../replica/intake'
import type { PartRecord } from '../replica/parts/parts'
import type { AskedCaret, FromReplica, ToReplica } from '../replica/replica-protocol'
import { changesFromJson, changesToJson } from './change-json'
import type { Selection } from './edit-versions'
import { LocalTextRecovery } from './local-text-recovery'
import { LogFeeder } from './log-feeder'
import { OwnChanges } from './own-changes'
import { PendingEdits } from './pending-edits'
import type { ReplicaClientOptions } from './replica-client-options'
import { type ReplicaPhase, ReplicaSupervisor } from './supervisor'

/**
 * Reason why a document cannot be read or saved: 'full', as the log can hold no more; 'damaged', as its stored data is;
 * 'unreadable', as replica after replica died.
 */
export type DocumentTrouble = 'full' | 'damaged' | 'unreadable'

const whenLoaded: readonly ReplicaPhase[] = ['running', 'recovering']

type Message<Type extends FromReplica['type']> = Extract<FromReplica, { type: Type }>

/** The phases in which the replica may send a message, and its handler; null for one that no replica sends. */
type Handlers = {
  readonly [Type in FromReplica['type']]: {
    readonly in: readonly ReplicaPhase[]
    readonly take: (message: Message<Type>) => void
  } | null
}

/**
 * The main thread's end of the protocol with a document's replica: sends it local edits and stored segments, and gives
 * its changes to the log and to the text here. Invariants:
 *
 * 1. The text here never waits for a replica: edits are taken in every phase, and sent once one has loaded.
 * 2. A replica gets the log, then the pending edits, then the records that are not durable, then the selection.
 * 3. Edits that a replica had not closed into durable changes when it ended are given to the next one.
 * 4. Changes of a replica in 'recovering', or in a session that another process writes in too, are not written.
 * 5. A replica that sends a message which its phase does not have is replaced as if it had died.
 */
export class ReplicaClient {
  private readonly options: ReplicaClientOptions
  private readonly supervisor: ReplicaSupervisor
  private readonly feeder: LogFeeder
  private readonly edits: PendingEdits
  private readonly own: OwnChanges
  private readonly recovery: LocalTextRecovery
  private readonly stopListening: readonly (() => void)[]
  private selection: Selection | null = null
  private readonly waits = new Set<{ readonly isOver: () => boolean; readonly resolve: () => void }>()

  constructor(options: ReplicaClientOptions) {
    this.options = options
    const { log, clock, text, journal } = options
    const left = (journal.left?.entries ?? []).map(({ changes }) => changes)
    this.edits = new PendingEdits(text, left)
    this.own = new OwnChanges({
      log,
      clock,
      journal,
      edits: this.edits,
      onSaved: options.onSaved,
      onRefused: options.onState,
      onProgress: () => this.evaluate(),
    })
    this.feeder = new LogFeeder(log)
    this.supervisor = new ReplicaSupervisor({
      clock,
      startReplica: options.startReplica,
      newSession: options.newSession,
      isLogDamaged: () => log.health.isDamaged,
      drained: () => this.own.drained(),
      load: (replica) => this.feeder.load(replica, (snapshot) => this.begin(snapshot)),
      onMessage: (message) => this.receive(message),
      onEnded: () => this.ended(),
      onBroken: () => this.evaluate(),
    })
    this.recovery = new LocalTextRecovery({
      log,
      supervisor: this.supervisor,
      edits: this.edits,
      onBegun: () => {
        this.own.awaitReplica()
        options.onState()
      },
    })
    this.stopListening = [
      log.onReceived((segments) => this.received(segments)),
      // Segments in a snapshot's place come with no 'stored'.
      log.onSettled(() => this.renew()),
      // It may hold what segments here lack.
      log.onSnapshot(() => log.snapshots.isLacking && this.renew()),
      log.onMended(() => this.supervisor.repaired()),
      log.onCut(({ session, after }) => this.recovery.cut(session, after)),
      log.onRetired(({ session, after }) => this.recovery.retired(session, after)),
    ]
    this.supervisor.start()
  }

  /** The log has not been read yet; edits are taken all the same. */
  get loading(): boolean {
    return !this.supervisor.hasLoaded
  }

  /** Everything that is stored is in the text here. */
  get isCurrent(): boolean {
    return this.isReady && this.feeder.isCurrent
  }

  /** True when the text and its authors are known: discarding a part of the log then loses no own edits. */
  get isReady(): boolean {
    return this.supervisor.isReady
  }

  /** Some edits are durable in the journal alone: nobody else can have them. */
  get isJournaled(): boolean {
    return this.own.isJournaled
  }

  /** Changes are on their way to the log. */
  get isWriting(): boolean {
    return this.own.isWriting
  }

  /** Sessions that are not read from some change on. */
  get faults(): readonly Fault[] {
    return this.feeder.faults
  }

  /** Reason why the document cannot be read or saved, or null. */
  get trouble(): DocumentTrouble | null {
    if (this.own.isRefused) return 'full'
    if (this.loading && this.supervisor.isDamaged) return 'damaged'
    return this.loading && this.supervisor.failures > 2 ? 'unreadable' : null
  }

  /** Gives the replica a local edit that was applied to the text here. */
  edit(changes: ChangeSet): void {
    this.edits.add(changes)
    this.moveSelection(changes)
    this.postEdit(changes)
    this.own.edited(this.isReady)
  }

  /** Puts a record beside the text; `saved` tells when it is durable. Two with one key in a part are the same. */
  put(record: PartRecord): void {
    this.own.addRecord(record)
    this.post({ type: 'put', record })
  }

  /** Closes the edits so far into a change. */
  commit(): void {
    if (!this.supervisor.loaded) return
    this.post({ type: 'commit' })
    this.own.closeRequested()
  }

  /**
   * Names a selection in the text here for other replicas, by `onSelected`; while none has loaded, as soon as one has.
   * With null, nothing is selected and none is named.
   */
  select(selection: Selection | null): void {
    this.selection = selection
    this.postSelection()
  }

  /** Asks for the places of carets; answered by `onPlaces`. Not answered while no replica has loaded. */
  find(carets: readonly AskedCaret[]): void {
    this.post({ type: 'find', carets })
  }

  /**
   * Resolves when every edit given so far is durable, in segments or in the journal. Rejects with NOT_SAVED when that
   * cannot be, or this is closed before.
   */
  saved(): Promise<void> {
    return this.until(() => this.own.isWritten || this.own.isKept)
  }

  /**
   * Resolves when every edit given so far is durable in segments. Where no replica can be expected to load, edits in
   * the journal are left there. Rejects as `saved` does.
   */
  drained(): Promise<void> {
    if (!this.isReady) this.own.writeJournal()
    return this.until(() => this.own.isWritten || (this.own.isKept && this.isStuck))
  }

  /**
   * Resolves when every edit given so far is durable in segments and every stored segment is in the text. Rejects with
   * NOT_SAVED, and with CLOSED.
   */
  settled(): Promise<void> {
    return this.until(() => this.isCurrent && this.own.isWritten)
  }

  /** Replaces the replica by one with a new session. */
  renew(): void {
    this.supervisor.renew()
  }

  /** Stops the replica. Edits that are not durable yet are lost. */
  close(): void {
    for (const stop of this.stopListening) stop()
    if (this.loading) this.feeder.stop()
    this.own.close()
    this.supervisor.close()
    this.evaluate()
  }

  /** No replica can be expected to load soon, and no changes are on their way to the disk. */
  private get isStuck(): boolean {
    const { isDamaged, failures } = this.supervisor
    return this.loading && (isDamaged || failures > 1) && !this.own.isWriting
  }

  /** Does all that the state allows. Called after each event, in any order; once more does no harm. */
  private evaluate(): void {
    if (this.supervisor.phase === 'running') this.feeder.deliver()
    for (const wait of this.waits)
      if (wait.isOver()) {
        this.waits.delete(wait)
        wait.resolve()
      }
  }

  private async until(holds: () => boolean): Promise<void> {
    const isOver = () => this.supervisor.phase === 'closed' || this.own.isRefused || holds()
    // Again when more was typed before this goes on.
    while (!isOver()) {
      this.commit()
      await new Promise<void>((resolve) => this.waits.add({ isOver, resolve }))
    }
    if (holds()) return
    if (this.own.isWritten || this.own.isKept) throw new SwarmpadError('CLOSED')
    throw new SwarmpadError('NOT_SAVED', { edits: null, documents: 1 })
  }

  private post(message: ToReplica): void {
    this.supervisor.loaded?.thread.post(message)
  }

  private postEdit(changes: ChangeSet): void {
    if (!this.supervisor.loaded) return
    this.post({ type: 'edit', remotes: this.edits.received, changes: changesToJson(changes) })
  }

  private postSelection(): void {
    if (this.selection) this.post({ type: 'select', remotes: this.edits.received, ...this.selection })
  }

  private moveSelection(changes: ChangeSet): void {
    if (!this.selection) return
    const { anchor, head } = this.selection
    this.selection = { anchor: changes.mapPos(anchor, 1), head: changes.mapPos(head, 1) }
  }

  private showRemote(changes: ChangeSet): void {
    this.moveSelection(changes)
    this.options.onRemote(changes)
  }

  private begin(snapshot: Uint8Array | null): ToReplica {
    const { documentId, contentKey, log } = this.options
    const { sessionId, leftOut, isCareful } = this.supervisor
    return {
      type: 'start',
      documentId,
      contentKey,
      actor: sessionId ?? hex(documentId),
      leftOut,
      careful: isCareful,
      asked: this.recovery.sessions,
      snapshot,
      tail: sessionId ? log.snapshots.dueAfter : Number.POSITIVE_INFINITY,
      entries: this.own.naming,
      parts: this.options.parts,
    }
  }

  private ended(): void {
    this.feeder.stop()
    this.own.awaitReplica()
    this.options.onState()
    this.evaluate()
  }

  private received(segments: readonly Segment[]): void {
    this.feeder.add(segments)
    this.recovery.checkSession()
    this.evaluate()
  }

  private receive<Type extends FromReplica['type']>(message: Message<Type>): void {
    const handler: Handlers[Type] = this.handlers[message.type as Type]
    if (handler?.in.includes(this.supervisor.phase)) handler.take(message)
    else this.supervisor.died()
  }

  private readonly handlers: Handlers = {
    taking: { in: ['loading'], take: ({ change }) => this.supervisor.announced(change) },
    trapped: { in: ['loading', ...whenLoaded], take: ({ change }) => this.supervisor.trapped(change) },
    loaded: { in: ['loading'], take: (message) => this.loaded(message) },
    content: { in: whenLoaded, take: ({ content }) => this.options.onContent(content) },
    authored: { in: ['recovering'], take: ({ runs }) => this.recovery.authored(runs) },
    change: { in: whenLoaded, take: (message) => this.changed(message) },
    records: { in: whenLoaded, take: (content) => this.options.onRecords(content) },
    applied: { in: whenLoaded, take: (message) => this.applied(message) },
    selected: { in: whenLoaded, take: ({ caret }) => this.selection && this.options.onSelected(caret) },
    places: { in: whenLoaded, take: (message) => this.placed(message) },
    salvaged: null,
    checked: null,
  }

  private placed({ places, edits }: Message<'places'>): void {
    const move = (offset: number) => this.edits.place(offset, edits)
    this.options.onPlaces(
      places.map(({ id, place }) => ({
        id,
        place: place && { anchor: move(place.anchor), head: move(place.head) },
      })),
    )
  }

  private loaded({ text, faults, reach, entered }: Message<'loaded'>): void {
    const count = this.own.countEntered(entered)
    if (count > 0) {
      this.edits.skip(count)
      this.own.entered()
    }
    const loaded = toText(text)
    const { unseen, lost } = this.recovery.take(reach, loaded)
    const remote = this.edits.reload(loaded, unseen)
    const { pending } = this.edits
    this.supervisor.markLoaded()
    this.feeder.loaded(faults)
    for (const changes of pending) this.postEdit(changes)
    if (!remote.empty) this.showRemote(remote)
    if (lost && this.supervisor.sessionId)
      this.options.onLost(pending.reduce((moved, edit) => moved.map(edit), lost))
    if (pending.length > 0 || lost) this.commit()
    for (const record of this.own.pendingRecords) this.post({ type: 'put', record })
    this.postSelection()
    this.options.onState()
    this.evaluate()
  }

  private changed(message: Message<'change'>): void {
    const session = this.supervisor.replica?.session
    if (!session || this.own.isRefused || this.supervisor.phase === 'recovering') return
    if (this.recovery.checkSession()) return
    this.supervisor.progressed()
    this.edits.close(message.edits)
    this.own.write(session, message)
  }

  private applied({ changes, edits, faults, last }: Message<'applied'>): void {
    if (this.supervisor.phase === 'recovering') return
    this.supervisor.progressed()
    this.feeder.applied(faults, last)
    if (changes !== null) this.showRemote(this.edits.receive(changesFromJson(changes), edits))
    if (this.isCurrent) this.options.onState()
    this.evaluate()
  }
}
