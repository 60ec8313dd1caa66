import { hasCode, SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import type { DocumentLog } from '../log/document-log'
import { decodeCertificate } from '../log/format/certificate'
import { decodeSegment } from '../log/format/segment'
import { decodeSnapshot, type Snapshot, verifySnapshot } from '../log/format/snapshot'
import type { SessionId } from '../log/format/version-vector'
import type { BackedParts } from '../repo/lower-part'
import type { BackupRecord } from './backup-records'

/** Bytes of segments after which the writes are waited for. */
const stepSize = 512 * 1024
/** Times that a segment is offered again while others' segments are ahead of it. */
const maxOffers = 100

/** Target for restoring a document from a backup. */
export interface RestoreTarget {
  readonly log: DocumentLog
  readonly parts: BackedParts
  /** W.publicKey; null while it is not known. */
  readonly verify: Uint8Array | null
  /** Validates the content of a snapshot (T7); null for keepers, which cannot read it. */
  readonly isSound: ((snapshot: Snapshot) => Promise<boolean>) | null
  /** The backup is of this person's profile: its own sessions count as own here. */
  readonly own: boolean
}

/** Adds the records of one document that are missing from its log; replaces nothing. Rule B5. */
export class RestoringDocument {
  private readonly target: RestoreTarget
  private session: { id: SessionId; certificate: Uint8Array; own: boolean } | null = null
  private waiting = 0
  private skipped = false
  private took = false

  constructor(target: RestoreTarget) {
    this.target = target
  }

  /** True if a part of the backup is still missing: it does not fit the log, or there is no room for it. */
  get incomplete(): boolean {
    return this.skipped
  }

  /** True if the backup added something. */
  get grew(): boolean {
    return this.took
  }

  /** Takes a record. Rejects with STORE_WRITE_FAILED while the disk refuses, STORE_DAMAGED or CLOSED. */
  async take(record: BackupRecord): Promise<void> {
    switch (record.type) {
      case 'snapshot':
        await this.takeSnapshot(record.bytes)
        return
      case 'session':
        await this.claim()
        this.session = {
          id: readId(record.certificate),
          certificate: record.certificate,
          own: record.own && this.target.own,
        }
        return
      case 'segment':
        await this.takeSegment(record.bytes)
        return
      case 'fork':
        this.target.log.acceptFork(record.bytes)
        return
      case 'part': {
        const restored = await this.target.parts.restore(record)
        this.took ||= restored === 'added'
        this.skipped ||= restored === 'refused'
        return
      }
      default:
        return
    }
  }

  /** To be called after the last record: resolves when all of it is durable. Rejects as `take` does. */
  async end(): Promise<void> {
    await this.claim()
    await this.drain()
  }

  private async takeSnapshot(bytes: Uint8Array): Promise<void> {
    const { log, verify, isSound } = this.target
    const snapshot = sound(() => decodeSnapshot(bytes))
    const known = snapshot?.sessions.every(({ session, seq }) => log.tip(session) >= seq)
    if (!snapshot || known) {
      this.skipped ||= !snapshot
      return
    }
    const isTrue =
      verify !== null &&
      (await verifySnapshot(snapshot, log.documentId, verify).then(
        () => true,
        () => false,
      )) &&
      (isSound === null || (await isSound(snapshot)))
    if (isTrue && (await log.snapshots.install(snapshot, false, 'backup'))) this.took = true
    else this.skipped = true
  }

  private async takeSegment(bytes: Uint8Array): Promise<void> {
    const { log } = this.target
    const { session } = this
    const segment = sound(() => decodeSegment(bytes))
    if (!session || !segment || hex(segment.session) !== session.id) {
      this.skipped = true
      return
    }
    // Skips the signature check of segments that the log holds already.
    if (segment.seqTo <= log.tip(session.id) && segment.seqTo !== log.tip(session.id)) return
    let verdict = log.restore(bytes, session.certificate, session.own)
    for (let offers = 0; verdict === 'busy' && offers < maxOffers; offers++) {
      if (log.shortage && !session.own) break
      await this.drain()
      verdict = log.restore(bytes, session.certificate, session.own)
    }
    if (verdict === 'accepted') this.took = true
    else if (verdict !== 'duplicate') this.skipped = true
    this.waiting += bytes.length
    if (this.waiting >= stepSize) await this.drain()
  }

  private async claim(): Promise<void> {
    const { session } = this
    this.session = null
    if (session?.own && this.target.log.tip(session.id) > 0) this.target.log.claim(session.id)
  }

  /** Waits until the log's writes are durable. Rejects with STORE_WRITE_FAILED while the disk refuses. */
  private async drain(): Promise<void> {
    const { log } = this.target
    this.waiting = 0
    let stop = (): void => undefined
    const refused = new Promise<never>((_, reject) => {
      const look = (problem: SwarmpadError | null) => {
        if (problem) reject(diskRefuses(problem))
      }
      stop = log.onProblem(look)
      look(log.problem)
    })
    try {
      await Promise.race([log.idle(), refused])
    } finally {
      stop()
    }
  }
}

const diskRefuses = (cause: unknown): SwarmpadError =>
  new SwarmpadError('STORE_WRITE_FAILED', { what: 'restoring' }, { cause })

const readId = (certificate: Uint8Array): SessionId =>
  hex(sound(() => decodeCertificate(certificate))?.session ?? new Uint8Array(0))

/** Returns the result of `read`, or null if it violates the log rules: the file's author is not trusted. */
function sound<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (hasCode(error, 'MALFORMED')) return null
    throw error
  }
}
