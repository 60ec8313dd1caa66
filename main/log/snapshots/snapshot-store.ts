import { hasCode } from '../../base/errors'
import { fromHex } from '../../base/hex'
import { asBuffer, sameBytes } from '../../keys/bytes'
import type { Store, Write } from '../../storage/store'
import { nextMark, noMark, type Segment } from '../format/segment'
import { decodeSnapshot, type SettledSession, type Snapshot } from '../format/snapshot'
import { segmentPlace, segmentRange, snapshotKey, snapshotPartKey } from '../format/store-keys'
import type { SessionId } from '../format/version-vector'
import type { SessionState, SettledState } from '../log-records'
import { damaged, readStored } from '../stored-segments'

/** Bytes of each part that a snapshot is stored and sent in, but the last. Rule T6. */
export const snapshotPartSize = 128 * 1024

/** How long segments stay beside a snapshot that holds them too, in ms, so that a second history is seen. Rule T5. */
export const retention = 30 * 24 * 3_600_000

/** Changes past the snapshot from which on another one is worth making. */
const smallTail = 1_000
/** The same where the next snapshot deletes segments at once, before the retention has passed. */
const largeTail = 20_000

/** Records that are deleted in one write. */
const sweepStep = 500

const summarySize = 32 + 4 + 8 + 8 + 8

/** Summary of the held snapshot, known without reading it. */
export interface SnapshotSummary {
  readonly id: Uint8Array
  /** Bytes. */
  readonly size: number
  /** Time by its maker's clock, in ms since the Unix epoch. */
  readonly madeAt: number
  /** Changes in it. */
  readonly changes: number
  /** When a snapshot last replaced segments, or the first one was kept, in ms since the Unix epoch. */
  readonly since: number
}

/** A session that is about to get a base. */
type Settling = Omit<SettledState, 'raises'>

/** Parts of a log that its snapshots work with. */
export interface SnapshotHost {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly now: () => number
  readonly sessions: ReadonlyMap<SessionId, SessionState>
  /** Up to where a session is durable. */
  readonly durableTip: (session: SessionId) => number
  /** Resolves when all that was taken in until now is durable. */
  readonly idle: () => Promise<void>
  /** Durable segments of a session that hold changes past `after`, in order. */
  readonly segments: (session: SessionId, after: number) => AsyncIterable<Segment>
  /** A session's state, a new one for one that is unknown. */
  readonly stateOf: (settled: SettledSession) => SessionState
  /** Keeps a snapshot's records, and gives sessions bases, at once; resolves when that is durable. */
  readonly add: (records: readonly Write[], sessions: readonly Settling[]) => Promise<void>
  /** Others' segments of so many bytes are no longer on the disk. */
  readonly released: (size: number) => void
  /** Another snapshot is held, or none any more. */
  readonly changed: () => void
}

/**
 * The snapshot that a log holds, if it holds one: beside the segments that it stands for, or in place of them.
 * Where it is in their place, every session in it has a base. Rules T4 to T6.
 */
export class SnapshotStore {
  private readonly host: SnapshotHost
  private summary: SnapshotSummary | null = null
  /** The one that is being written. */
  private pending: SnapshotSummary | null = null
  /** The one that was found intact on the disk. */
  private whole: SnapshotSummary | null = null
  /** Number of times that a part of the log was dropped. */
  private cuts = 0
  /** Bytes of one that cannot be read, and lies there until another takes its place. */
  private lostSize = 0
  private work: Promise<unknown> = Promise.resolve()
  /**
   * Segments are held that do not have the content that was signed, so that any snapshot may bring something. Set by
   * who reads the document. Rule W62.
   */
  isLacking = false

  constructor(host: SnapshotHost) {
    this.host = host
  }

  /** The one that is held; null for none. */
  get held(): SnapshotSummary | null {
    return this.summary
  }

  /** True if it replaces segments, which are no longer stored. */
  get bearing(): boolean {
    for (const { base } of this.host.sessions.values()) if (base) return true
    return false
  }

