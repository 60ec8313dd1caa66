import type { Node } from 'hyperdht'
import Hyperswarm, { type SwarmStream } from 'hyperswarm'
import type { Environment, Timer } from '../environment'
import { fromHex, hex } from '../hex'
import { LanDiscovery } from './lan'
import { boundMessages } from './message-bound'
import { NearbyDht } from './nearby-dht'
import { Neighbours } from './neighbours'
import type { Connection, Network, NetworkSettings, Reachability } from './network'

/** Peers that are dialled at most; each connection carries all documents that both sides share. */
const maxPeers = 48
/** Connections from others that are accepted at most. */
const maxInbound = 64
/** Two who join in the same instant can miss each other: ask once more after this many ms. */
const secondLook = { least: 2_000, most: 5_000 }
/** With nobody connected, ask again after so many ms; grows twofold. */
const lookAgain = { least: 8_000, most: 300_000 }
/** The most while no node of the DHT is known, which costs nobody anything, in ms. */
const mostWithoutNodes = 30_000
/** How long after the announcement was renewed the others are looked up, in ms. */
const lookAfterAnnouncing = 2_000
/** How often it is noticed that the network went or came, in ms. */
const watchInterval = 3_000
/** How long leaving politely may take, in ms. */
const leaveLimit = 4_000

/** Discovery and connections by Hyperswarm: a DHT to meet, hole punching to connect, Noise to encrypt. */
export class SwarmNetwork implements Network {
  private readonly environment: Environment
  private readonly givenBootstrap: readonly Node[] | null
  private readonly lanAllowed: boolean
  private settings: NetworkSettings = { lan: true, bootstrap: [] }
  private lan: LanDiscovery | null = null
  private neighbours: Neighbours | null = null
  private readonly topics = new Map<string, Timer | null>()
  private swarm: Hyperswarm | null = null
  private dht: NearbyDht | null = null
  private bootstrapped = false
  /** No node of the DHT answers, or none did when topics were announced last. */
  private lost = false
  private inbound = 0
  private watch: Timer | null = null
  private search: Timer | null = null
  private searchDelay = lookAgain.least
  private state: Reachability = 'off'
  private changing: Promise<void> = Promise.resolve()
  private closed = false

  onConnection: (connection: Connection) => void = () => undefined
  onReachability: (reachability: Reachability) => void = () => undefined

  /**
   * `bootstrap`: nodes to begin with whatever the settings say. `lan`: allows to find others on the local
   * network; that is never done where all nodes of the bootstrap are on this machine. Does no I/O.
   */
  constructor(options: { environment: Environment; bootstrap?: Node[]; lan?: boolean }) {
    this.environment = options.environment
    this.givenBootstrap = options.bootstrap ?? null
    this.lanAllowed = options.lan ?? false
  }

  get reachability(): Reachability {
    return this.state
  }

  open(): Promise<void> {
    return this.change(async () => {
      if (this.swarm || this.closed) return
      this.become('starting')
      this.start()
    })
  }

  suspend(): Promise<void> {
    return this.change(() => {
      this.become('off')
      return this.stop()
    })
  }

  close(): Promise<void> {
    this.closed = true
    return this.suspend()
  }

  join(topic: Uint8Array): void {
    const name = hex(topic)
    if (this.topics.has(name)) return
    this.topics.set(name, null)
    this.announce(name)
    this.neighbours?.renew()
    this.dialNeighbours()
  }

  leave(topic: Uint8Array): void {
    const name = hex(topic)
    this.clear(this.topics.get(name))
    this.topics.delete(name)
    // An unannouncement that finds no node expires by itself.
    void this.swarm?.leave(topic).catch(() => undefined)
  }

  configure(settings: NetworkSettings): Promise<void> {
    return this.change(async () => {
      const bootstrap = JSON.stringify(this.bootstrap)
      this.settings = settings
      const moved = JSON.stringify(this.bootstrap) !== bootstrap
      if (moved && this.swarm) {
        await this.stop()
        this.start()
      } else if (settings.lan) this.startLan()
      else await this.stopLan()
    })
  }

