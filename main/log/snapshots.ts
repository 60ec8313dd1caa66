import { SwarmpadError } from '../errors'
import { fromHex } from '../hex'
import { asBuffer, sameBytes } from '../keys/bytes'
import type { Store, Write } from '../storage/store'
import type { SessionState, Settled } from './log-records'
import { nextMark, noMark, type Segment } from './segment'
import { decodeSnapshot, type SettledSession, type Snapshot } from './snapshot'
import { segmentPlace, segmentRange, snapshotKey, snapshotPartKey } from './store-keys'
import { damaged, readStored } from './stored-segments'
import type { SessionId } from './version-vector'

/** Bytes of each part that a snapshot is stored and sent in, but the last. Rule T6. */
export const snapshotPartSize = 128 * 1024

/** How long segments stay beside a snapshot that holds them too, in ms, so that a second history is seen. Rule T5. */
export const retention = 30 * 24 * 3_600_000

/** Changes past the snapshot from which on another one is worth making. */
const smallTail = 1_000
/** The same where segments are given up at once, for want of older ones. */
const largeTail = 20_000

/** Records that are deleted in one write. */
const sweepStep = 500

const summarySize = 32 + 4 + 8 + 8 + 8

/** What is known of the snapshot that is held without reading it. */
export interface SnapshotSummary {
  readonly id: Uint8Array
  /** Bytes. */
  readonly size: number
  /** What its maker's clock said, in ms since the Unix epoch. */
  readonly madeAt: number
  /** Changes in it. */
  readonly changes: number
  /** When segments were last given up for one, or the first was kept, in ms since the Unix epoch. */
  readonly since: number
}

/** What a log gives its snapshots to work with. */
export interface SnapshotHost {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly now: () => number
  readonly sessions: ReadonlyMap<SessionId, SessionState>
  /** Durable segments of a session that hold changes past `after`, in order. */
  readonly segments: (session: SessionId, after: number) => AsyncIterable<Segment>
  /** A session's state, a new one for one that is unknown. */
  readonly stateOf: (settled: SettledSession) => SessionState
  /** Resolves when it is durable. */
  readonly add: (settled: Settled) => Promise<void>
  /** Others' segments of so many bytes are no longer on the disk. */
  readonly released: (size: number) => void
  /** Another snapshot is held, or none any more. */
  readonly changed: () => void
}

/**
 * The snapshot that a log holds, if it holds one: beside the segments that it stands for, or in place of them.
 * Where it is in their place, every session in it has a base. Rules T4 to T6.
 */
export class Snapshots {
  private readonly host: SnapshotHost
  private summary: SnapshotSummary | null = null
  private work: Promise<unknown> = Promise.resolve()

  constructor(host: SnapshotHost) {
    this.host = host
  }

  /** The one that is held; null for none. */
  get held(): SnapshotSummary | null {
    return this.summary
  }

  /** Whether it is in place of segments, which are not here any more. */
  get bearing(): boolean {
    for (const { base } of this.host.sessions.values()) if (base) return true
    return false
  }

  /** Changes past the one that is held from which on to make another. */
  get dueAfter(): number {
    return this.bearing && !this.isRetained ? largeTail : smallTail
  }