  /** Changes past the one that is held from which on to make another. */
  get dueAfter(): number {
    return this.bearing && !this.isRetained ? largeTail : smallTail
  }

  /** Reads what is noted of it; where that is damaged, works it out. */
  async open(): Promise<void> {
    const noted = await this.host.store.get(snapshotKey(this.host.documentId))
    this.summary = noted && (readSummary(noted) ?? (await this.summarise(async () => true)))
  }

  /** All of it; null for none. Rejects with STORE_DAMAGED. */
  async read(): Promise<Snapshot | null> {
    const { summary } = this
    if (!summary) return null
    const parts: Uint8Array[] = []
    for (let index = 0; index * snapshotPartSize < summary.size; index++) {
      const part = await this.part(index)
      // Another took its place meanwhile.
      if (this.summary !== summary) return this.read()
      if (!part) throw damaged()
      parts.push(part)
    }
    const snapshot = readStored(() => decodeSnapshot(Buffer.concat(parts)))
    if (!sameBytes(snapshot.id, summary.id)) throw damaged()
    return snapshot
  }

  /**
   * Resolves to true if the held one is what its maker signed, down to its last byte, as far as can be
   * checked without its keys. Once found intact, it is not read again.
   */
  async isWhole(): Promise<boolean> {
    const { summary } = this
    if (!summary || this.whole === summary) return summary !== null
    const isWhole = (await this.readable()) !== null
    if (isWhole && this.summary === summary) this.whole = summary
    return isWhole
  }

  /** All of it; null for none, and where it is damaged. */
  async readable(): Promise<Snapshot | null> {
    try {
      return await this.read()
    } catch (error) {
      if (hasCode(error, 'STORE_DAMAGED')) return null
      throw error
    }
  }

  /** A part of it, by its place from 0 on; null past its end. */
  part(index: number): Promise<Uint8Array | null> {
    return this.host.store.get(snapshotPartKey(this.host.documentId, index))
  }

  /**
   * Where a session stood after its change `seq`, and what proves it; null when no segment that is held ends
   * there. Rejects with STORE_DAMAGED, STORE_WRITE_FAILED or CLOSED.
   */
  async settled(session: SessionId, seq: number): Promise<SettledSession | null> {
    const state = this.host.sessions.get(session)
    if (!state || state.tip < seq) return null
    const { certificate, base } = state
    if (base?.seq === seq) return { session, seq, certificate, tipProof: base.tipProof, mark: base.mark }
    if (state.tip === seq && state.tipProof)
      return { session, seq, certificate, tipProof: state.tipProof, mark: state.mark }
    if (this.host.durableTip(session) < seq) await this.host.idle()
    let mark = base?.mark ?? noMark
    for await (const { tipProof, seqTo } of this.host.segments(session, base?.seq ?? 0)) {
      mark = nextMark(mark, tipProof)
      if (seqTo === seq) return { session, seq, certificate, tipProof: Uint8Array.from(tipProof), mark }
      if (seqTo > seq) return null
    }
    return null
  }

  /**
   * Keeps a snapshot beside segments, all of which stay; it may reach further than they do. False when it is
   * of another history than what is held. Rejects with STORE_DAMAGED, STORE_WRITE_FAILED or CLOSED.
   */
  keep(snapshot: Snapshot): Promise<boolean> {
    return this.inTurn(() => this.take(snapshot, {}))
  }

  /**
   * Keeps a snapshot that was made here, of what is held here. When the previous one is old enough, or
   * replaces segments, the new one replaces all segments that it covers.
   */
  renew(snapshot: Snapshot): Promise<boolean> {
    return this.inTurn(() => {
      const settles = this.bearing || this.isRetained
      return this.take(snapshot, { settles, sweeps: settles, whole: true })
    })
  }

