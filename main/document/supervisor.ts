import type { Clock, Timer } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import type { SessionLog } from '../log/session-log'
import type { ChangePlace, FromReplica } from '../replica/replica-protocol'
import type { ReplicaListener, ReplicaThread, StartReplica } from './replica-thread'

/** Pause before the next replica is started, by the number of deaths in a row, in ms; the last one repeats. */
const restartPauses = [0, 1_000, 5_000, 30_000]

/** A replica in its thread, and the session that it writes in; null for a reader. */
export interface LiveReplica {
  readonly thread: ReplicaThread
  readonly session: SessionLog | null
}

/**
 * Result of sending the log to a replica: 'sent', or no longer of use; 'outdated', as segments were discarded meanwhile
 * for another snapshot; 'damaged', as the disk has other bytes than were written; 'failed' for any other reason.
 */
export type LoadOutcome = 'sent' | 'outdated' | 'damaged' | 'failed'

/** State of a document's replica. */
export type ReplicaState =
  /** No replica lives: writes in the session of the last one are under way. A pause follows, in ms. */
  | { readonly phase: 'draining'; readonly pause: number }
  /** No replica lives: the timer starts one. */
  | { readonly phase: 'pausing'; readonly timer: Timer | null }
  /** No replica lives: the log is damaged, and waits for its repair. */
  | { readonly phase: 'broken' }
  /** It loads the log; a careful one has announced the change that it takes next. */
  | { readonly phase: 'loading'; readonly replica: LiveReplica; readonly taking: ChangePlace | null }
  /** It has loaded the log, and takes edits and stored segments. */
  | { readonly phase: 'running'; readonly replica: LiveReplica }
  /**
   * It is replaced once it has answered who wrote which text (`needsAuthors`), and the log has dropped the end of the
   * session `cut` (hex) where that is not null. Changes that it makes are not written to the log.
   */
  | {
      readonly phase: 'recovering'
      readonly replica: LiveReplica
      readonly needsAuthors: boolean
      readonly cut: string | null
    }
  /** Nothing is started again. `from` is the phase before. */
  | { readonly phase: 'closed'; readonly from: OpenPhase }

/** Name of a state. */
export type ReplicaPhase = ReplicaState['phase']

type OpenPhase = Exclude<ReplicaPhase, 'closed'>

/** The phases that may follow each phase. */
const followers: Readonly<Record<ReplicaPhase, readonly ReplicaPhase[]>> = {
  draining: ['draining', 'pausing', 'closed'],
  pausing: ['draining', 'broken', 'loading', 'closed'],
  broken: ['draining', 'broken', 'loading', 'closed'],
  loading: ['draining', 'loading', 'running', 'closed'],
  running: ['draining', 'recovering', 'closed'],
  recovering: ['draining', 'recovering', 'closed'],
  closed: [],
}

/** Dependencies and callbacks of a supervisor. */
export interface SupervisorOptions {
  readonly clock: Clock
  readonly startReplica: StartReplica
  readonly newSession: () => SessionLog | null
  readonly isLogDamaged: () => boolean
  /** Resolves when no write in the session of a former replica is under way. */
  readonly drained: () => Promise<unknown>
  /** Sends the log to a replica that was started. Never rejects. */
  readonly load: (replica: LiveReplica) => Promise<LoadOutcome>
  /** A message of the replica that lives. */
  readonly onMessage: (message: FromReplica) => void
  /** The replica ended, and another one follows. */
  readonly onEnded: () => void
  /** No replica can be started, as the log is damaged. */
  readonly onBroken: () => void
}

/**
 * Keeps one replica of a document alive (rule D5). Invariants:
 *
 * 1. At most one replica lives. Messages of any other are dropped.
 * 2. Each replica has a new session, which begins when all writes in the one before are done: no two replicas
 *    share a sequence number.
 * 3. No replica is started on a log that is known to be damaged: with a part of it, the rest would seem deleted.
 * 4. The pause before a start grows with the deaths in a row: 0, 1, 5, 30 s. A replica that gets work done, a cause
 *    that is found, and an end on purpose begin the count again.
 * 5. After a death while loading, the next replica loads with care: it announces each change. A change that was
 *    announced last by two dying replicas in a row, or that a replica names as the cause, is left out, with the rest
 *    of its session.
 * 6. A replica in 'recovering' never runs again: it is replaced.
 * 7. 'closed' is final.
 */
