import { DocumentLog } from '../../main/log/document-log'
import { snapshotPartSize } from '../../main/log/format/limits'
import type { Segment } from '../../main/log/format/segment'
import type { SessionId, VersionVector } from '../../main/log/format/version-vector'
import type { Verdict } from '../../main/log/segment-acceptor'
import type { SnapshotSummary } from '../../main/log/snapshots/snapshot-summary'
import { randomFrom } from './random'

/**
 * How a keeper lies. 'withholds': says what it holds, and gives none of it; so does one that confirms what it drops.
 * 'forges': gives segments that it altered. 'lags': takes and gives only the first segments. 'hoards': says that a
 * snapshot stands in place of all, and gives none of it. 'stalls': the same, and gives noise for it, a part now and then.
 */
export type Lie = 'withholds' | 'forges' | 'lags' | 'hoards' | 'stalls'

/** Segments that a keeper takes that lags. */
const firstSegments = 3
/** How long one that stalls lets others wait for the next part, in ms. */
const stall = 9_000
/** Bytes of a snapshot that there is not: the most that one may have. */
const boast = 32 * 1024 * 1024

/** A log as a keeper has it who lies. The sync over it is the real one. */
export class LyingLog extends DocumentLog {
  private readonly lie: Lie
  private readonly random = randomFrom(1)
  private taken = 0
  private forged = 0

  constructor(options: ConstructorParameters<typeof DocumentLog>[0] & { lie: Lie }) {
    super(options)
    this.lie = options.lie
    if (options.lie === 'hoards' || options.lie === 'stalls') this.boast()
  }

  override get vector(): VersionVector {
    if (this.lie !== 'hoards' && this.lie !== 'stalls') return super.vector
    return new Map([...super.vector].map(([session, extent]) => [session, { ...extent, base: extent.tip }]))
  }

  override accept(segment: Uint8Array, certificate: Uint8Array | null): Verdict {
    if (this.lie === 'lags' && this.taken >= firstSegments) return 'busy'
    const verdict = super.accept(segment, certificate)
    if (verdict === 'accepted') this.taken++
    return verdict
  }

  override async *signedSegments(session: SessionId, after: number): AsyncGenerator<Segment> {
    if (this.lie !== 'forges' && this.lie !== 'lags') return
    for await (const segment of super.signedSegments(session, after))
      yield this.lie === 'lags' ? segment : this.forge(segment)
  }

  override async isSnapshotWhole(): Promise<boolean> {
    return this.lie === 'hoards' || this.lie === 'stalls' || super.isSnapshotWhole()
  }

  /** In turn with another content, another header, and another signature. */
  private forge(segment: Segment): Segment {
    const bytes = Buffer.from(segment.bytes)
    const place = [bytes.length - 1, 38, 150][this.forged++ % 3] ?? 0
    bytes[place] = (bytes[place] ?? 0) ^ 1
    return { ...segment, bytes }
  }

  private boast(): void {
    const summary: SnapshotSummary = {
      id: this.random.bytes(32),
      size: boast,
      madeAt: 1,
      changes: 1_000_000,
      since: 1,
    }
    const part = async () => {
      if (this.lie === 'hoards') return null
      await new Promise((done) => setTimeout(done, stall))
      return this.random.bytes(snapshotPartSize)
    }
    Object.defineProperty(this.snapshots, 'held', { get: () => summary })
    Object.defineProperty(this.snapshots, 'part', { value: part })
  }
}