  /**
   * Takes a snapshot in place of what is held of its sessions. It must be sound inside, and of the same
   * history as what is held. With `sweeps` the segments that it covers are deleted; without, for callers that
   * cannot look inside, it replaces nothing of which there are segments. False when it is of another history.
   * Rejects with STORE_DAMAGED, STORE_WRITE_FAILED or CLOSED.
   */
  install(snapshot: Snapshot, sweeps: boolean): Promise<boolean> {
    return this.inTurn(() => this.take(snapshot, { settles: true, sweeps }))
  }

  /**
   * Deletes all segments that the snapshot covers. False without a snapshot, or for one of another history.
   */
  compact(): Promise<boolean> {
    return this.inTurn(async () => {
      const snapshot = await this.read()
      return snapshot !== null && (await this.take(snapshot, { settles: true, sweeps: true }))
    })
  }

  /**
   * Forgets the snapshot and returns the records for that. To be called when a part of the log is dropped, as
   * the snapshot may hold that part. Keeps one that replaces segments: it holds nothing that can be dropped.
   */
  forget(): Write[] {
    this.cuts++
    const known = [this.summary, this.pending].filter((summary) => summary !== null)
    if (known.length === 0 || this.bearing) return []
    const size = Math.max(...known.map((summary) => summary.size))
    this.summary = null
    this.pending = null
    this.host.changed()
    return recordsOf(this.host.documentId, null, size)
  }

  /** To be called when something is dropped for a reason other than another history. */
  disturbed(): void {
    this.cuts++
  }

  /** To be called when it cannot be read, with no base any more: it is as if there were none. */
  lose(): void {
    this.cuts++
    this.lostSize = Math.max(this.lostSize, this.summary?.size ?? 0)
    this.summary = null
    this.pending = null
    this.host.changed()
  }

  /**
   * Restores the summary from the snapshot itself and returns the records for that; null when the snapshot
   * cannot be read at all. To be called when it does not match its summary; `isWhole` checks its header.
   */
  async noteAgain(isWhole: (snapshot: Snapshot) => Promise<boolean>): Promise<Write[] | null> {
    const before = this.summary
    const summary = await this.summarise(isWhole)
    if (!summary || this.summary !== before) return null
    this.summary = summary
    this.host.changed()
    return [{ key: snapshotKey(this.host.documentId), value: encodeSummary(summary) }]
  }

  private async summarise(
    isWhole: (snapshot: Snapshot) => Promise<boolean>,
  ): Promise<SnapshotSummary | null> {
    const parts: Uint8Array[] = []
    for (let part = await this.part(0); part; part = await this.part(parts.length)) parts.push(part)
    try {
      const snapshot = decodeSnapshot(Buffer.concat(parts))
      if (!(await isWhole(snapshot))) return null
      const { id, bytes, madeAt, changes } = snapshot
      return { id, size: bytes.length, madeAt, changes, since: this.host.now() }
    } catch (error) {
      if (!hasCode(error, 'MALFORMED')) throw error
      this.lostSize = parts.length * snapshotPartSize
      return null
    }
  }

  private get isRetained(): boolean {
    return this.summary !== null && this.host.now() - this.summary.since >= retention
  }

  /** One after the other: each begins with what the one before has left. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.work.then(work)
    this.work = turn.catch(() => undefined)
    return turn
  }

  /** `settles`: gives bases; `sweeps`: deletes what they stand for; `whole`: refuses one that reaches further. */
  private async take(
    snapshot: Snapshot,
    { settles = false, sweeps = false, whole = false },
  ): Promise<boolean> {
    const { cuts } = this
    const sessions: Settling[] = []
    for (const settled of snapshot.sessions) {
      const { session, seq } = settled
      const state = this.host.sessions.get(session) ?? null
      if ((state?.base?.seq ?? 0) > seq || (whole && (state?.tip ?? 0) < seq)) return false
      const held = state && state.tip >= seq ? await this.settled(session, seq) : settled
      if (!held || !sameBytes(held.tipProof, settled.tipProof)) return false
      const base = { seq, tipProof: Uint8Array.from(held.tipProof), mark: Uint8Array.from(held.mark) }
      sessions.push({ session: fromHex(session), state: this.host.stateOf(settled), base })
    }
    // Changes before a base that the snapshot does not cover would be lost.
    const covered = new Set(snapshot.sessions.map(({ session }) => session))
    for (const [session, { base }] of this.host.sessions) if (base && !covered.has(session)) return false
    // Segments that were checked may have been dropped meanwhile; nothing can intervene from here to `add`.
    if (cuts !== this.cuts) return false
    // Sessions with segments here are still served as segments, whatever is inside.
    const settling = sweeps
      ? sessions
      : sessions.filter(({ state, base }) => state.base || state.tip < base.seq)
    await this.write(snapshot, settles ? settling : [])
    if (sweeps) await this.sweep(sessions)
    return true
  }