export class ReplicaSupervisor {
  private readonly options: SupervisorOptions
  private current: ReplicaState = { phase: 'pausing', timer: null }
  private deaths = 0
  private careful = false
  private damaged = false
  private suspect: ChangePlace | null = null
  private readonly excluded = new Map<string, number>()

  /** Starts nothing by itself. */
  constructor(options: SupervisorOptions) {
    this.options = options
  }

  get phase(): ReplicaPhase {
    return this.current.phase
  }

  /** The replica that lives, loaded or not. */
  get replica(): LiveReplica | null {
    return 'replica' in this.current ? this.current.replica : null
  }

  /** The replica that lives, once it has loaded the log. */
  get loaded(): LiveReplica | null {
    return this.phase === 'loading' ? null : this.replica
  }

  /** Session (hex) of the replica that lives; null for a reader's, and for none. */
  get sessionId(): string | null {
    const session = this.replica?.session
    return session ? hex(session.session) : null
  }

  /** True if the log is in the text, or was when this was closed. */
  get hasLoaded(): boolean {
    return this.lastPhase === 'running' || this.lastPhase === 'recovering'
  }

  /** True in 'running', and if this was closed in it. */
  get isReady(): boolean {
    return this.lastPhase === 'running'
  }

  /** The log could not be read from the disk when that was last tried. */
  get isDamaged(): boolean {
    return this.damaged
  }

  /** Deaths in a row. */
  get failures(): number {
    return this.deaths
  }

  /** True for a replica that announces each change before it loads it. */
  get isCareful(): boolean {
    return this.careful
  }

  /** First sequence number that is left out, by session (hex). */
  get leftOut(): ReadonlyMap<string, number> {
    return this.excluded
  }

  /** Starts a replica. Does nothing while one lives, while the last one drains, and after `close`. */
  start(): void {
    if (this.phase !== 'pausing' && this.phase !== 'broken') return
    this.clearTimer()
    if (this.options.isLogDamaged()) {
      this.damaged = true
      this.enter({ phase: 'broken' })
      this.options.onBroken()
      return
    }
    const session = this.options.newSession()
    const thread = this.startThread({
      onMessage: (message) => this.replica === replica && this.options.onMessage(message),
      onEnd: () => this.replica === replica && this.died(),
    })
    if (!thread) return
    const replica = { thread, session }
    this.enter({ phase: 'loading', replica, taking: null })
    void this.options.load(replica).then((outcome) => this.replica === replica && this.sent(outcome))
  }

  /** The log was repaired: starts a replica without a pause, if none lives. */
  repaired(): void {
    if (this.phase === 'draining') this.enter({ phase: 'draining', pause: 0 })
    else this.start()
  }

  /** A careful replica is about to load a change, or has loaded all. */
  announced(change: ChangePlace | null): void {
    if (this.current.phase === 'loading') this.enter({ ...this.current, taking: change })
  }

  /** The replica has loaded the log. Throws INTERNAL in any phase but 'loading'. */
  markLoaded(): void {
    this.enter({ phase: 'running', replica: this.expectReplica() })
    this.careful = false
    this.damaged = false
  }

  /** The replica got work done: it is not the same death again. */
  progressed(): void {
    this.deaths = 0
  }

  /** Automerge broke at a change, which is left out from there on, or at one that is still to be found. */
  trapped(change: ChangePlace | null): void {
    this.announced(null)
    if (change) this.excluded.set(change.session, change.seq)
    else this.careful = true
    // The next replica gets further.
    this.deaths = 0
  }

  /**
   * Prepares a replacement that keeps own text: enters 'recovering' and returns the replica, which is to be asked
   * for authors. `cut` is a session (hex) whose end the log is about to drop, or null. Where no replica runs, returns
   * null: there is no text to keep, and the replica is replaced at once. Does nothing in 'recovering' but note `cut`.
   */
  recover(cut: string | null): LiveReplica | null {
    if (this.current.phase === 'recovering') {
      if (cut !== null) this.enter({ ...this.current, cut })
      return null
    }
    if (this.current.phase !== 'running') {
      this.renew()
      return null
    }
    const { replica } = this.current
    this.enter({ phase: 'recovering', replica, needsAuthors: true, cut })
    return replica
  }

