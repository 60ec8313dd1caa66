import { hasCode } from '../base/errors'
import { hex } from '../base/hex'
import type { DocumentLog } from '../log/document-log'
import type { Segment } from '../log/format/segment'
import type { Fault, SealedSegment } from '../replica/intake'
import type { ToReplica } from '../replica/replica-protocol'
import type { LiveReplica, LoadOutcome } from './supervisor'

/** Segments in one message while the log is loaded, in bytes. */
const batchSize = 256 * 1024

/** State of the replica's view of the log. */
type FeederState =
  /** No replica takes segments. */
  | { readonly phase: 'off' }
  /** It loads the log. */
  | { readonly phase: 'loading'; readonly replica: LiveReplica }
  /** It applies a batch. */
  | { readonly phase: 'applying'; readonly replica: LiveReplica }
  /** It waits for segments. */
  | { readonly phase: 'idle'; readonly replica: LiveReplica }

/**
 * Brings stored segments up to the replica: at first the held snapshot and the log, then what is stored. Invariants:
 *
 * 1. Each segment that others wrote is read in the log or waits behind it; one may come twice, none is left out.
 * 2. One batch at a time: the next one is sent when the replica has applied the last one.
 */
export class LogFeeder {
  private readonly log: DocumentLog
  private state: FeederState = { phase: 'off' }
  private waiting: Segment[] = []
  private readonly collectedFaults: Fault[] = []

  constructor(log: DocumentLog) {
    this.log = log
  }

  /** Everything that is stored is in the text. */
  get isCurrent(): boolean {
    return this.state.phase === 'idle' && this.waiting.length === 0
  }

  /** Sessions that are not read from some change on. */
  get faults(): readonly Fault[] {
    return this.collectedFaults
  }

  /**
   * Sends the log to a replica, after the message that `begin` makes with the held snapshot. Where it cannot be read,
   * resolves once the damage is known, and repaired as far as that takes no peers. Never rejects.
   */
  async load(replica: LiveReplica, begin: (snapshot: Uint8Array | null) => ToReplica): Promise<LoadOutcome> {
    const loading: FeederState = { phase: 'loading', replica }
    this.state = loading
    try {
      return await this.send(loading, begin)
    } catch (error) {
      if (!hasCode(error, 'STORE_DAMAGED')) return 'failed'
      await this.log.health.check().catch(() => undefined)
      return 'damaged'
    }
  }

  /** The replica has loaded the log, without what `faults` names. */
  loaded(faults: readonly Fault[]): void {
    this.collectedFaults.splice(0)
    this.addFaults(faults)
    this.becomeIdle()
  }

  /** Adds segments that others wrote and that are stored. Without a replica they are dropped: the next one reads the log. */
  add(segments: readonly Segment[]): void {
    if (this.state.phase !== 'off') this.waiting.push(...segments)
  }

  /** Sends all that waits, if the replica is idle. */
  deliver(): void {
    if (this.state.phase !== 'idle' || this.waiting.length === 0) return
    const { replica } = this.state
    this.state = { phase: 'applying', replica }
    const segments = this.waiting.splice(0).map((segment) => this.sealed(segment))
    replica.thread.post({ type: 'segments', segments })
  }

  /** The replica has applied a part of a batch, without what `faults` names; with `last`, all of it. */
  applied(faults: readonly Fault[], last: boolean): void {
    if (faults.length > 0) this.addFaults(faults)
    if (last) this.becomeIdle()
  }

  /** The replica ended. */
  stop(): void {
    this.state = { phase: 'off' }
    this.waiting = []
  }

  private async send(
    loading: Extract<FeederState, { phase: 'loading' }>,
    begin: (snapshot: Uint8Array | null) => ToReplica,
  ): Promise<LoadOutcome> {
    const { snapshots } = this.log
    const { thread } = loading.replica
    const { held } = snapshots
    const snapshot = await snapshots.read()
    if (this.state !== loading) return 'sent'
    this.waiting = []
    thread.post(begin(snapshot?.bytes ?? null))
    let segments: SealedSegment[] = []
    let size = 0
    for await (const segment of this.log.all()) {
      if (this.state !== loading) return 'sent'
      segments.push(this.sealed(segment))
      size += segment.bytes.length
      if (size < batchSize) continue
      thread.post({ type: 'load', segments, last: false })
      segments = []
      size = 0
    }
    if (this.state !== loading) return 'sent'
    if (snapshots.held !== held && snapshots.bearing) return 'outdated'
    thread.post({ type: 'load', segments, last: true })
    return 'sent'
  }

  private becomeIdle(): void {
    if (this.state.phase !== 'off') this.state = { phase: 'idle', replica: this.state.replica }
  }

  private addFaults(faults: readonly Fault[]): void {
    this.collectedFaults.push(...faults)
    this.log.snapshots.isLacking = this.collectedFaults.some(({ lacksContent }) => lacksContent)
  }

  private sealed(segment: Segment): SealedSegment {
    const certificate = this.log.certificate(hex(segment.session))
    if (!certificate) throw new Error('a stored segment has no certificate')
    return { segment: segment.bytes, certificate }
  }
}
