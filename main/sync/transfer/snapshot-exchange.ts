import type { DocumentLog } from '../../log/document-log'
import type { StateComparison } from '../state/state-comparison'
import type { Port } from '../wire/channel'
import { encodeFetch, type Fetch, type Offer, type Part } from '../wire/messages'
import type { SnapshotFetcher, SnapshotSource } from './snapshot-fetcher'
import { SnapshotSender } from './snapshot-sender'

/** Dependencies of a SnapshotExchange. */
export interface SnapshotExchangeOptions {
  readonly log: DocumentLog
  readonly fetcher: SnapshotFetcher
  readonly comparison: StateComparison
  /** Returns the channel to send through; null while nothing may be sent. */
  readonly port: () => Port | null
  /** Called when the peer's snapshot was not the one that it offered. */
  readonly onFault: () => void
}

/** Exchanges snapshots with one peer: offers the local one, and makes the peer's one available to the fetcher. */
export class SnapshotExchange implements SnapshotSource {
  private readonly options: SnapshotExchangeOptions
  private readonly sender: SnapshotSender
  private remoteOffer: Offer | null = null

  constructor(options: SnapshotExchangeOptions) {
    this.options = options
    this.sender = new SnapshotSender(options)
  }

  /** The snapshot that the peer offers. */
  get offer(): Offer | null {
    return this.remoteOffer
  }

  get hasAnnounced(): boolean {
    return this.options.comparison.hasAnnounced
  }

  get needsSnapshot(): boolean {
    return this.options.comparison.needsSnapshot
  }

  get missingChanges(): number {
    return this.options.comparison.missingChanges
  }

  requestPart(id: Uint8Array, index: number): void {
    this.options.port()?.send('fetch', encodeFetch({ id, index }))
  }

  onFault(): void {
    this.options.onFault()
  }

  /** Offers the local snapshot, or withdraws the offer. */
  sendOffer(): void {
    this.sender.offer()
  }

  takeOffer(offer: Offer | null): void {
    this.remoteOffer = offer
    this.options.fetcher.onOffer(this)
  }

  takeFetch(fetch: Fetch): void {
    this.sender.takeFetch(fetch)
  }

  takePart(part: Part): void {
    this.options.fetcher.takePart(this, part)
  }

  /** Handles the peer's full announcement of its state. */
  onAnnounced(): void {
    this.options.fetcher.onAnnounced(this)
  }

  /** Continues when the connection takes more. */
  resume(): void {
    this.sender.resume()
  }

  close(): void {
    this.options.fetcher.removeSource(this)
  }
}
