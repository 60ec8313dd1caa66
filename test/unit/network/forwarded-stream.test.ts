import { EventEmitter } from 'node:events'
import type { RawSocket } from 'hyperdht'
import { describe, expect, it } from 'vitest'
import { ForwardedStream, streamIdOf } from '../../../main/network/forwarded-stream'

/** A packet of UDX for the stream `id`, with something behind its header. */
function packetFor(id: number): Buffer {
  const packet = Buffer.alloc(30, 9)
  packet[0] = 0xff
  packet[1] = 1
  packet.writeUInt32LE(id, 4)
  return packet
}

/** A socket that notes what goes out. */
class NotingSocket extends EventEmitter {
  readonly closing = false
  readonly sent: [packet: Buffer, port: number, host: string][] = []
  trySend(packet: Buffer, port: number, host: string): void {
    this.sent.push([packet, port, host])
  }
}

function pair() {
  const socket = new NotingSocket()
  const forward = (_size: number, send: () => void) => send()
  const [one, other] = [1, 2].map((id) => new ForwardedStream({ id, now: 0, forward }))
  if (!one || !other) throw new Error('there are two')
  one.relayTo(other)
  other.relayTo(one)
  const end = (host: string, streamId: number) => ({
    socket: socket as RawSocket,
    host,
    port: 4_000,
    streamId,
  })
  one.lead(end('11.0.0.1', 101))
  other.lead(end('11.0.0.2', 102))
  return { one, other, sent: socket.sent }
}

describe('a leg of a relayed stream (N10, N14)', () => {
  it('hands a packet on with nothing changed but the number of its stream', () => {
    const { one, sent } = pair()
    const packet = packetFor(1)
    one.take(packet, '11.0.0.1', 5)
    expect(one.usedAt).toBe(5)
    expect(sent).toEqual([[packetFor(102), 4_000, '11.0.0.2']])
    // The one that came is not written to: others may still look at it.
    expect(packet).toEqual(packetFor(1))
  })

  it('looks at no packet from another computer', () => {
    const { one, sent } = pair()
    one.take(packetFor(1), '11.0.0.9', 5)
    expect([sent, one.usedAt]).toEqual([[], 0])
  })

  it('goes on when it is closed, until it is dropped', () => {
    const { one, other, sent } = pair()
    other.destroy()
    one.take(packetFor(1), '11.0.0.1', 5)
    expect(sent.length).toBe(1)
    other.drop()
    one.take(packetFor(1), '11.0.0.1', 6)
    expect(sent.length).toBe(1)
  })

  it('knows packets of UDX from others', () => {
    expect(streamIdOf(packetFor(77))).toBe(77)
    expect(streamIdOf(packetFor(77).subarray(0, 19))).toBeNull()
    expect(streamIdOf(Buffer.alloc(30))).toBeNull()
    expect(streamIdOf(Buffer.alloc(0))).toBeNull()
  })
})
