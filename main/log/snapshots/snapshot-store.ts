import type { Clock } from '../../base/environment'
import { SerialQueue } from '../../base/serial-queue'
import { sameBytes } from '../../keys/bytes'
import type { Store, Write } from '../../storage/store'
import { nextMark, noMark, type Segment } from '../format/segment'
import type { SettledSession, Snapshot } from '../format/snapshot'
import type { SessionId } from '../format/version-vector'
import type { Origin } from '../log-writer'
import type { Base } from '../session-history'
import type { SessionTable } from '../session-table'
import { deleteReplaced } from './compaction'
import type { SnapshotSummary } from './snapshot-summary'
import { StoredSnapshot } from './stored-snapshot'

/** How long segments stay beside a snapshot that holds them too, in ms, so that a second history is seen. Rule T5. */
export const retention = 30 * 24 * 3_600_000

/** Changes past the snapshot from which on another one is worth making. */
const smallTail = 1_000
/** The same where the next snapshot deletes segments at once, before the retention has passed. */
const largeTail = 20_000

/** A session that is about to receive a base. */
export interface NewBase {
  readonly id: SessionId
  readonly certificate: Uint8Array
  readonly base: Base
}

/** Parts of a log that its snapshots work with. */
export interface SnapshotHost {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly clock: Clock
  readonly sessions: SessionTable
  /** Resolves when all that was taken in before is durable. */
  readonly idle: () => Promise<void>
  /** Durable segments of a session that hold changes past `after`, in order. */
  readonly segments: (session: SessionId, after: number) => AsyncIterable<Segment>
  /** Writes a snapshot's records, and gives sessions bases, at once; resolves when that is durable. */
  readonly rebase: (records: readonly Write[], bases: readonly NewBase[], origin: Origin) => Promise<void>
  /** Called with bytes of others' segments that are no longer on the disk. */
  readonly onReleased: (size: number) => void
  /** Called when another snapshot is held, or none. */
  readonly onChanged: () => void
}

/** Effects of taking a snapshot. */
interface Taking {
  readonly origin: Origin
  /** Gives bases to its sessions. */
  readonly rebases?: boolean
  /** Deletes the segments that it covers, and gives bases also to sessions that have them all. */
  readonly sweeps?: boolean
  /** Refuses a snapshot that reaches further than what is held. */
  readonly onlyHeld?: boolean
}

/**
 * The snapshot of a log: beside the segments that it covers, or in their place. In their place every session in it has
 * a base. Rules T4 to T6.
 */
export class SnapshotStore {
  private readonly host: SnapshotHost
  private readonly stored: StoredSnapshot
  private readonly turns = new SerialQueue()
  /**
   * Segments are held that lack the content that was signed, so that any snapshot may bring something. Set by whoever
   * reads the document. Rule W62.
   */
  isLacking = false

  constructor(host: SnapshotHost) {
    this.host = host
    this.stored = new StoredSnapshot(host)
  }

  /** Summary of the held snapshot; null for none. */
  get held(): SnapshotSummary | null {
    return this.stored.held
  }

  /** True if it replaces segments, which are no longer stored. */
  get bearing(): boolean {
    for (const { base } of this.host.sessions.all()) if (base) return true
    return false
  }

  /** Changes past the held one from which on to make another. */
  get dueAfter(): number {
    return this.bearing && !this.isRetained ? largeTail : smallTail
  }

  /** Reads the summary; where that is damaged, makes it again from the snapshot. */
  open(): Promise<void> {
    return this.stored.open()
  }

  /** Reads all of it; null for none. Rejects with STORE_DAMAGED. */
  read(): Promise<Snapshot | null> {
    return this.stored.read()
  }

  /** Reads all of it; null for none, and where it is damaged. */
  readable(): Promise<Snapshot | null> {
    return this.stored.readable()
  }

  /** Resolves to true if there is one and it is intact, as far as can be checked without keys. */
  isIntact(): Promise<boolean> {
    return this.stored.isIntact()
  }

  /** Reads a part, by its place from 0 on; null past its end. */
  part(index: number): Promise<Uint8Array | null> {
    return this.stored.part(index)
  }

  /**
   * Returns the end of a session at its change `seq`, with its proof; null when no held segment ends there. Rejects
   * with STORE_DAMAGED, STORE_WRITE_FAILED or CLOSED.
   */
  async settled(id: SessionId, seq: number): Promise<SettledSession | null> {
    const { sessions, idle, segments } = this.host
    const session = sessions.get(id)
    if (!session || session.tip < seq) return null
    const { certificate, base, tip, tipProof, mark } = session
    if (base?.seq === seq) return { session: id, seq, certificate, tipProof: base.tipProof, mark: base.mark }
    if (tip === seq) return { session: id, seq, certificate, tipProof, mark }
    if (sessions.durableTip(id) < seq) await idle()
    let at = base?.mark ?? noMark
    for await (const segment of segments(id, base?.seq ?? 0)) {
      at = nextMark(at, segment.tipProof)
      if (segment.seqTo > seq) return null
      if (segment.seqTo === seq)
        return { session: id, seq, certificate, tipProof: Uint8Array.from(segment.tipProof), mark: at }
    }
    return null
  }

  /**
   * Keeps a snapshot beside segments, all of which stay; it may reach further than they do. False when it is of
   * another history than what is held. Rejects with STORE_DAMAGED, STORE_WRITE_FAILED or CLOSED.
   */
  keep(snapshot: Snapshot): Promise<boolean> {
    return this.turns.run(() => this.take(snapshot, { origin: 'peer' }))
  }