  private async write(snapshot: Snapshot, sessions: readonly Settling[]): Promise<void> {
    const since = sessions.length > 0 ? this.host.now() : (this.summary?.since ?? this.host.now())
    const { id, madeAt, changes } = snapshot
    const summary = { id, size: snapshot.bytes.length, madeAt, changes, since }
    const records = recordsOf(
      this.host.documentId,
      { snapshot, summary },
      Math.max(this.lostSize, this.summary?.size ?? 0),
    )
    this.pending = summary
    await this.host.add(records, sessions).catch((error: unknown) => {
      this.pending = null
      throw error
    })
    // Else forgotten meanwhile: its records were deleted right after they were written.
    if (this.pending !== summary) return
    this.pending = null
    this.summary = summary
    this.lostSize = 0
    this.host.changed()
  }

  /** Deletes the segments that bases stand for; what a crash leaves is deleted the next time. */
  private async sweep(sessions: readonly Settling[]): Promise<void> {
    const { store, documentId } = this.host
    let writes: Write[] = []
    let freed = 0
    const flush = async () => {
      if (writes.length > 0) await store.write(writes).catch(() => undefined)
      writes = []
    }
    for (const { session, state, base } of sessions) {
      for await (const [key, value] of store.entries(segmentRange(documentId, session, 0))) {
        if (segmentPlace(key).seqTo > base.seq) break
        writes.push({ key, value: null })
        if (!state.own) freed += value.length
        if (writes.length >= sweepStep) await flush()
      }
    }
    await flush()
    this.host.released(freed)
  }
}

function recordsOf(
  documentId: Uint8Array,
  next: { snapshot: Snapshot; summary: SnapshotSummary } | null,
  sizeBefore: number,
): Write[] {
  const bytes = next?.snapshot.bytes ?? new Uint8Array(0)
  const writes: Write[] = [{ key: snapshotKey(documentId), value: next ? encodeSummary(next.summary) : null }]
  const parts = (size: number) => Math.ceil(size / snapshotPartSize)
  for (let index = 0; index < Math.max(parts(bytes.length), parts(sizeBefore)); index++) {
    const part = bytes.subarray(index * snapshotPartSize, (index + 1) * snapshotPartSize)
    writes.push({ key: snapshotPartKey(documentId, index), value: part.length > 0 ? part : null })
  }
  return writes
}

function encodeSummary({ id, size, madeAt, changes, since }: SnapshotSummary): Uint8Array {
  const bytes = Buffer.alloc(summarySize)
  bytes.set(id)
  bytes.writeUInt32LE(size, 32)
  for (const [index, value] of [madeAt, changes, since].entries())
    bytes.writeBigUInt64LE(BigInt(Math.max(0, Math.round(value))), 36 + 8 * index)
  return bytes
}

function readSummary(noted: Uint8Array): SnapshotSummary | null {
  if (noted.length !== summarySize) return null
  const bytes = asBuffer(noted)
  const number = (index: number) => Number(bytes.readBigUInt64LE(36 + 8 * index))
  return {
    id: Uint8Array.from(noted.subarray(0, 32)),
    size: bytes.readUInt32LE(32),
    madeAt: number(0),
    changes: number(1),
    since: number(2),
  }
}
