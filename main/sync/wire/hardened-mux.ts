import c from 'compact-encoding'
import Protomux, { type Channel, type ChannelOptions, type DecodeState } from 'protomux'
import { Duplex } from 'streamx'
import type { WorkShare } from '../budget/work-budget'

/** Largest frame that a peer may send, in bytes. Rule W11. */
export const maxFrameSize = 512 * 1024
/** Messages that go out together are cut into frames of about this size, in bytes. */
const outgoingFrameSize = 256 * 1024
/** Largest message that opens a channel, in bytes: protocol name, id and handshake. Rule W12. */
const maxOpenSize = 1024
/** Maximum number of channels that are open, or about to be, at a time. Rule W13. */
export const maxChannels = 8192
/** Maximum number of a peer's openings that are rejected in the life of a connection. Rule W13. */
export const maxRejected = 8192
/** Limit of data buffered for channels that are not open yet, in bytes, plus 512 per message. Rule W14. */
const maxWaiting = 1024 * 1024

/** Limit of data waiting for a peer that does not read, in bytes, plus 512 per message. Rule W19. */
export const maxUnsent = 16 * 1024 * 1024
/** Bytes charged per message in addition to its size. */
const messageCharge = 512

/**
 * Protomux hardened against malicious peers. The original overflows the stack on nested batches, lets
 * channels be opened without limit, and rethrows a TypeError, RangeError or SyntaxError from a handler as an
 * uncaught one, which ends the process. Here each of these ends only the connection.
 */
export class HardenedMux extends Protomux {
  private batchOpen = false
  private rejected = 0
  private unsent = 0
  private readonly work: WorkShare | null
  /** True while reading is paused to make up for the time that this connection took. */
  private isThrottled = false

  /** `work`: the connection's share of main-thread time for the peer's frames; null for no limit. */
  constructor(stream: Duplex, work: WorkShare | null = null) {
    super(stream)
    this.work = work
  }

  /** Must be called with the size of each message sent. Ends the connection if too much waits for the peer. */
  sent(size: number): void {
    this.unsent = this.drained ? 0 : this.unsent + size + messageCharge
    if (this.unsent > maxUnsent) this._safeDestroy(new Error('too much waits for the peer'))
  }

  /** True if another channel can be opened: fewer than `maxChannels` are, and the connection is not ending. */
  get hasRoom(): boolean {
    return !this.stream.destroying && this.channels < maxChannels
  }

  /** Also returns null while `maxChannels` are open. */
  override createChannel(options: ChannelOptions): Channel | null {
    return this.channels < maxChannels ? super.createChannel(options) : null
  }

  private get channels(): number {
    return this._local.length - this._free.length
  }

  protected override _ondata(frame: Uint8Array): void {
    if (this._destroying) return
    if (frame.byteLength > maxFrameSize) this._safeDestroy(new Error('a frame is too large'))
    else if (!this.work) super._ondata(frame)
    else this.throttle(this.work.run(() => super._ondata(frame)))
  }

  /** Pauses reading for `span` ms, so that incoming data waits at the peer. Rule W18. */
  private throttle(span: number): void {
    if (span <= 0 || this.isThrottled) return
    this.isThrottled = true
    this.stream.pause()
    this.work?.later(span, () => {
      this.isThrottled = false
      // Protomux may have paused for its own reasons.
      if (!this._paused) this.stream.resume()
    })
  }

  protected override _resumeMaybe(): void {
    super._resumeMaybe()
    if (this.isThrottled) this.stream.pause()
  }

  /** Skips the rest of a batch after one of its messages ended the connection. */
  protected override _decode(remoteId: number, state: DecodeState): Promise<void> | null {
    return this._destroying ? null : super._decode(remoteId, state)
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
    const decided = super._onopensession(state)
    if (this.channels + this._remoteBacklog > maxChannels) throw new Error('too many channels are open')
    return decided
  }

  /** Protomux passes over the end of an opening that this side has not answered, which it would then answer. */
  protected override _onclosesession(state: DecodeState): void {
    const { buffer, start, end } = state
    const remoteId = c.uint.decode({ buffer, start, end })
    for (const info of this._infos.values()) {
      const place = info.incoming.indexOf(remoteId)
      if (place < 0) continue
      info.incoming.splice(place, 1)
      this._rejectSession(info, remoteId)
      return
    }
    super._onclosesession(state)
  }

  protected override _rejectSession(info: object, remoteId: number): void {
    if (++this.rejected > maxRejected) throw new Error('too many channels were rejected')
    // Protomux counts only what is answered.
    if (remoteId > 0) this._remoteBacklog--
    super._rejectSession(info, remoteId)
  }

  protected override _bufferMessage(remote: object, type: number, state: DecodeState): void {
    super._bufferMessage(remote, type, state)
    if (this._buffered > maxWaiting) throw new Error('too much was sent before a channel was open')
  }

  /** Protomux itself lets a batch grow to 8 MiB, which the peer would refuse. */
  protected override _pushBatch(localId: number, buffer: Uint8Array): void {
    const { _batch: batch, _batchState: state } = this
    if (batch && state && state.end + buffer.byteLength > outgoingFrameSize) {
      this._sendBatch(batch, state)
      this._batch = []
      this._batchState = { buffer: null, start: 0, end: 1 }
    }
    super._pushBatch(localId, buffer)
  }

  protected override _ondrain(): void {
    this.unsent = 0
    try {
      super._ondrain()
    } catch (error) {
      this._safeDestroy(error)
    }
  }

  protected override _shutdown(): void {
    // Each pass closes at least one channel before a handler can throw, so all handlers are called.
    for (let done = false; !done; )
      try {
        super._shutdown()
        done = true
      } catch {
        done = false
      }
  }

  protected override _safeDestroy(error: unknown): void {
    this._destroying = true
    // Only a plain error with a name: the original may be of a kind that is rethrown, and may quote a peer.
    const reason = error instanceof Error ? (error.name === 'Error' ? error.message : error.name) : 'unknown'
    this.stream.destroy(new Error(`The connection was ended: ${reason}`))
  }

  protected override _warn(): void {}
}

/** Hardens a connection that a library is going to multiplex by itself. Rules W10 to W14. */
export function harden(stream: Duplex): void {
  // Protomux finds it again on the stream.
  void new HardenedMux(stream)
}

/** Members that are overridden or used above: without them, a protomux would silently not be hardened. */
const methods = [
  '_ondata',
  '_ondrain',
  '_shutdown',
  '_decode',
  '_onbatch',
  '_onopensession',
  '_rejectSession',
  '_onclosesession',
  '_bufferMessage',
  '_resumeMaybe',
  '_pushBatch',
  '_sendBatch',
  '_safeDestroy',
  '_warn',
  'createChannel',
] as const
const fields = [
  '_destroying',
  '_paused',
  '_buffered',
  '_batch',
  '_batchState',
  '_local',
  '_free',
  '_remoteBacklog',
  '_infos',
] as const

/** Throws when a protomux class lacks an internal member that the hardening relies on. */
export function assertHardenable(mux: new (stream: Duplex) => object): void {
  const bare = new mux(new Duplex())
  const missing = [
    ...methods.filter((name) => typeof Reflect.get(bare, name) !== 'function'),
    ...fields.filter((name) => !(name in bare)),
  ]
  if (missing.length > 0)
    throw new Error(`protomux has changed, look at its hardening again: ${missing.join(', ')}`)
}

assertHardenable(Protomux)