  /**
   * Keeps a snapshot that was made here, of what is held here. When the previous one is old enough, or replaces
   * segments, the new one replaces all segments that it covers. Results as of `keep`.
   */
  renew(snapshot: Snapshot): Promise<boolean> {
    return this.turns.run(() => {
      const replaces = this.bearing || this.isRetained
      return this.take(snapshot, { origin: 'local', rebases: replaces, sweeps: replaces, onlyHeld: true })
    })
  }

  /**
   * Takes a snapshot in place of its sessions' held segments. It must be sound inside. With `sweeps` the segments that
   * it covers are deleted; without, for callers that cannot look inside, it replaces nothing of which there are
   * segments. Results as of `keep`.
   */
  install(snapshot: Snapshot, sweeps: boolean, origin: Origin = 'peer'): Promise<boolean> {
    return this.turns.run(() => this.take(snapshot, { origin, rebases: true, sweeps }))
  }

  /** Deletes all segments that the snapshot covers. False without a snapshot; else results as of `keep`. */
  compact(): Promise<boolean> {
    return this.turns.run(async () => {
      const snapshot = await this.read()
      return (
        snapshot !== null && (await this.take(snapshot, { origin: 'local', rebases: true, sweeps: true }))
      )
    })
  }

  /**
   * Forgets the snapshot and returns the records for that. To be called when a part of the log is dropped that the
   * snapshot may hold. Keeps one that replaces segments: it holds nothing that can be dropped.
   */
  forget(): Write[] {
    if (!this.bearing) return this.stored.forget()
    this.stored.noteRemoval()
    return []
  }

  /** Holds none, as it cannot be read. To be called when no session has a base any longer. */
  lose(): void {
    this.stored.lose()
  }

  /**
   * Makes the summary again from the snapshot and returns the record for that; null when the snapshot cannot be read.
   * For a summary that does not match; `isSigned` checks the signatures.
   */
  restoreSummary(isSigned: (snapshot: Snapshot) => Promise<boolean>): Promise<Write[] | null> {
    return this.stored.restoreSummary(isSigned)
  }

  private get isRetained(): boolean {
    return this.held !== null && this.host.clock.now() - this.held.since >= retention
  }

  private async take(snapshot: Snapshot, taking: Taking): Promise<boolean> {
    const { sessions, store, documentId, onReleased } = this.host
    const { stored } = this
    const revisions = [sessions.revision, stored.revision]
    const isHeld = snapshot.sessions.map((settled) => this.reaches(settled))
    const bases: NewBase[] = []
    for (const settled of snapshot.sessions) {
      const base = await this.baseFor(settled, taking.onlyHeld ?? false)
      if (!base) return false
      bases.push(base)
    }
    if (!this.coversBases(snapshot)) return false
    // Nothing can intervene from here to the write.
    if (sessions.revision !== revisions[0] || stored.revision !== revisions[1]) return false
    // Segments came meanwhile that were not compared with it.
    if (snapshot.sessions.some((settled, index) => this.reaches(settled) !== isHeld[index]))
      return this.take(snapshot, taking)
    const { rebases = false, sweeps = false, origin } = taking
    // Without sweeping, sessions whose segments are all here stay as they are, whatever is inside.
    const needed = sweeps ? bases : bases.filter((one) => this.needs(one))
    await this.write(snapshot, rebases ? needed : [], origin)
    if (!sweeps) return true
    const replaced = bases.flatMap(({ id, base: { seq } }) => {
      const session = sessions.get(id)
      return session ? [{ session, seq }] : []
    })
    onReleased(await deleteReplaced(store, documentId, replaced))
    return true
  }

  private reaches({ session, seq }: SettledSession): boolean {
    return (this.host.sessions.get(session)?.tip ?? 0) >= seq
  }

  /** Returns the base that a session has in a snapshot; null when that is of another history than what is held. */
  private async baseFor(settled: SettledSession, onlyHeld: boolean): Promise<NewBase | null> {
    const { session: id, seq, certificate } = settled
    const session = this.host.sessions.get(id)
    if ((session?.base?.seq ?? 0) > seq || (onlyHeld && !this.reaches(settled))) return null
    const held = this.reaches(settled) ? await this.settled(id, seq) : settled
    if (!held || !sameBytes(held.tipProof, settled.tipProof)) return null
    const base = { seq, tipProof: Uint8Array.from(held.tipProof), mark: Uint8Array.from(held.mark) }
    return { id, certificate, base }
  }

  /** Returns false if a session has a base and is not in the snapshot: changes before the base would be lost. */
  private coversBases(snapshot: Snapshot): boolean {
    const covered = new Set(snapshot.sessions.map(({ session }) => session))
    for (const { id, base } of this.host.sessions.all()) if (base && !covered.has(id)) return false
    return true
  }

  /** Returns true for a session that has a base already, or is held to less than the new one. */
  private needs({ id, base }: NewBase): boolean {
    const session = this.host.sessions.get(id)
    return !session || session.base !== null || session.tip < base.seq
  }

  private write(snapshot: Snapshot, bases: readonly NewBase[], origin: Origin): Promise<void> {
    const since = bases.length > 0 ? this.host.clock.now() : (this.held?.since ?? this.host.clock.now())
    return this.stored.replace(snapshot, since, (records) => this.host.rebase(records, bases, origin))
  }
}
