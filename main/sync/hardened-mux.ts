import Protomux, { type DecodeState } from 'protomux'
import type { Duplex } from 'streamx'

/** Largest frame that a peer may send, in bytes. Rule W10. */
export const maxFrameSize = 512 * 1024
/** Largest message that opens a channel, in bytes: protocol name, id and handshake. Rule W11. */
const maxOpenSize = 1024
/** Channels that a peer may try to open in the life of a connection. Rule W12. */
const maxOpens = 8192

/**
 * Protomux against peers that mean harm. The bare one can be made to overflow the stack by batches
 * in batches, lets channels be opened without end, and rethrows a TypeError or RangeError as an
 * uncaught one, which ends the process. Here each of these ends the connection and nothing else.
 */
export class HardenedMux extends Protomux {
  private batchOpen = false
  private opens = 0

  constructor(stream: Duplex) {
    super(stream)
    for (const method of hardened)
      if (typeof Protomux.prototype[method as keyof Protomux] !== 'function')
        throw new Error(`protomux has no ${method} any more: what is hardened here must be looked at again`)
  }

  protected override _ondata(frame: Uint8Array): void {
    if (frame.byteLength > maxFrameSize) this._safeDestroy('a frame is too large')
    else super._ondata(frame)
  }

  protected override _onbatch(state: DecodeState): void {
    if (this.batchOpen) throw new Error('a batch in a batch')
    this.batchOpen = true
    try {
      super._onbatch(state)
    } finally {
      this.batchOpen = false
    }
  }

  protected override _onopensession(state: DecodeState): Promise<void> | null {
    if (state.end - state.start > maxOpenSize) throw new Error('the opening of a channel is too large')
    if (++this.opens > maxOpens) throw new Error('too many channels were opened')
    return super._onopensession(state)
  }

  protected override _safeDestroy(error: unknown): void {
    this._destroying = true
    // Only a plain error: the original may be of a kind that is rethrown, and may hold what a peer sent.
    this.stream.destroy(new Error(`the connection was ended: ${error instanceof Error ? error.name : error}`))
  }

  protected override _warn(): void {}
}

/** What is overridden above: a new protomux without it would silently be a bare one. */
const hardened = ['_ondata', '_onbatch', '_onopensession', '_safeDestroy', '_warn']