  /** The replica has answered who wrote what. Throws INTERNAL in any phase but 'recovering'. */
  authorsKnown(): void {
    if (this.current.phase !== 'recovering') throw notAllowed(this.phase, 'know the authors')
    this.enter({ ...this.current, needsAuthors: false })
    this.replaceRecovered()
  }

  /** The log has dropped the end of a session (hex). Returns false if that was not expected. */
  cut(session: string): boolean {
    if (this.current.phase !== 'recovering' || this.current.cut !== session) return false
    this.enter({ ...this.current, cut: null })
    this.replaceRecovered()
    return true
  }

  /** Replaces the replica on purpose, without a pause: no change is to blame. */
  renew(): void {
    this.deaths = 0
    this.replace()
  }

  /** The replica's thread ended, or does what no replica does. */
  died(): void {
    this.learnFromDeath()
    this.replace()
  }

  /** Ends the replica. Idempotent. */
  close(): void {
    if (this.current.phase === 'closed') return
    this.clearTimer()
    if (this.phase === 'running') this.replica?.thread.leave()
    else this.replica?.thread.stop()
    this.enter({ phase: 'closed', from: this.current.phase })
  }

  /** Starts a thread; returns null where the system lets none be started now, which counts as a death. */
  private startThread(listener: ReplicaListener): ReplicaThread | null {
    try {
      return this.options.startReplica(listener)
    } catch {
      // Later: `start` may be called by a constructor.
      queueMicrotask(() => {
        if (!this.replica) this.died()
      })
      return null
    }
  }

  private sent(outcome: LoadOutcome): void {
    if (outcome === 'sent') return
    if (outcome === 'outdated') {
      this.renew()
      return
    }
    const isFirst = !this.damaged
    this.damaged = outcome === 'damaged'
    // All that can be repaired without peers is repaired by then: that is worth one more try.
    if (this.damaged && (isFirst || this.options.isLogDamaged())) this.renew()
    else this.died()
  }

  private get lastPhase(): ReplicaPhase {
    return this.current.phase === 'closed' ? this.current.from : this.current.phase
  }

  private enter(next: ReplicaState): void {
    if (!followers[this.phase].includes(next.phase)) throw notAllowed(this.phase, `be ${next.phase}`)
    this.current = next
  }

  private expectReplica(): LiveReplica {
    if (!this.replica) throw notAllowed(this.phase, 'have a replica')
    return this.replica
  }

  private replaceRecovered(): void {
    if (this.current.phase !== 'recovering') return
    if (!this.current.needsAuthors && this.current.cut === null) this.renew()
  }

  private replace(): void {
    if (this.phase === 'closed') return
    this.clearTimer()
    this.replica?.thread.stop()
    const pause = restartPauses[Math.min(this.deaths, restartPauses.length - 1)] ?? 0
    this.deaths++
    this.enter({ phase: 'draining', pause })
    this.options.onEnded()
    void this.options.drained().then(() => this.pause())
  }

  private pause(): void {
    // Else replaced twice, or closed.
    if (this.current.phase !== 'draining') return
    const timer = this.options.clock.set(this.current.pause, () => this.start())
    this.enter({ phase: 'pausing', timer })
  }

  private clearTimer(): void {
    if (this.current.phase === 'pausing' && this.current.timer) this.options.clock.clear(this.current.timer)
  }

  private learnFromDeath(): void {
    if (this.current.phase !== 'loading') return
    this.careful = true
    const { taking } = this.current
    if (!taking) return
    const { suspect } = this
    this.suspect = taking
    // Once may be chance: the machine may have been short of memory.
    if (suspect?.session !== taking.session || suspect.seq !== taking.seq) return
    this.excluded.set(taking.session, taking.seq)
    this.deaths = 0
  }
}

const notAllowed = (phase: ReplicaPhase, what: string): SwarmpadError =>
  new SwarmpadError('INTERNAL', { why: `a replica that is ${phase} cannot ${what}` })
