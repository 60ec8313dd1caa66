import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Calls, Child } from './calls'
import type { dhtCalls } from './dht'
import type { peerCalls } from './peer'
import type { serverCalls } from './server'
import type { PeerOptions, System } from './systems/system'

/** A system, and the environment of its processes. */
export interface Measurable extends System {
  /** The adapter's name, where it differs from the system's. */
  readonly adapter: string
  readonly env: Record<string, string>
}

/** A peer in a process of its own. */
export type PeerProcess = Child<typeof peerCalls>

/** Peers of one system that share a document, with a DHT and, where the system has one, a server. */
export class Group {
  /** All peers, in the order of their start. */
  readonly peers: PeerProcess[] = []
  /** The document's link, once there is a peer. */
  link: string | null = null
  bootstrap: { host: string; port: number }[] = []
  private readonly system: Measurable
  private readonly root: string
  private readonly dht = new Child<typeof dhtCalls>('dht')
  private readonly others: Child<Calls>[] = []
  private server: { process: Child<typeof serverCalls>; address: string } | null = null

  private constructor(system: Measurable, workFolder: string) {
    this.system = system
    mkdirSync(workFolder, { recursive: true })
    this.root = mkdtempSync(join(workFolder, `${system.name}-`))
  }

  /** Starts the DHT and the server. `workFolder`: a folder on the disk whose speed counts. */
  static async open(system: Measurable, workFolder: string, nodes = 4): Promise<Group> {
    const group = new Group(system, workFolder)
    group.bootstrap = await group.dht.ask('start', [nodes])
    if (system.server) {
      const process = new Child<typeof serverCalls>('server')
      group.server = { process, address: await process.ask('start', [system.server, group.folder()]) }
    }
    return group
  }

  /** A new empty folder. */
  folder(): string {
    return mkdtempSync(join(this.root, 'peer-'))
  }

  /**
   * Starts a peer: the first makes the document, the others open it. Returns its process and the moments before and
   * after it was opened.
   */
  async add(
    options: Partial<PeerOptions> = {},
  ): Promise<{ peer: PeerProcess; begun: number; opened: number }> {
    const peer = new Child<typeof peerCalls>('peer', this.system.env)
    this.peers.push(peer)
    const { link, begun, opened } = await peer.ask('open', [
      this.system.adapter,
      {
        directory: options.directory ?? this.folder(),
        bootstrap: this.bootstrap,
        ...(this.server ? { server: this.server.address } : {}),
        ...(this.link ? { link: this.link } : {}),
        ...options,
      },
    ])
    this.link ??= link
    return { peer, begun, opened }
  }

  /** Starts another program of the bench, with the system's environment; it ends with the group. */
  start<Offered extends Calls>(program: string): Child<Offered> {
    const child = new Child<Offered>(program, this.system.env)
    this.others.push(child)
    return child
  }

  /** Two peers of whom the second has got the text that the first began with. */
  async pair(text: string): Promise<[PeerProcess, PeerProcess]> {
    const { peer: first } = await this.add({ text })
    const { peer: second } = await this.add()
    await second.ask('reach', [text.length])
    await pause(2_000)
    return [first, second]
  }

  /** Ms of processor time of all peers and the server. */
  async cpu(): Promise<number> {
    const parts = this.peers.map((peer) => peer.ask('usage', [false]))
    if (this.server) parts.push(this.server.process.ask('usage', [false]))
    const all = await Promise.all(parts)
    return all.reduce((sum, { cpu }) => sum + cpu, 0)
  }

  /** Resolves when all peers have the same text. Throws if they have not within a minute. */
  async equal(): Promise<void> {
    const end = Date.now() + 60_000
    for (;;) {
      const digests = await Promise.all(this.peers.map((peer) => peer.ask('digest', [])))
      if (new Set(digests).size === 1) return
      if (Date.now() > end) throw new Error('the peers have different texts')
      await pause(100)
    }
  }

  /** Ends one peer. */
  async remove(peer: PeerProcess): Promise<void> {
    this.peers.splice(this.peers.indexOf(peer), 1)
    await peer.end()
  }

  /** Ends all processes and removes what they stored. */
  async end(): Promise<void> {
    await Promise.all([...this.peers, ...this.others].map((process) => process.end()))
    await this.server?.process.end()
    await this.dht.end()
    rmSync(this.root, { recursive: true, force: true })
  }
}
