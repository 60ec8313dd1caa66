import { sameBytes } from '../../keys/bytes'
import type { DocumentLog } from '../../log/document-log'
import type { Port } from '../wire/channel'
import { encodeOffer, encodePart, type Fetch } from '../wire/messages'

/** Maximum number of parts that a peer may request at a time; more are ignored. Rule W61. */
export const maxAsked = 4

/** Offers the local snapshot to one peer, and sends the parts that the peer requests. Rules W60, W61. */
export class SnapshotSender {
  private readonly log: DocumentLog
  private readonly port: () => Port | null
  private readonly requests: Fetch[] = []
  private isSending = false
  private hasOffered = false

  constructor(options: { log: DocumentLog; port: () => Port | null }) {
    this.log = options.log
    this.port = options.port
  }

  /** Announces the local snapshot; sends nothing before there has been one. */
  offer(): void {
    const port = this.port()
    const { held } = this.log.snapshots
    if (!port || (!held && !this.hasOffered)) return
    this.hasOffered = true
    port.send('offer', encodeOffer(held))
  }

  /** Takes a request for a part. */
  takeFetch(fetch: Fetch): void {
    if (this.requests.length >= maxAsked) return
    this.requests.push(fetch)
    this.resume()
  }

  /** Continues when the connection takes more. */
  resume(): void {
    if (!this.isSending) void this.send()
  }

  private async send(): Promise<void> {
    this.isSending = true
    try {
      while (this.port()?.drained) {
        const fetch = this.requests.shift()
        if (!fetch) return
        const { held } = this.log.snapshots
        // Another snapshot has been offered since the request.
        if (!held || !sameBytes(held.id, fetch.id)) continue
        // The peer would blame this program for a damaged snapshot.
        if (!(await this.log.isSnapshotWhole())) continue
        const part = await this.log.snapshots.part(fetch.index)
        if (part && this.log.snapshots.held === held)
          this.port()?.send('part', encodePart({ index: fetch.index, bytes: part }))
      }
    } catch {
      // The store was closed, or cannot be read: the peer asks another.
      this.requests.length = 0
    } finally {
      this.isSending = false
    }
  }
}
