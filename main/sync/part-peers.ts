import type { PartPeer, SyncedPart } from './synced-part'
import type { Port } from './wire/channel'

/** The exchanges of all parts of a document with one peer. */
export class PartPeers {
  private readonly parts: readonly SyncedPart[]
  private readonly peers = new Map<SyncedPart, PartPeer>()

  constructor(parts: readonly SyncedPart[]) {
    this.parts = parts
  }

  /** Begins all exchanges through the document's channel. */
  begin(port: Port<string>): void {
    for (const part of this.parts) {
      const peer = part.connect({
        get isDrained() {
          return port.drained
        },
        send: (message, body) => port.send(message, body),
      })
      this.peers.set(part, peer)
    }
  }

  /** Hands a message to its part, once the exchange has begun. Throws MALFORMED or MISBEHAVED to refuse the peer. */
  take(message: string, body: Uint8Array): void {
    for (const [part, peer] of this.peers) if (part.messages.includes(message)) peer.take(message, body)
  }

  /** The connection takes more. */
  drained(): void {
    for (const peer of this.peers.values()) peer.drained()
  }

  /** The channel ended. */
  close(): void {
    for (const peer of this.peers.values()) peer.close()
    this.peers.clear()
  }
}
