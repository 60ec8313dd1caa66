import type { Clock } from '../../base/environment'
import { hasCode } from '../../base/errors'
import { fromHex } from '../../base/hex'
import { sameBytes } from '../../keys/bytes'
import type { Store, Write } from '../../storage/store'
import { verifyCertificate } from '../format/certificate'
import { decodeTipProof, type Segment } from '../format/segment'
import { type Snapshot, verifySnapshot } from '../format/snapshot'
import { checkedKey, logRanges, segmentRange, sessionKey } from '../format/store-keys'
import type { Extent, SessionId } from '../format/version-vector'
import { type LoadedSessions, type Remains, snapshotHarm, standOf } from '../load-sessions'
import type { MendedBy } from '../log-events'
import { advance, type SessionState, segmentWrites, sessionWrites } from '../log-records'
import { RecentSegments } from '../recent-segments'
import type { SnapshotStore } from '../snapshots/snapshot-store'
import { following, type Reach, reachOf } from './session-scan'
import { TimeSlicer } from './time-slicer'

/** How long what was found sound is not looked at again, in ms. Rule S15. */
export const checkInterval = 7 * 24 * 3_600_000

/** Bytes of segments that are told of at a time. */
const tellStep = 256 * 1024
/** How what somebody waits for is looked at, in ms. */
export const quick = { slice: 8, rest: 1 }
/** Looks at a session that changes meanwhile. */
const maxLooks = 5

/** Parts of a log that its health checks work with. The maps are shared with the log. */
export interface HealthHost {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly clock: Clock
  readonly verifyKey: () => Uint8Array | null
  readonly sessions: Map<SessionId, SessionState>
  readonly durable: Map<SessionId, Extent>
  readonly forked: Map<SessionId, Uint8Array>
  readonly snapshots: SnapshotStore
  /** Writes records after all that was queued before. */
  readonly add: (records: readonly Write[]) => void
  /** Resolves when all that was queued until now is durable. */
  readonly idle: () => Promise<void>
  /** Others' segments of so many bytes are no longer held. */
  readonly released: (size: number) => void
  /** Nothing more may be signed in a session. */
  readonly retire: (session: SessionId, state: SessionState) => void
  /** Segments that lay on the disk are held. */
  readonly adopted: (segments: readonly Segment[]) => void
  readonly damaged: () => void
  readonly mended: (by: MendedBy) => void
}

/**
 * Looks after what a log has on the disk: whether it is still what was written there, what is held no more where it
 * is not, and when that has come again. It reads nothing of the content. Nothing is deleted before all that was there
 * is there again. Rules S15 to S17.
 */
export class LogHealth {
  private readonly host: HealthHost
  private readonly harms = new Map<SessionId, number>()
  private readonly remains = new Map<SessionId, Remains>()
  /** Latest segments written by this process. */
  readonly recent = new RecentSegments()
  private source: MendedBy = 'others'
  private mendedBy: MendedBy = 'itself'
  /** Number of times that a part of a session was dropped or replaced. */
  private upheavals = 0
  private pace: TimeSlicer | null = null
  private checking: Promise<void> | null = null
  private healing: Promise<void> = Promise.resolve()
  private ended = false

  constructor(host: HealthHost) {
    this.host = host
  }

  /** Something that was held here is not held any more. */
  get isDamaged(): boolean {
    return this.harms.size > 0
  }

  /** Returns what is still known of a session that is no longer held; null for one that never was. */
  remainsOf(session: SessionId): Remains | null {
    return this.remains.get(session) ?? (this.harms.has(session) ? { own: false, fork: null } : null)
  }

  /** Takes over what loading has found. */
  begin({ harms, remains, isBare }: LoadedSessions): void {
    if (isBare) this.host.add([harmRecord(this.host.documentId, snapshotHarm, 0)])
    for (const [session, found] of remains) this.remains.set(session, found)
    for (const [session, target] of harms) this.note(session, target)
    for (const session of harms.keys()) this.grown(session)
  }

  /** Notes that a part of a session was dropped or settled, so that a check in progress is repeated. */
  disturbed(): void {
    this.upheavals++
  }

  /** A session goes on in another history, which may end before the one that was held. */
  switched(session: SessionId, tip: number): void {
    this.disturbed()
    if (this.harms.has(session)) this.note(session, tip)
  }

  /** Says where what comes next is from. */
  comesFrom(source: MendedBy): void {
    this.source = source
  }

