/**
 * Data that a document has beside its logs, as its sync sees it. Its messages go through the document's channel, with
 * the numbers after the document's own; a peer that does not know them ignores them. Rule W20.
 */
export interface SyncedPart {
  /** Names of its messages, by their place on the wire. */
  readonly messages: readonly string[]
  /** Returns a digest that is equal where two have nothing to exchange. Rule W81. */
  digest(): Uint8Array
  /** Calls `listener` when there is something to tell the peers. Returns a function that stops. */
  onNews(listener: () => void): () => void
  /** Begins the exchange with a peer, which proved that it shares the document. */
  connect(port: PartPort): PartPeer
}

/** Sends messages of one part to one peer. */
export interface PartPort {
  /** True if the connection takes more at once; otherwise wait for `drained`. */
  readonly isDrained: boolean
  /** Sends a message, or drops it when the channel is closed. */
  send(message: string, body: Uint8Array): void
}

/** A part's exchange with one peer. */
export interface PartPeer {
  /** Takes a message, whose body is valid during the call only. Throws MALFORMED or MISBEHAVED to refuse the peer. */
  take(message: string, body: Uint8Array): void
  /** The connection takes more. */
  drained(): void
  /** The channel ended. */
  close(): void
}
