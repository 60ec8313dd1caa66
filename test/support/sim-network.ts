import { Duplex } from 'streamx'
import type { Clock } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import type { Network, NetworkEvents, NetworkFacts, Reachability } from '../../main/network/network'
import type { TopicInterest } from '../../main/network/topic-schedule'
import { Emitter } from '../../preload/emitter'
import type { Random } from './random'

/** Where the peer of a connection is that leads through no network. */
export const unplaced = {
  route: 'direct',
  remoteAddress: null,
  traffic: { received: 0, sent: 0, roundTrip: null },
} as const

/** How messages travel, in ms and in probabilities for each message. */
export interface Weather {
  delay: { least: number; most: number }
  /** A message arrives twice. */
  duplicate: number
  /** A message overtakes the one before it. */
  reorder: number
}

/** Fair weather: a local network. */
export const fairWeather: Weather = { delay: { least: 1, most: 3 }, duplicate: 0, reorder: 0 }

interface Link {
  readonly nodes: readonly [SimNetwork, SimNetwork]
  readonly ends: readonly [SimStream, SimStream]
}

/** One side of a connection: keeps message borders, delivers by the world's clock. */
class SimStream extends Duplex {
  other: SimStream | null = null
  readonly userData = null
  private lastArrival = 0
  private readonly world: SimInternet

  constructor(world: SimInternet) {
    super()
    this.world = world
    this.on('error', () => undefined)
  }

  override _write(data: Uint8Array, done: (error: null) => void): void {
    const { clock, random, weather } = this.world
    const { least, most } = weather.delay
    // Only what belongs to an open channel may come twice or early: the rest is held together by the
    // connection itself. Protomux begins such frames with a channel number other than 0.
    const loose = data[0] !== 0
    const copies = loose && random.chance(weather.duplicate) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const early = loose && random.chance(weather.reorder)
      const arrival = clock.now() + least + random.below(most - least + 1)
      const at = early || copy > 0 ? arrival : Math.max(arrival, this.lastArrival)
      if (!early && copy === 0) this.lastArrival = at
      const bytes = Uint8Array.from(data)
      clock.set(at - clock.now(), () => {
        if (this.other && !this.other.destroying) this.other.push(bytes)
      })
    }
    done(null)
  }

  override _destroy(done: (error: null) => void): void {
    const { other } = this
    this.world.clock.set(1, () => other?.destroy())
    done(null)
  }
}

/** All nodes of a simulation and what lies between them. */
export class SimInternet {
  readonly clock: Clock
  readonly random: Random
  weather: Weather = fairWeather
  private readonly nodes = new Set<SimNetwork>()
  private readonly cuts = new Set<string>()
  private links: Link[] = []

  constructor(options: { clock: Clock; random: Random }) {
    this.clock = options.clock
    this.random = options.random
  }

  /** Lets a node be found. */
  add(node: SimNetwork): void {
    this.nodes.add(node)
    this.meet()
  }

  /** Takes a node away, with its connections. */
  remove(node: SimNetwork): void {
    this.nodes.delete(node)
    for (const link of this.links) if (link.nodes.includes(node)) for (const end of link.ends) end.destroy()
    this.links = this.links.filter((link) => !link.nodes.includes(node))
  }

  /** Nothing passes between two nodes until `heal`. */
  cut(a: string, b: string): void {
    this.cuts.add([a, b].sort().join())
    const [gone, left] = [true, false].map((wanted) =>
      this.links.filter((link) => this.isCut(link.nodes) === wanted),
    )
    for (const link of gone ?? []) for (const end of link.ends) end.destroy()
    this.links = left ?? []
  }

  heal(a: string, b: string): void {
    this.cuts.delete([a, b].sort().join())
    this.meet()
  }

  /** Connects all that share a topic and can reach each other. */
  meet(): void {
    const nodes = [...this.nodes]
    for (const [index, a] of nodes.entries())
      for (const b of nodes.slice(index + 1)) {
        const linked = this.links.some((link) => link.nodes.includes(a) && link.nodes.includes(b))
        if (!linked && !this.isCut([a, b]) && a.sharesTopic(b)) this.connect(a, b)
      }
  }

  private connect(a: SimNetwork, b: SimNetwork): void {
    const ends = [new SimStream(this), new SimStream(this)] as const
    ends[0].other = ends[1]
    ends[1].other = ends[0]
    const link: Link = { nodes: [a, b], ends }
    this.links.push(link)
    for (const end of ends)
      end.on('close', () => {
        this.links = this.links.filter((other) => other !== link)
      })
    const handshakeHash = this.random.bytes(64)
    const met = { handshakeHash, ...unplaced }
    a.emit('connection', { stream: ends[0], isInitiator: true, remotePublicKey: b.publicKey, ...met })
    b.emit('connection', { stream: ends[1], isInitiator: false, remotePublicKey: a.publicKey, ...met })
  }

  private isCut(nodes: readonly [SimNetwork, SimNetwork]): boolean {
    const [a, b] = nodes
    return this.cuts.has([a.name, b.name].sort().join())
  }
}

/** A node of a simulated network. */
export class SimNetwork extends Emitter<NetworkEvents> implements Network {
  readonly facts: NetworkFacts = {
    address: null,
    nat: 'unknown',
    nodes: 0,
    lan: { on: false, neighbours: 0 },
    topics: { documents: 0, announced: 0, packetsPerMinute: 0 },
    failed: [],
  }
  readonly name: string
  readonly publicKey: Uint8Array
  private readonly world: SimInternet
  /** Interest in each topic that was joined, by the topic in hex; null where none was given. */
  readonly topics = new Map<string, TopicInterest | null>()
  private state: Reachability = 'off'
  readonly relayKey = null

  constructor(options: { world: SimInternet; name: string }) {
    super()
    this.world = options.world
    this.name = options.name
    this.publicKey = options.world.random.bytes(32)
  }

  get reachability(): Reachability {
    return this.state
  }

  async open(): Promise<void> {
    this.state = 'online'
    this.world.add(this)
    this.emit('reachability', this.state)
  }

  async configure(): Promise<void> {
    // A simulated network has neither neighbours nor nodes to begin with.
  }

  async suspend(): Promise<void> {
    this.state = 'off'
    this.world.remove(this)
    this.emit('reachability', this.state)
  }

  async close(): Promise<void> {
    await this.suspend()
  }

  join(topic: Uint8Array, interest: TopicInterest | null = null): void {
    this.topics.set(hex(topic), interest)
    if (this.state === 'online') this.world.meet()
  }

  leave(topic: Uint8Array): void {
    this.topics.delete(hex(topic))
  }

  met(): () => void {
    return () => undefined
  }

  offerRelay(): void {}

  refresh(): void {
    if (this.state === 'online') this.world.meet()
  }

  /** True if both have a topic in common. */
  sharesTopic(other: SimNetwork): boolean {
    return [...this.topics.keys()].some((topic) => other.topics.has(topic))
  }
}
