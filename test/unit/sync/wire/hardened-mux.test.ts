import c from 'compact-encoding'
import Protomux, { type Channel } from 'protomux'
import type { Duplex } from 'streamx'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  assertHardenable,
  HardenedMux,
  maxChannels,
  maxFrameSize,
  maxRejected,
} from '../../../../main/sync/wire/hardened-mux'
import { duplexPair, type PairEnd } from '../../../support/duplex-pair'
import { quiet } from '../../../support/manual-clock'

const frame = (...parts: (Uint8Array | number)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'number' ? c.encode(c.uint, part) : part)))
const text = (value: string) => c.encode(c.string, value)
/** A message that opens a channel. */
const opening = (localId: number, protocol: string, id = Buffer.alloc(32, 7), rest = Buffer.alloc(0)) =>
  frame(0, 1, localId, text(protocol), c.encode(c.buffer, id), rest)
const id = Buffer.alloc(32, 7)

/** A hardened mux with a channel whose handler is given, and the raw line to it. */
function target(
  onmessage: (body: Uint8Array) => void = () => undefined,
  handlers: { onclose?: () => void; ondrain?: () => void } = {},
) {
  const [line, stream] = duplexPair()
  const mux = new HardenedMux(stream)
  const open = (name = 'doc', of = id) => {
    const channel = mux.createChannel({
      protocol: name,
      id: of,
      unique: true,
      handshake: c.raw as never,
      messages: [{ encoding: c.raw as never, onmessage }],
      onopen: () => undefined,
      onclose: () => handlers.onclose?.(),
      ondrain: () => handlers.ondrain?.(),
    })
    channel?.open(Buffer.alloc(0))
    return channel
  }
  mux.pair({ protocol: 'doc', id }, () => void open())
  line.resume()
  return { line, stream, mux, open }
}

const numbered = (n: number) => Buffer.from(String(n).padStart(32, '0'))

const openAt = (mux: HardenedMux, of: Uint8Array) => {
  const channel = mux.createChannel({
    protocol: 'doc',
    id: of,
    unique: true,
    handshake: c.raw as never,
    messages: [],
    onopen: () => undefined,
    onclose: () => undefined,
    ondrain: () => undefined,
  })
  channel?.open(Buffer.alloc(0))
  return channel
}

const ended = async (stream: PairEnd) => {
  for (let turn = 0; turn < 200 && !stream.destroyed; turn++) await quiet(1)
  return stream.destroyed
}