  /** Something of a session came. */
  came(session: SessionId): void {
    if (this.harms.has(session) && this.mendedBy === 'itself') this.mendedBy = this.source
  }

  /** More of a session is durable. */
  grown(session: SessionId): void {
    if (!this.harms.has(session)) return
    // A log that is closed meanwhile goes on the next time.
    this.healing = this.healing.then(() => this.heal(session)).catch(() => undefined)
  }

  /** Resolves to true if a full check is due. */
  async isDue(): Promise<boolean> {
    const noted = await this.host.store.get(checkedKey(this.host.documentId))
    if (noted?.length !== 8) return true
    const age = this.host.clock.now() - Number(Buffer.from(noted).readBigUInt64BE())
    return age >= checkInterval || age < 0
  }

  /**
   * Looks at all that is held, in slices; what is not sound is held no more. When that is under way already, waits
   * for it, at the quicker of the two paces. Rejects with CLOSED or STORE_WRITE_FAILED.
   */
  check(pace: TimeSlicer): Promise<void> {
    this.pace?.hasten(pace)
    this.checking ??= this.checkAll(pace).finally(() => {
      this.checking = null
    })
    return this.checking
  }

  /** Begins nothing more. */
  end(): void {
    this.ended = true
  }

  /** Resolves when nothing runs any more, after `end`. */
  async idle(): Promise<void> {
    await this.checking?.catch(() => undefined)
    await this.healing
  }

  private async checkAll(pace: TimeSlicer): Promise<void> {
    this.pace = pace
    try {
      await this.checkSnapshot()
      for (const session of [...this.host.sessions.keys()]) {
        if (this.ended) return
        await this.checkSession(session, pace)
        if (pace.isOver) await pace.pause()
      }
    } finally {
      this.pace = null
    }
    if (this.ended) return
    // Also when something is damaged: what mends it comes by itself.
    const value = Buffer.alloc(8)
    value.writeBigUInt64BE(BigInt(Math.max(0, Math.round(this.host.clock.now()))))
    this.host.add([{ key: checkedKey(this.host.documentId), value }])
  }

  private async checkSession(session: SessionId, pace: TimeSlicer): Promise<void> {
    for (let look = 0; look < maxLooks && !this.ended; look++) {
      const state = this.host.sessions.get(session)
      const tip = this.host.durable.get(session)?.tip
      if (!state || tip === undefined) return
      const { upheavals } = this
      const reach = await this.reach(session, state, tip, pace)
      if (this.ended) return
      if (upheavals !== this.upheavals) continue
      const isAdmitted = this.isAdmitted(state)
      if (reach.stand.tip < tip || !isAdmitted) {
        if (look === 0 && (await this.writeAgain(session, state, reach.stand.tip))) continue
        this.giveUp(session, state, isAdmitted ? reach : nowhere(reach))
        return
      }
      const isGrowing = this.host.sessions.get(session)?.tip !== tip
      // Rows past the end may belong to a write in progress.
      if (!this.harms.has(session) || reach.stand.tip >= (this.harms.get(session) ?? 0))
        this.host.add(isGrowing ? [] : reach.strays.map((key) => ({ key, value: null })))
      // More lies there than was noted, as after a read that failed.
      if (!isGrowing && reach.stand.tip > tip) await this.adopt(session)
      else if (!isGrowing) this.mendMark(session, state, reach.stand.mark)
      await this.checkRecords(session, state)
      return
    }
  }

  private reach(session: SessionId, state: SessionState, tip: number, pace: TimeSlicer): Promise<Reach> {
    const { store, documentId } = this.host
    const from = standOf(documentId, session, state.certificate, state.base)
    const proof = state.tip === tip ? state.tipProof : null
    const rows = { store, documentId, session: fromHex(session), from }
    return reachOf(rows, proof && { tip, proof }, { pace, isOver: () => this.ended })
  }

  /** A session whose segments begin with its certificate's chain has the certificate that it was admitted by. */
  private isAdmitted({ certificate, base }: SessionState): boolean {
    const verifyKey = this.host.verifyKey()
    if (!base || !verifyKey) return true
    return isSound(() => verifyCertificate(certificate, this.host.documentId, verifyKey))
  }

  /** Writes own segments past `after` again from memory. False when none of them is in memory. */
  private async writeAgain(session: SessionId, state: SessionState, after: number): Promise<boolean> {
    const own = state.live ? this.recent.of(session, after) : []
    if (own.length === 0) return false
    this.host.add(segmentWrites(this.host.documentId, own))
    await this.host.idle()
    return true
  }

