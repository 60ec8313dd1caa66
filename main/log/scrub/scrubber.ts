import { sameBytes } from '../../keys/bytes'
import { checkedKey } from '../format/store-keys'
import type { SessionId } from '../format/version-vector'
import { segmentWrites, sessionWrites } from '../log-records'
import type { Session } from '../session'
import { adoptSegments, loseUnsound, nowhere, type ScrubHost } from './corrections'
import { type Position, type Scan, scanSession, startOf } from './session-scan'
import { isAdmitted, scrubSnapshot } from './snapshot-scrub'
import type { TimeSlicer } from './time-slicer'

/** How long a scrubbed log is not scrubbed again, in ms. Rule S15. */
export const checkInterval = 7 * 24 * 3_600_000

/** Scans of a session that changes meanwhile. */
const maxScans = 5

/** Resolves to true if a full check of a log is due, which may be closed. */
export async function isCheckDue(host: Pick<ScrubHost, 'store' | 'documentId' | 'clock'>): Promise<boolean> {
  const noted = await host.store.get(checkedKey(host.documentId))
  if (noted?.length !== 8) return true
  const age = host.clock.now() - Number(Buffer.from(noted).readBigUInt64BE())
  return age >= checkInterval || age < 0
}

/**
 * Checks the data of a log on the disk, and corrects the session table by what it finds. What is not sound is not held
 * any longer, from the last sound segment on; what is in memory is written again. Nothing is deleted of a session that
 * is damaged. Rules S15 to S17.
 */
export class Scrubber {
  private readonly host: ScrubHost
  private pace: TimeSlicer | null = null
  private running: Promise<void> | null = null
  private ended = false

  constructor(host: ScrubHost) {
    this.host = host
  }

  /** True while a check runs. */
  get isChecking(): boolean {
    return this.running !== null
  }

  /**
   * Checks the whole log, in slices. Where that is under way already, waits for it, at the faster of the two paces.
   * Rejects with CLOSED or STORE_WRITE_FAILED.
   */
  check(pace: TimeSlicer): Promise<void> {
    this.pace?.hasten(pace)
    this.running ??= this.checkAll(pace).finally(() => {
      this.running = null
    })
    return this.running
  }

  /** Checks one session. */
  async checkSession(id: SessionId, pace: TimeSlicer): Promise<void> {
    for (let scans = 0; scans < maxScans && !this.ended; scans++)
      if ((await this.scanOnce(id, pace, scans === 0)) === 'done') return
  }

  /** Stops checks at the next row. */
  end(): void {
    this.ended = true
  }

  /** Resolves when no check is running. */
  async idle(): Promise<void> {
    await this.running?.catch(() => undefined)
  }

  private async checkAll(pace: TimeSlicer): Promise<void> {
    this.pace = pace
    try {
      await scrubSnapshot(this.host, () => this.ended)
      for (const { id } of [...this.host.sessions.all()]) {
        if (this.ended) return
        await this.checkSession(id, pace)
        if (pace.isOver) await pace.pause()
      }
    } finally {
      this.pace = null
    }
    if (this.ended) return
    // Also when something is damaged: its repair needs no further check.
    const value = Buffer.alloc(8)
    value.writeBigUInt64BE(BigInt(Math.max(0, Math.round(this.host.clock.now()))))
    this.host.write([{ key: checkedKey(this.host.documentId), value }])
  }

  /** 'again' when the session changed during the scan, or was written again from memory. */
  private async scanOnce(id: SessionId, pace: TimeSlicer, isFirst: boolean): Promise<'done' | 'again'> {
    const { sessions } = this.host
    const session = sessions.get(id)
    const tip = sessions.durableTip(id)
    if (!session || tip === 0) return 'done'
    const { revision } = sessions
    const scan = await this.scan(session, tip, pace)
    if (this.ended) return 'done'
    if (revision !== sessions.revision) return 'again'
    const admitted = isAdmitted(this.host, session)
    if (scan.end.tip >= tip && admitted) {
      await this.correct(session, tip, scan)
      return 'done'
    }
    if (isFirst && (await this.writeAgain(session, scan.end.tip))) return 'again'
    loseUnsound(this.host, session, admitted ? scan : { ...scan, end: nowhere })
    return 'done'
  }

  private scan(session: Session, tip: number, pace: TimeSlicer): Promise<Scan> {
    const { store, documentId } = this.host
    const from: Position = startOf(documentId, session.id, session.certificate, session.base)
    const last = session.tip === tip ? { tip, proof: session.tipProof } : null
    return scanSession({ store, documentId, session: session.key, from }, last, {
      pace,
      isOver: () => this.ended,
    })
  }

  /** Corrects the records and the end of a session that is sound up to its durable tip. */
  private async correct(session: Session, tip: number, { end, strays }: Scan): Promise<void> {
    const { sessions, damaged, write } = this.host
    const { id } = session
    // Rows past the end may belong to a write in progress.
    const isGrowing = sessions.get(id)?.tip !== tip
    if (!isGrowing) {
      if (end.tip >= damaged.target(id)) write(strays.map((key) => ({ key, value: null })))
      // More lies there than was noted, as after a read that failed.
      if (end.tip > tip) await adoptSegments(this.host, id)
      else this.correctMark(session, end.mark)
    }
    await this.correctRecords(session)
  }

  /** Writes segments of a live session past `after` again from memory; false when none of them is there. */
  private async writeAgain(session: Session, after: number): Promise<boolean> {
    const segments = session.live ? this.host.recent.of(session.id, after) : []
    if (segments.length === 0) return false
    this.host.write(segmentWrites(this.host.documentId, segments))
    await this.host.idle()
    return true
  }

  private correctMark(session: Session, mark: Uint8Array): void {
    if (sameBytes(session.mark, mark)) return
    this.host.sessions.correctMark(session, mark)
    // Another one was announced to peers.
    this.host.onDamaged()
  }

  /** Writes records of a session again that differ from what is in memory. */
  private async correctRecords(session: Session): Promise<void> {
    const { store, documentId, sessions, write } = this.host
    for (const { key, value } of sessionWrites(documentId, session)) {
      const stored = await store.get(key)
      const isCurrent = sessions.isCurrent(session) && sessions.durableTip(session.id) === session.tip
      if (isCurrent && value && !(stored && sameBytes(stored, value)))
        write(sessionWrites(documentId, session).filter((one) => sameBytes(one.key, key)))
    }
  }
}
