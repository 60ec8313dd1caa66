import { sameBytes } from '../../keys/bytes'
import type { DocumentLog } from '../../log/document-log'
import type { Port } from '../wire/channel'
import { encodeOffer, encodePart, type Fetch } from '../wire/messages'

/** Parts that a peer may have asked for at a time; more are not answered. Rule W61. */
export const maxAsked = 4

/** Offers the snapshot that is held here to one peer, and sends the parts that it asks for. Rules W60, W61. */
export class SnapshotSender {
  private readonly log: DocumentLog
  private readonly port: () => Port | null
  private readonly asked: Fetch[] = []
  private sending = false
  private told = false

  constructor(options: { log: DocumentLog; port: () => Port | null }) {
    this.log = options.log
    this.port = options.port
  }

  /** Announces the snapshot that is held; sends nothing until there was one. */
  offer(): void {
    const { held } = this.log.snapshots
    if (!held && !this.told) return
    this.told = true
    this.port()?.send('offer', encodeOffer(held))
  }

  /** The peer asks for a part. */
  wanted(fetch: Fetch): void {
    if (this.asked.length >= maxAsked) return
    this.asked.push(fetch)
    this.resume()
  }

  /** The connection takes more. */
  resume(): void {
    if (!this.sending) void this.send()
  }

  private async send(): Promise<void> {
    this.sending = true
    try {
      while (this.port()?.drained) {
        const fetch = this.asked.shift()
        if (!fetch) return
        const { held } = this.log.snapshots
        // Another snapshot was offered to the peer since.
        if (!held || !sameBytes(held.id, fetch.id)) continue
        // The peer would blame this program for a damaged snapshot.
        if (!(await this.log.isSnapshotWhole())) continue
        const part = await this.log.snapshots.part(fetch.index)
        if (part && this.log.snapshots.held === held)
          this.port()?.send('part', encodePart({ index: fetch.index, bytes: part }))
      }
    } catch {
      // The store was closed, or cannot be read: the peer asks someone else.
      this.asked.length = 0
    } finally {
      this.sending = false
    }
  }
}
