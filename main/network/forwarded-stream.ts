import { EventEmitter } from 'node:events'
import type { RawSocket } from 'hyperdht'

/** UDX's header: magic byte, version, flags, offset of the data, the receiver's id of the stream, … */
const headerSize = 20
const magic = 0xff
const version = 1
const idOffset = 4

/** Address of a peer's packets. */
export interface End {
  readonly socket: RawSocket
  readonly host: string
  readonly port: number
  /** The id of the stream there. */
  readonly streamId: number
}

/** The id of the stream that a packet is for, as its receiver numbers it; null for no packet of UDX. */
export function streamIdOf(packet: Buffer): number | null {
  const isPacket = packet.length >= headerSize && packet[0] === magic && packet[1] === version
  return isPacket ? packet.readUInt32LE(idOffset) : null
}

/**
 * One leg of a relayed stream, in place of a UDX stream: forwards each packet to the other leg with only the
 * id changed, and reads nothing past the header. Continues after it is closed, until it is dropped: a peer
 * that has found a direct way closes at once, and the other can only follow when what it sent to the relay
 * arrives.
 */
export class ForwardedStream extends EventEmitter {
  /** The id under which its peer sends to it. */
  readonly id: number
  /** Time of the last packet, in ms. */
  usedAt: number
  private readonly forward: (size: number, send: () => void) => void
  private end: End | null = null
  private other: ForwardedStream | null = null
  private closed = false

  /** `forward` sends a packet at its time, or never. Does no I/O. */
  constructor(options: { id: number; now: number; forward: (size: number, send: () => void) => void }) {
    super()
    this.id = options.id
    this.usedAt = options.now
    this.forward = options.forward
  }

  /** Not closed. */
  get isOpen(): boolean {
    return !this.closed
  }

  /** Forwards arriving packets to `other` from now on. */
  relayTo(other: ForwardedStream): void {
    this.other = other
  }

  /**
   * Sets the address of this leg's peer: packets from other hosts are ignored, and none are sent elsewhere.
   * The source port may differ: when UDX moves to a direct way, it resends over its new socket what it had
   * sent to the relay over the old one.
   */
  lead(end: End): void {
    this.end = end
  }

  /** A packet arrived for this leg. */
  take(packet: Buffer, host: string, now: number): void {
    const { end, other } = this
    if (end?.host !== host) return
    this.usedAt = now
    other?.send(packet)
  }

  /** Closes this leg; the other leg is closed by its own peer. Idempotent. */
  destroy(): this {
    if (this.closed) return this
    this.closed = true
    this.emit('close')
    return this
  }

  /** Closes this leg, and sends nothing more to its peer. */
  drop(): void {
    this.end = null
    this.destroy()
  }

  private send(packet: Buffer): void {
    const { end } = this
    if (!end) return
    const copy = Buffer.from(packet)
    copy.writeUInt32LE(end.streamId, idOffset)
    this.forward(copy.length, () => {
      if (this.end && !end.socket.closing) end.socket.trySend(copy, end.port, end.host)
    })
  }
}