describe('a hardened mux', () => {
  const uncaught: unknown[] = []
  const note = (error: unknown) => uncaught.push(error)
  beforeEach(() => {
    uncaught.length = 0
    process.on('uncaughtException', note)
    process.on('unhandledRejection', note)
  })
  afterEach(async () => {
    await quiet()
    process.off('uncaughtException', note)
    process.off('unhandledRejection', note)
    expect(uncaught).toEqual([])
  })

  it('W10 passes messages of an open channel', async () => {
    const heard: string[] = []
    const { line, stream } = target((body) => heard.push(Buffer.from(body).toString()))
    line.write(opening(1, 'doc'))
    await quiet()
    line.write(frame(1, 0, Buffer.from('hello')))
    line.write(
      frame(
        0,
        0,
        1,
        c.encode(c.buffer, frame(0, Buffer.from('two'))),
        c.encode(c.buffer, frame(0, Buffer.from('three'))),
      ),
    )
    await quiet()
    expect(heard).toEqual(['hello', 'two', 'three'])
    expect(stream.destroyed).toBe(false)
  })

  it('W10 ends the connection at batches in batches', async () => {
    const { line, stream } = target()
    let nested = frame(0, 0, 1)
    for (let depth = 0; depth < 5_000; depth++)
      nested = frame(0, 0, 0, c.encode(c.buffer, nested.subarray(1)))
    line.write(nested)
    expect(await ended(stream)).toBe(true)
  })

  it('W10 ends the connection at a single batch in a batch', async () => {
    const { line, stream } = target()
    const inner = frame(0, 1, c.encode(c.buffer, frame(0)))
    line.write(frame(0, 0, 0, c.encode(c.buffer, inner)))
    expect(await ended(stream)).toBe(true)
  })

  it('W11 ends the connection at a frame over the limit, and takes one at the limit', async () => {
    const sizes: number[] = []
    const { line, stream } = target((body) => sizes.push(body.length))
    line.write(opening(1, 'doc'))
    await quiet()
    line.write(frame(1, 0, Buffer.alloc(maxFrameSize - 2)))
    await quiet()
    expect(sizes).toEqual([maxFrameSize - 2])
    line.write(frame(1, 0, Buffer.alloc(maxFrameSize - 1)))
    expect(await ended(stream)).toBe(true)
    expect(sizes.length).toBe(1)
  })

  it('W12 ends the connection at a long protocol name', async () => {
    const { line, stream } = target()
    line.write(opening(1, 'x'.repeat(400_000)))
    expect(await ended(stream)).toBe(true)
  })

  it('W12 ends the connection at a long handshake', async () => {
    const { line, stream } = target()
    line.write(opening(1, 'doc', id, Buffer.alloc(2_000)))
    expect(await ended(stream)).toBe(true)
  })

  it('W13 ends the connection at a flood of openings, having answered a bounded part', async () => {
    const { line, stream, mux } = target()
    for (let n = 0; n < 200_000 && !stream.destroyed; ) {
      const parts: Uint8Array[] = []
      for (let k = 0; k < 5_000; k++, n++) parts.push(c.encode(c.buffer, opening(1, `p${n}`).subarray(1)))
      line.write(frame(0, 0, 0, ...parts))
      await quiet(1)
    }
    expect(await ended(stream)).toBe(true)
    expect(stream.sizes.length).toBeLessThanOrEqual(maxRejected)
    expect((mux as unknown as { _infos: Map<string, object> })._infos.size).toBeLessThan(10)
  })

  it('W13 opens no more channels at a time than the other side accepts, and more when some have closed', async () => {
    const [line, stream] = duplexPair()
    const [near, far] = [new HardenedMux(stream), new HardenedMux(line)]
    far.pair({ protocol: 'doc' }, (given) => void openAt(far, given ?? id))
    const opened: (Channel | null)[] = []
    for (let n = 0; n < maxChannels + 5; n++) opened.push(openAt(near, numbered(n)))
    expect(opened.filter(Boolean).length).toBe(maxChannels)
    await vi.waitFor(() => expect(far.opened({ protocol: 'doc', id: numbered(maxChannels - 1) })).toBe(true))
    // Far more in the life of the connection than at a time.
    for (let round = 0; round < 3; round++) {
      for (const channel of opened.splice(0)) channel?.close()
      for (let n = 0; n < maxChannels; n++) opened.push(openAt(near, numbered(n)))
      expect(opened.every(Boolean)).toBe(true)
      await quiet(20)
    }
    expect(stream.destroyed).toBe(false)
  })

  it('W13 ends the connection at too many openings that are rejected, however slowly they come', async () => {
    const { line, stream } = target()
    let sent = 0
    for (; sent < 2 * maxRejected && !stream.destroyed; sent += 64) {
      for (let n = 0; n < 64; n++) line.write(opening(1, `p${sent + n}`))
      await quiet(1)
    }
    expect(stream.destroyed).toBe(true)
    expect(sent).toBeGreaterThanOrEqual(maxRejected)
  })

  it('W14 ends the connection when much is sent for a channel before it opens', async () => {
    const [line, stream] = duplexPair()
    const mux = new HardenedMux(stream)
    line.resume()
    // An opening whose notification never resolves.
    mux.pair({ protocol: 'doc', id }, (() => new Promise(() => undefined)) as () => void)
    const messages = Array.from({ length: 100_000 }, () => c.encode(c.buffer, frame(0)))
    line.write(frame(0, 0, 0, c.encode(c.buffer, opening(1, 'doc').subarray(1)), 0, 1, ...messages))
    expect(await ended(stream)).toBe(true)
  })

  it.each([
    ['TypeError', new TypeError('x')],
    ['RangeError', new RangeError('x')],
    ['SyntaxError', new SyntaxError('x')],
    ['Error', new Error('x')],
    ['no error at all', 'text'],
  ])('W10 ends the connection when a handler throws: %s', async (_, thrown) => {
    let calls = 0
    const { line, stream } = target(() => {
      calls++
      throw thrown
    })
    line.write(opening(1, 'doc'))
    await quiet()
    const message = c.encode(c.buffer, frame(0))
    // The rest of the same batch is not read.
    line.write(frame(0, 0, 1, message, message, message))
    expect(await ended(stream)).toBe(true)
    expect(calls).toBe(1)
  })

  it('W10 reads no more of a batch once a handler ended the connection', async () => {
    let calls = 0
    const { line, stream, mux } = target(() => {
      calls++
      mux.destroy()
    })
    line.write(opening(1, 'doc'))
    await quiet()
    const message = c.encode(c.buffer, frame(0))
    line.write(frame(0, 0, 1, message, message, message))
    expect(await ended(stream)).toBe(true)
    expect(calls).toBe(1)
  })

  it('W10 closes every channel when the handler of one throws at the end', async () => {
    let closes = 0
    const { line, stream, open } = target(undefined, {
      onclose: () => {
        closes++
        throw new TypeError('x')
      },
    })
    open('a')
    open('b')
    open('c')
    line.destroy()
    await ended(stream)
    await quiet()
    expect(closes).toBe(3)
  })

  it('W10 ends the connection when a handler throws at a drain', async () => {
    const { line, stream, open } = target(undefined, {
      ondrain: () => {
        throw new RangeError('x')
      },
    })
    const channel = open()
    line.pause()
    for (let n = 0; n < 10; n++) channel?.messages[0]?.send(Buffer.alloc(30_000))
    line.resume()
    expect(await ended(stream)).toBe(true)
  })

  it('W8 forgets an opening that ends before it is answered', async () => {
    const [line, stream] = duplexPair()
    const mux = new HardenedMux(stream)
    let answer: () => void = () => undefined
    const later = new Promise<void>((resolve) => {
      answer = resolve
    })
    let answered = 0
    mux.pair({ protocol: 'doc', id }, async () => {
      await later
      answered++
      if (answered === 2) openAt(mux, id)
    })
    const heard: string[] = []
    line.on('data', (bytes) => heard.push(Buffer.from(bytes as Uint8Array).toString('hex')))
    line.write(opening(1, 'doc'))
    line.write(frame(0, 3, 1))
    await quiet()
    // It is rejected, so that the opener can use its number for the next one.
    expect(heard).toEqual([frame(0, 2, 1).toString('hex')])
    line.write(opening(1, 'doc'))
    await quiet()
    answer()
    await quiet()
    expect(stream.destroyed).toBe(false)
    expect(heard.length).toBe(2)
    expect(mux.opened({ protocol: 'doc', id })).toBe(true)
  })

  it('W10 survives frames of random bytes', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const { line } = target()
      line.write(opening(1, 'doc'))
      for (let n = 0; n < 5; n++)
        line.write(
          Buffer.from(
            Array.from(
              { length: 1 + ((seed * 7 + n) % 40) },
              (_, k) => (seed * 31 + n * 17 + k * k * 13) % (k < 3 ? 5 : 256),
            ),
          ),
        )
      await quiet(1)
      line.destroy()
    }
  })

  it('W15 cuts a batch into frames that the other side takes', async () => {
    const { line, stream, open } = target()
    const channel = open()
    line.write(opening(1, 'doc'))
    await quiet()
    channel?.cork()
    for (let n = 0; n < 40; n++) channel?.messages[0]?.send(Buffer.alloc(100_000))
    channel?.uncork()
    await quiet(50)
    expect(stream.sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(4_000_000)
    expect(Math.max(...stream.sizes)).toBeLessThanOrEqual(maxFrameSize)
  })

  it('W10 is refused at start-up over a library that has changed', () => {
    expect(() => assertHardenable(Protomux)).not.toThrow()
    class Changed {}
    expect(() => assertHardenable(Changed)).toThrow('_ondata')
    class Renamed extends Protomux {
      constructor(stream: Duplex) {
        super(stream)
        Reflect.deleteProperty(this, '_batchState')
      }
    }
    expect(() => assertHardenable(Renamed)).toThrow('_batchState')
  })
})