  private mendMark(session: SessionId, state: SessionState, mark: Uint8Array): void {
    const extent = this.host.durable.get(session)
    if (!extent || sameBytes(state.mark, mark)) return
    state.mark = mark
    this.host.durable.set(session, { ...extent, mark })
    // Others were told of another one.
    this.host.damaged()
  }

  /** Writes the records about a session again that are not what is in memory. */
  private async checkRecords(session: SessionId, state: SessionState): Promise<void> {
    const { store, documentId, sessions, durable } = this.host
    for (const { key, value } of sessionWrites(documentId, session, state)) {
      const stored = await store.get(key)
      const isCurrent = sessions.get(session) === state && durable.get(session)?.tip === state.tip
      if (isCurrent && value && !(stored && sameBytes(stored, value)))
        this.host.add(sessionWrites(documentId, session, state).filter((one) => sameBytes(one.key, key)))
    }
  }

  private async checkSnapshot(): Promise<void> {
    const { snapshots, documentId, verifyKey } = this.host
    const { held } = snapshots
    if (!held) return
    const key = verifyKey()
    const isWhole = async (snapshot: Snapshot) =>
      key !== null && (await verifySnapshot(snapshot, documentId, key).then(() => true, asFalse))
    let snapshot = await snapshots.readable()
    if (snapshot && key && !(await isWhole(snapshot))) snapshot = null
    if (snapshots.held !== held || this.ended) return
    const records = snapshot ? null : await snapshots.noteAgain(isWhole)
    // Another one came while this one was looked at.
    if (!records && snapshots.held !== held) return
    if (records) this.host.add(records)
    else if (snapshot) this.checkBases(snapshot)
    else if (snapshots.bearing) await this.loseSnapshot()
    // Beside segments it is nothing that they do not hold.
    else this.host.add(snapshots.forget())
  }

  /**
   * Corrects the state of sessions that begin with the snapshot. Its signatures were checked, if W is known.
   */
  private checkBases({ sessions }: Snapshot): void {
    for (const { session, seq, certificate, tipProof, mark } of sessions) {
      const state = this.host.sessions.get(session)
      if (state?.base?.seq !== seq) continue
      if (!this.isAdmitted(state)) state.certificate = Uint8Array.from(certificate)
      if (sameBytes(state.base.mark, mark)) continue
      state.base = { seq, tipProof: Uint8Array.from(tipProof), mark: Uint8Array.from(mark) }
      this.disturbed()
    }
  }

  /** Drops all sessions that began with the snapshot, as it cannot be read. */
  private async loseSnapshot(): Promise<void> {
    const { sessions, snapshots, store, documentId } = this.host
    const sizes = new Map<SessionId, number>()
    for (const [session, { base, own }] of sessions) {
      let size = 0
      if (base && !own)
        for await (const [, { length }] of store.entries(
          segmentRange(documentId, fromHex(session), base.seq),
        ))
          size += length
      sizes.set(session, size)
    }
    this.host.add([harmRecord(documentId, snapshotHarm, 0)])
    for (const [session, state] of [...sessions])
      if (state.base) this.giveUp(session, state, { ...nowhere(null), beyond: sizes.get(session) ?? 0 })
    snapshots.lose()
  }

  /** From now on a session is held only as far as it is sound. */
  private giveUp(session: SessionId, state: SessionState, { stand, signed, beyond }: Reach): void {
    const { sessions, durable, forked, snapshots } = this.host
    this.host.retire(session, state)
    this.disturbed()
    snapshots.disturbed()
    if (stand.tip > 0) {
      const { tip, tipProof, mark } = stand
      // Another state: what is being written for the old one is not held by this one.
      sessions.set(session, { ...state, tip, tipProof, mark, history: null, live: false })
      durable.set(session, { base: state.base?.seq ?? 0, tip, mark })
    } else {
      sessions.delete(session)
      durable.delete(session)
      forked.delete(session)
      this.remains.set(session, { own: state.own, fork: state.fork })
    }
    if (!this.harms.has(session) && !state.own && beyond > 0) this.host.released(beyond)
    this.note(session, Math.max(state.tip, signed, this.harms.get(session) ?? 0))
    this.host.damaged()
  }