  /** Reads what is noted of it. Rejects with STORE_DAMAGED. */
  async open(): Promise<void> {
    const noted = await this.host.store.get(snapshotKey(this.host.documentId))
    if (noted) this.summary = readStored(() => readSummary(noted))
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

  /** A part of it, by its place from 0 on; null past its end. */
  part(index: number): Promise<Uint8Array | null> {
    return this.host.store.get(snapshotPartKey(this.host.documentId, index))
  }

  /**
   * Where a session stood after its change `seq`, and what proves it; null when no segment that is held ends
   * there. Rejects with STORE_DAMAGED.
   */
  async settled(session: SessionId, seq: number): Promise<SettledSession | null> {
    const state = this.host.sessions.get(session)
    if (!state || state.tip < seq) return null
    const { certificate, base } = state
    if (base?.seq === seq) return { session, seq, certificate, tipProof: base.tipProof, mark: base.mark }
    let mark = base?.mark ?? noMark
    for await (const { tipProof, seqTo } of this.host.segments(session, base?.seq ?? 0)) {
      mark = nextMark(mark, tipProof)
      if (seqTo === seq) return { session, seq, certificate, tipProof: Uint8Array.from(tipProof), mark }
      if (seqTo > seq) return null
    }
    return null
  }

  /** Keeps a snapshot beside segments, none of which is given up. Rejects with STORE_WRITE_FAILED or CLOSED. */
  keep(snapshot: Snapshot): Promise<void> {
    return this.inTurn(() => this.write(snapshot, []))
  }

  /**
   * Keeps a snapshot that was made here. When the one before has stood long enough, or stands in place of
   * segments, it takes the place of all that it holds. Rejects with STORE_DAMAGED, STORE_WRITE_FAILED or CLOSED.
   */
  renew(snapshot: Snapshot): Promise<void> {
    return this.inTurn(async () => {
      if (this.bearing || this.isRetained) await this.replace(snapshot, true)
      else await this.write(snapshot, [])
    })
  }

  /**
   * Takes a snapshot in place of what is held of its sessions. It must be sound inside, and of the same history
   * as what is held. With `sweeps` the segments that it holds too are deleted. False when it is of another
   * history. Rejects with STORE_DAMAGED, STORE_WRITE_FAILED or CLOSED.
   */
  install(snapshot: Snapshot, sweeps: boolean): Promise<boolean> {
    return this.inTurn(() => this.replace(snapshot, sweeps))
  }

  /** Gives up all segments that the snapshot holds too. False when there is none, or it is of another history. */
  compact(): Promise<boolean> {
    return this.inTurn(async () => {
      const snapshot = await this.read()
      return snapshot !== null && (await this.replace(snapshot, true))
    })
  }

  /**
   * The records that forget the snapshot, as it holds something that is about to be given up. None when it is in
   * place of segments: then it holds nothing that can be.
   */
  forget(): Write[] {
    if (!this.summary || this.bearing) return []
    const writes = recordsOf(this.host.documentId, null, this.summary)
    this.summary = null
    this.host.changed()
    return writes
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

  private async replace(snapshot: Snapshot, sweeps: boolean): Promise<boolean> {
    const sessions: Settled['sessions'][number][] = []
    for (const settled of snapshot.sessions) {
      const { session, seq } = settled
      const state = this.host.sessions.get(session) ?? null
      if ((state?.base?.seq ?? 0) > seq) return false
      const held = state && state.tip >= seq ? await this.settled(session, seq) : settled
      if (!held || !sameBytes(held.tipProof, settled.tipProof)) return false
      const base = { seq, tipProof: Uint8Array.from(held.tipProof), mark: Uint8Array.from(held.mark) }
      const raises = (state?.tip ?? 0) < seq
      sessions.push({ session: fromHex(session), state: this.host.stateOf(settled), base, raises })
    }
    // What a base stands for would be nowhere.
    const covered = new Set(snapshot.sessions.map(({ session }) => session))
    for (const [session, { base }] of this.host.sessions) if (base && !covered.has(session)) return false
    await this.write(snapshot, sessions)
    if (sweeps) await this.sweep(sessions)
    return true
  }

  private async write(snapshot: Snapshot, sessions: Settled['sessions']): Promise<void> {
    const since = sessions.length > 0 ? this.host.now() : (this.summary?.since ?? this.host.now())
    const { id, madeAt, changes } = snapshot
    const summary = { id, size: snapshot.bytes.length, madeAt, changes, since }
    const records = recordsOf(this.host.documentId, { snapshot, summary }, this.summary)
    await this.host.add({ records, sessions })
    this.summary = summary
    this.host.changed()
  }

  /** Deletes the segments that bases stand for; what a crash leaves is deleted the next time. */
  private async sweep(sessions: Settled['sessions']): Promise<void> {
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
  before: SnapshotSummary | null,
): Write[] {
  const bytes = next?.snapshot.bytes ?? new Uint8Array(0)
  const writes: Write[] = [{ key: snapshotKey(documentId), value: next ? encodeSummary(next.summary) : null }]
  const parts = (size: number) => Math.ceil(size / snapshotPartSize)
  for (let index = 0; index < Math.max(parts(bytes.length), parts(before?.size ?? 0)); index++) {
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

function readSummary(noted: Uint8Array): SnapshotSummary {
  if (noted.length !== summarySize) throw new SwarmpadError('INVALID', 'What is noted of a snapshot is cut.')
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