  refresh(topic: Uint8Array): void {
    void this.swarm
      ?.status(topic)
      ?.refresh()
      .catch(() => undefined)
  }

  private get bootstrap(): readonly Node[] {
    return this.givenBootstrap ?? this.settings.bootstrap
  }

  private get onlyLoopback(): boolean {
    return this.bootstrap.length > 0 && this.bootstrap.every(({ host }) => isLoopback(host))
  }

  private change(work: () => Promise<void>): Promise<void> {
    const done = this.changing.then(work)
    this.changing = done.catch(() => undefined)
    return done
  }

  private start(): void {
    const dht = new NearbyDht({
      ...(this.bootstrap.length > 0 ? { bootstrap: [...this.bootstrap] } : {}),
      // A DHT on this machine alone must not be heard by its neighbours.
      ...(this.onlyLoopback ? { host: '127.0.0.1' } : {}),
    })
    const swarm = new Hyperswarm({ dht, maxPeers })
    this.dht = dht
    this.swarm = swarm
    this.inbound = 0
    this.bootstrapped = false
    this.lost = false
    swarm.on('connection', (stream) => this.accept(stream))
    dht.on('listening', () => this.startLan())
    dht.on('network-change', () => this.lan?.refresh())
    const bootstrapped = () => {
      if (this.dht !== dht) return
      this.bootstrapped = true
      this.look()
    }
    // It resolves as well when nobody answered.
    dht.fullyBootstrapped().then(bootstrapped, bootstrapped)
    for (const name of this.topics.keys()) this.announce(name)
    this.watch = this.environment.clock.set(watchInterval, () => this.look())
    this.searchLater(lookAgain.least)
  }

  private async stop(): Promise<void> {
    const { swarm } = this
    await this.stopLan()
    this.swarm = null
    this.dht = null
    for (const timer of [this.watch, this.search, ...this.topics.values()]) this.clear(timer)
    this.watch = null
    this.search = null
    if (!swarm) return
    for (const stream of swarm.connections) stream.destroy()
    const politely = swarm.destroy().catch(() => undefined)
    let timer: Timer | undefined
    const late = new Promise<'late'>((resolve) => {
      timer = this.environment.clock.set(leaveLimit, () => resolve('late'))
    })
    if ((await Promise.race([politely, late])) === 'late')
      await swarm.destroy({ force: true }).catch(() => undefined)
    this.clear(timer)
  }

  private announce(name: string): void {
    if (!this.swarm) return
    const topic = fromHex(name)
    this.swarm.join(topic, { server: true, client: true })
    this.clear(this.topics.get(name))
    this.topics.set(
      name,
      this.environment.clock.set(this.between(secondLook), () => this.refresh(topic)),
    )
  }

  private accept(stream: SwarmStream): void {
    // Before anything else: an error without a listener would end the process.
    stream.on('error', () => undefined)
    if (!stream.isInitiator) {
      if (this.inbound >= maxInbound) {
        stream.destroy()
        return
      }
      this.inbound++
      stream.on('close', () => {
        this.inbound--
      })
    }
    boundMessages(stream)
    this.searchDelay = lookAgain.least
    const { isInitiator, remotePublicKey, handshakeHash } = stream
    this.onConnection({ stream, isInitiator, remotePublicKey, handshakeHash })
    this.look()
  }

  /** Sees how the network is, and goes on watching. */
  private look(): void {
    const { swarm, dht } = this
    if (!swarm || !dht) return
    const before = this.state
    const connected = swarm.connections.size > 0
    const known = dht.nodes.length > 0 && dht.online
    if (connected || known) this.become('online')
    else if (this.bootstrapped) this.become('unreachable')
    if (known && this.lost) this.announceAnew(swarm)
    this.dialNeighbours()
    this.lost = this.bootstrapped && !known
    if (this.state !== before) {
      // What was tried in vain before says nothing about now.
      this.searchDelay = lookAgain.least
      this.searchLater(this.searchDelay)
    }
    this.clear(this.watch)
    this.watch = this.environment.clock.set(watchInterval, () => this.look())
  }