  private note(session: SessionId, target: number): void {
    this.harms.set(session, target)
    this.host.add([harmRecord(this.host.documentId, session, target)])
  }

  /** Takes what lies on the disk and follows what came; when all is there that was, looks whether it is sound. */
  private async heal(session: SessionId): Promise<void> {
    const target = this.harms.get(session)
    if (target === undefined || this.ended) return
    await this.adopt(session)
    if ((this.host.durable.get(session)?.tip ?? 0) < Math.max(1, target)) return
    await this.checkSession(session, new TimeSlicer({ clock: this.host.clock, ...quick }))
    if ((this.host.durable.get(session)?.tip ?? 0) < Math.max(1, target)) return
    const { documentId } = this.host
    this.harms.delete(session)
    this.remains.delete(session)
    const records = [{ key: sessionKey('harm', documentId, fromHex(session)), value: null }]
    if (!this.isDamaged)
      records.push({ key: sessionKey('harm', documentId, fromHex(snapshotHarm)), value: null })
    this.host.add(records)
    if (this.isDamaged) return
    const { mendedBy } = this
    this.mendedBy = 'itself'
    this.host.mended(mendedBy)
    // Damaged rows are still in the database's files and would be found again at the next start.
    await this.host.idle()
    for (const range of logRanges(documentId)) await this.host.store.compact(range)
  }

  /**
   * Goes on without what is missing: what is held is all that counts from now on, until more comes. Resolves when that
   * is noted. Rejects with STORE_WRITE_FAILED or CLOSED.
   */
  async goOnWithout(): Promise<void> {
    const { documentId, add, idle, mended } = this.host
    const writes: Write[] = []
    for (const session of [...this.harms.keys(), snapshotHarm]) {
      writes.push({ key: sessionKey('harm', documentId, fromHex(session)), value: null })
      if (session !== snapshotHarm) writes.push(...(await this.asHeld(session)))
    }
    this.harms.clear()
    add(writes)
    await idle()
    mended('nobody')
  }

  /** Returns writes that make a session's records match what is held; of one not held only `own` stays. */
  private async asHeld(session: SessionId): Promise<Write[]> {
    const { store, documentId, sessions } = this.host
    const state = sessions.get(session)
    if (state) return sessionWrites(documentId, session, state)
    const keys = (['certificate', 'tip', 'base', 'fork'] as const).map((kind) =>
      sessionKey(kind, documentId, fromHex(session)),
    )
    for await (const [key] of store.entries(segmentRange(documentId, fromHex(session), 0))) keys.push(key)
    return keys.map((key) => ({ key, value: null }))
  }

  private async adopt(session: SessionId): Promise<void> {
    const { store, documentId, sessions, durable, adopted } = this.host
    const state = sessions.get(session)
    if (!state?.tipProof || durable.get(session)?.tip !== state.tip) return
    const { tip, tipProof, mark } = state
    const from = { tip, tipProof, mark, chain: decodeTipProof(tipProof).chain }
    let found: Segment[] = []
    let size = 0
    const tell = () => {
      if (found.length > 0) adopted(found)
      found = []
      size = 0
    }
    for await (const segment of following({ store, documentId, session: fromHex(session), from })) {
      // The session changed meanwhile; new segments go through the write queue.
      if (sessions.get(session) !== state || state.tip + 1 !== segment.seqFrom) break
      advance(state, segment)
      durable.set(session, { base: state.base?.seq ?? 0, tip: state.tip, mark: state.mark })
      found.push(segment)
      size += segment.bytes.length
      if (size >= tellStep) tell()
    }
    tell()
  }
}

const nowhere = (reach: Reach | null): Reach => ({
  stand: { tip: 0, chain: null, tipProof: null, mark: new Uint8Array(0) },
  strays: [],
  signed: reach?.signed ?? 0,
  beyond: reach?.beyond ?? 0,
})

function harmRecord(documentId: Uint8Array, session: SessionId, target: number): Write {
  const value = Buffer.alloc(4)
  value.writeUInt32BE(target)
  return { key: sessionKey('harm', documentId, fromHex(session)), value }
}

const isDamage = (error: unknown): boolean => hasCode(error, 'MALFORMED', 'STORE_DAMAGED')

function asFalse(error: unknown): false {
  if (!isDamage(error)) throw error
  return false
}

function isSound(look: () => unknown): boolean {
  try {
    look()
    return true
  } catch (error) {
    if (isDamage(error)) return false
    throw error
  }
}
