import { createHash } from 'node:crypto'
import { SwarmpadError } from '../../main/base/errors'
import { fromHex, hex } from '../../main/base/hex'
import type { TimeSlicer } from '../../main/log/scrub/time-slicer'
import type { KeptPart, LowerPart, PartOptions, Restored } from '../../main/repo/lower-part'
import type { Range } from '../../main/storage/store'
import type { PartPeer, PartPort } from '../../main/sync/synced-part'

const maxBlob = 64 * 1024
const idSize = 32
const messages = ['blobs-held', 'blobs-get', 'blobs-blob'] as const

/** A lower part for tests: bytes that all who share a document exchange. */
export const blobsPart: LowerPart = {
  name: 'blobs',
  ranges: (documentId) => [rangeOf(documentId)],
  keeping: {
    messages,
    limits: { document: 4 * maxBlob, profile: 6 * maxBlob, floor: 0 },
    open: async (options) => {
      const blobs = new Blobs(options)
      await blobs.load()
      return blobs
    },
  },
}

/** The blobs of one document. */
export class Blobs implements KeptPart {
  private readonly options: PartOptions
  private readonly ids = new Set<string>()
  private readonly peers = new Set<BlobPeer>()
  private readonly listeners = new Set<() => void>()
  private writing: Promise<unknown> = Promise.resolve()
  private checked = false

  constructor(options: PartOptions) {
    this.options = options
  }

  /** Hashes of the blobs that are held, hex. */
  get held(): string[] {
    return [...this.ids].sort()
  }

  /** Others' blobs have no more room. */
  get isFull(): boolean {
    return this.options.quota.shortage !== null
  }

  async load(): Promise<void> {
    const { store, documentId, quota } = this.options
    for await (const [key, value] of store.entries(rangeOf(documentId))) {
      this.ids.add(hex(key.subarray(1 + idSize)))
      if (value[0] === 0) quota.take(value.length, 0)
    }
  }

  /** Adds a blob of this computer. */
  add(bytes: Uint8Array): Promise<void> {
    return this.put(bytes, true)
  }

  async get(id: string): Promise<Uint8Array | null> {
    const { store, documentId } = this.options
    return (await store.get(keyOf(documentId, id)))?.subarray(1) ?? null
  }

  /** Takes a blob that was asked for. */
  async take(bytes: Uint8Array): Promise<void> {
    this.options.quota.take(1 + bytes.length, 0)
    await this.put(bytes, false)
  }

  digest(): Uint8Array {
    return createHash('sha256').update(this.held.join()).digest()
  }

  onNews(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  connect(port: PartPort): PartPeer {
    const peer = new BlobPeer(this, port, () => this.peers.delete(peer))
    this.peers.add(peer)
    peer.announce(this.held)
    return peer
  }

  async *records(): AsyncGenerator<Uint8Array> {
    for (const id of this.held) yield (await this.get(id)) ?? Buffer.alloc(0)
  }

  async restore(record: Uint8Array): Promise<Restored> {
    if (record.length > maxBlob) return 'refused'
    if (this.ids.has(idOf(record))) return 'known'
    await this.put(record, true)
    return 'added'
  }

  readonly health = {
    isDue: async (): Promise<boolean> => !this.checked,
    check: async (pace: TimeSlicer): Promise<void> => {
      const { store, documentId } = this.options
      for await (const [key, value] of store.entries(rangeOf(documentId))) {
        if (pace.isOver) await pace.pause()
        const id = hex(key.subarray(1 + idSize))
        if (idOf(value.subarray(1)) === id) continue
        this.ids.delete(id)
        await store.write([{ key, value: null }])
      }
      this.checked = true
    },
  }

  async idle(): Promise<void> {
    await this.writing
  }

  async close(): Promise<void> {
    await this.writing
  }

  private put(bytes: Uint8Array, own: boolean): Promise<void> {
    const { store, documentId } = this.options
    const id = idOf(bytes)
    const value = Buffer.concat([Buffer.of(own ? 1 : 0), bytes])
    const written = store.write([{ key: keyOf(documentId, id), value }]).then(() => {
      this.ids.add(id)
      for (const peer of this.peers) peer.announce([id])
      for (const listener of this.listeners) listener()
    })
    this.writing = Promise.allSettled([this.writing, written])
    return written
  }
}

class BlobPeer implements PartPeer {
  private readonly asked = new Set<string>()
  private readonly queue: string[] = []

  constructor(
    private readonly blobs: Blobs,
    private readonly port: PartPort,
    private readonly onClose: () => void,
  ) {}

  announce(ids: readonly string[]): void {
    if (ids.length > 0) this.port.send('blobs-held', fromHex(ids.join('')))
  }

  take(message: string, body: Uint8Array): void {
    if (message === 'blobs-blob') {
      if (!this.asked.delete(idOf(body)))
        throw new SwarmpadError('MISBEHAVED', { why: 'nobody asked for it' })
      this.blobs.take(Uint8Array.from(body)).catch(() => undefined)
      return
    }
    if (body.length === 0 || body.length % idSize !== 0)
      throw new SwarmpadError('MALFORMED', { why: 'no hashes' })
    for (let at = 0; at < body.length; at += idSize) {
      const id = hex(body.subarray(at, at + idSize))
      if (message === 'blobs-get') this.queue.push(id)
      else if (!this.blobs.isFull && !this.blobs.held.includes(id) && !this.asked.has(id)) {
        this.asked.add(id)
        this.port.send('blobs-get', fromHex(id))
      }
    }
    void this.answer()
  }

  drained(): void {
    void this.answer()
  }

  close(): void {
    this.onClose()
  }

  private async answer(): Promise<void> {
    while (this.port.isDrained) {
      const id = this.queue.shift()
      if (!id) return
      const bytes = await this.blobs.get(id)
      if (bytes) this.port.send('blobs-blob', bytes)
    }
  }
}

const idOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const keyOf = (documentId: Uint8Array, id: string): Uint8Array =>
  Buffer.concat([Buffer.from('B'), documentId, fromHex(id)])

function rangeOf(documentId: Uint8Array): Range {
  const gte = Buffer.concat([Buffer.from('B'), documentId])
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(idSize + 1, 0xff)]) }
}