  private startLan(): void {
    const { swarm, dht } = this
    const port = dht?.localAddress()?.port
    if (
      !this.settings.lan ||
      !this.lanAllowed ||
      this.onlyLoopback ||
      this.lan ||
      !swarm ||
      !dht ||
      port === undefined
    )
      return
    const { environment } = this
    const { publicKey } = swarm.keyPair
    const neighbours = new Neighbours({ publicKey, clock: environment.clock })
    dht.nearby = (key) => neighbours.addressOf(key)
    this.neighbours = neighbours
    this.lan = new LanDiscovery({
      environment,
      publicKey,
      port,
      onNeighbour: (neighbour) => {
        neighbours.heard(neighbour)
        this.dialNeighbours()
      },
      onGone: (key) => neighbours.gone(key),
    })
    this.lan.open()
  }

  private async stopLan(): Promise<void> {
    const { lan, dht } = this
    this.lan = null
    this.neighbours = null
    if (dht) dht.nearby = () => null
    await lan?.close()
  }

  /** Dials who is on the local network and not connected. */
  private dialNeighbours(): void {
    const { swarm, neighbours } = this
    if (!swarm || !neighbours || this.topics.size === 0) return
    const connected = new Set([...swarm.connections].map(({ remotePublicKey }) => hex(remotePublicKey)))
    for (const { publicKey } of neighbours.takeDue(connected)) {
      // Left at once: it is dialled now, and again when Neighbours says so.
      swarm.joinPeer(publicKey)
      swarm.leavePeer(publicKey)
    }
  }

  private become(state: Reachability): void {
    if (state === this.state) return
    this.state = state
    this.onReachability(state)
  }

  private searchLater(delay: number): void {
    this.clear(this.search)
    this.search = this.environment.clock.set(delay * (0.75 + 0.5 * this.chance()), () => this.searchAgain())
  }

  /**
   * With nobody connected: announces and asks anew, since others may have been out of reach before. A
   * node that lost all others is replaced by a fresh one.
   */
  private searchAgain(): void {
    const { swarm, dht } = this
    if (!swarm || !dht) return
    const most = dht.nodes.length === 0 ? mostWithoutNodes : lookAgain.most
    this.searchDelay = Math.min(this.searchDelay * 2, most)
    this.searchLater(this.searchDelay)
    if (swarm.connections.size > 0 || this.topics.size === 0) return
    if (dht.nodes.length === 0) {
      // It has not given up yet: with nobody there, that takes it several seconds.
      if (!this.bootstrapped) return
      void this.change(async () => {
        if (this.swarm !== swarm) return
        const delay = this.searchDelay
        await this.stop()
        if (this.closed) return
        this.start()
        this.searchDelay = delay
        this.searchLater(delay)
      })
      return
    }
    this.announceAnew(swarm)
  }

  /** Announces all topics again, then looks them up: in this order, two who both do it find each other. */
  private announceAnew(swarm: Hyperswarm): void {
    swarm.server.refresh()
    for (const name of this.topics.keys()) {
      this.clear(this.topics.get(name))
      this.topics.set(
        name,
        this.environment.clock.set(lookAfterAnnouncing, () => this.refresh(fromHex(name))),
      )
    }
  }

  private between({ least, most }: { least: number; most: number }): number {
    return least + (most - least) * this.chance()
  }

  private chance(): number {
    return this.environment.random(4).readUInt32LE() / 2 ** 32
  }

  private clear(timer: Timer | null | undefined): void {
    if (timer) this.environment.clock.clear(timer)
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)
