import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import type { SecretStream } from 'hyperdht'
import { kinds, Swarm } from './swarm'
import type { Peer, PeerOptions } from './system'

/** A document of a library that merges: it makes an update of each edit, and applies those of others. */
export interface Merging {
  length(): number
  text(): string
  edit(from: number, to: number, insert: string): void
  /** Applies updates together, in any order. */
  apply(updates: readonly Uint8Array[]): void
  /** Describes which updates it has; `since` gives those that another lacks. */
  version(): Uint8Array
  since(version: Uint8Array | null): Uint8Array
}

/** Makes an empty document; `onUpdate` takes the update of each own edit, within `edit`. */
export type MakeMerging = (onUpdate: (update: Uint8Array) => void) => Promise<Merging>

/** Stored updates from which on they are replaced by one, when the document is opened. */
const compactFrom = 500

/** Opens a peer whose updates are stored in LevelDB and sent over Hyperswarm. */
export async function openUpdates(options: PeerOptions, make: MakeMerging): Promise<Peer> {
  const peer = new UpdatesPeer(options)
  await peer.open(make)
  return peer
}

/** Durable as Swarmpad: synced to disk before an update is sent, and before a received one is in the text. */
class UpdatesPeer implements Peer {
  readonly link: string
  private readonly options: PeerOptions
  private readonly store: ClassicLevel<string, Buffer>
  private readonly swarm: Swarm
  private readonly heard: (() => void)[] = []
  private waiting: { update: Buffer; own: boolean }[] = []
  private writing: Promise<void> = Promise.resolve()
  private merging: Merging | null = null
  private stored = 0

  constructor(options: PeerOptions) {
    const { directory, bootstrap, link } = options
    this.options = options
    this.link = link ?? randomBytes(32).toString('hex')
    this.store = new ClassicLevel(join(directory, 'updates'), { valueEncoding: 'buffer' })
    const topic = createHash('sha256').update(this.link).digest()
    this.swarm = new Swarm({ bootstrap, topic })
    this.swarm.onOpen = (peer) => this.swarm.send(kinds.version, this.document.version(), [peer])
    this.swarm.onMessage = (peer, kind, body) => this.take(peer, kind, body)
  }

  async open(make: MakeMerging): Promise<void> {
    await this.store.open()
    const document = await make((update) => this.append(Buffer.from(update), true))
    this.merging = document
    const entries = await this.store.iterator().all()
    document.apply(entries.map(([, update]) => update))
    this.stored = Number(entries.at(-1)?.[0] ?? -1) + 1
    if (entries.length > compactFrom) {
      const all = { type: 'put' as const, key: this.nextKey(), value: Buffer.from(document.since(null)) }
      await this.store.batch([...entries.map(([key]) => ({ type: 'del' as const, key })), all], {
        sync: true,
      })
    }
    if (this.options.link === undefined && this.options.text) this.edit(0, 0, this.options.text)
    if (!this.options.offline) await this.setOnline(true)
  }

  length(): number {
    return this.document.length()
  }

  text(): string {
    return this.document.text()
  }

  edit(from: number, to: number, insert: string): void {
    this.document.edit(from, to, insert)
    this.tell()
  }

  onChange(heard: () => void): void {
    this.heard.push(heard)
  }

  async saved(): Promise<void> {
    await this.writing
  }

  async loaded(): Promise<void> {}

  async setOnline(online: boolean): Promise<void> {
    await (online ? this.swarm.join() : this.swarm.leave())
  }

  async close(): Promise<void> {
    await this.swarm.leave()
    await this.writing
    await this.store.close()
  }

  private get document(): Merging {
    if (!this.merging) throw new Error('not open yet')
    return this.merging
  }

  private async take(peer: SecretStream, kind: number, body: Buffer): Promise<void> {
    if (kind === kinds.update) return this.append(body, false)
    await this.writing
    this.swarm.send(kinds.update, this.document.since(body), [peer])
  }

  /** Stores with one sync all updates that wait while the last sync runs, as Swarmpad does. */
  private append(update: Buffer, own: boolean): void {
    this.waiting.push({ update, own })
    if (this.waiting.length === 1) this.writing = this.writing.then(() => this.write())
  }

  private async write(): Promise<void> {
    const batch = this.waiting
    this.waiting = []
    await this.store.batch(
      batch.map(({ update }) => ({ type: 'put', key: this.nextKey(), value: update })),
      { sync: true },
    )
    for (const { update, own } of batch) if (own) this.swarm.send(kinds.update, update)
    const received = batch.filter(({ own }) => !own).map(({ update }) => update)
    if (received.length === 0) return
    this.document.apply(received)
    this.tell()
  }

  private nextKey(): string {
    return String(this.stored++).padStart(12, '0')
  }

  private tell(): void {
    for (const heard of this.heard) heard()
  }
}
