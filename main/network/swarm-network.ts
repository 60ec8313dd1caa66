import HyperDHT, { type Node, type SecretStream } from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import { Emitter } from '../base/emitter'
import type { Environment, Timer } from '../base/environment'
import { AddressChange } from './address-change'
import { FailedAttempts } from './failed-attempts'
import { LanPeers } from './lan-peers'
import { boundMessages } from './message-bound'
import type {
  Connection,
  Network,
  NetworkEvents,
  NetworkFacts,
  NetworkSettings,
  Reachability,
} from './network'
import { modestBudget, Relay, type RelayBudget } from './relay'
import { RelayChoice } from './relay-choice'
import { relayKeyFrom } from './relay-key'
import { outsideAddresses } from './route'
import { connectionOver, preferDirect } from './swarm-connection'
import { type Guard, SwarmDht } from './swarm-dht'
import { Topics } from './topics'

/** Peers that are dialled at most; each connection carries all documents that both sides share. */
const maxPeers = 48
/**
 * Peers that are dialled at a time. The DHT keeps naming dead peers for a while, and dialling one takes 8 s:
 * with Hyperswarm's default of 3, a few of them delay live peers by half a minute.
 */
const maxParallel = 16
/** Connections from others that are accepted at most. */
const maxInbound = 64
/** With nobody connected, ask again after so many ms; grows twofold. */
const lookAgain = { least: 8_000, most: 300_000 }
/** The most while no node of the DHT is known, which costs nobody anything, in ms. */
const mostWithoutNodes = 30_000
/** How often it is noticed that the network went or came, in ms. */
const watchInterval = 3_000
/** The system's codes of a process, or a system, that has no file descriptor left. */
const noFiles = new Set(['EMFILE', 'ENFILE'])
/** How long leaving politely may take, in ms. */
const leaveLimit = 4_000

/** Discovery and connections by Hyperswarm: a DHT to meet, hole punching to connect, Noise to encrypt. */
export class SwarmNetwork implements Network {
  private readonly environment: Environment
  private readonly givenBootstrap: readonly Node[] | null
  private readonly lanAllowed: boolean
  private settings: NetworkSettings = { lan: true, bootstrap: [], relays: [] }
  private lan: LanPeers | null = null
  private readonly topics: Topics
  private swarm: Hyperswarm | null = null
  private dht: SwarmDht | null = null
  private addressChange: AddressChange | null = null
  private relay: Relay | null = null
  private readonly givenRelayBudget: RelayBudget | null | undefined
  private readonly givenRelays: readonly Uint8Array[]
  private readonly choice: RelayChoice
  private readonly failures: FailedAttempts
  private readonly guard: Guard
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

  private readonly events = new Emitter<NetworkEvents>()

  /**
   * `bootstrap`: nodes to begin with, whatever the settings say. `lan`: allows discovery on the local
   * network, which is never done where all bootstrap nodes are on this machine. `guard`: for connections to
   * relays and of a relay's clients; the receiver guards all others. `relays`: public keys of relays to use.
   * `relayBudget`: budget for relaying for others where this program is openly reachable; by default a
   * modest one (none where the DHT is on this computer alone), null for none. Does no I/O.
   */
  constructor(options: {
    environment: Environment
    guard: Guard
    bootstrap?: Node[]
    lan?: boolean
    relays?: readonly Uint8Array[]
    relayBudget?: RelayBudget | null
  }) {
    this.environment = options.environment
    this.topics = new Topics(options.environment)
    this.guard = options.guard
    this.givenBootstrap = options.bootstrap ?? null
    this.lanAllowed = options.lan ?? false
    this.givenRelayBudget = options.relayBudget
    this.givenRelays = options.relays ?? []
    this.choice = new RelayChoice(this.givenRelays)
    this.failures = new FailedAttempts(options.environment.clock)
  }

  on<Name extends keyof NetworkEvents>(
    name: Name,
    listener: (detail: NetworkEvents[Name]) => void,
  ): () => void {
    return this.events.on(name, listener)
  }

  get reachability(): Reachability {
    return this.state
  }

  get facts(): NetworkFacts {
    const { host = null, port = 0, firewalled = true, randomized = false, nodes } = this.dht ?? {}
    const nat = !host ? 'unknown' : !firewalled ? 'open' : randomized ? 'random' : 'consistent'
    return {
      address: host && (port ? `${host}:${port}` : host),
      nat,
      nodes: nodes?.length ?? 0,
      lan: { on: this.lan !== null, neighbours: this.lan?.size ?? 0 },
      failed: this.failures.all,
    }
  }

  get relayKey(): Uint8Array | null {
    return this.relay?.publicKey ?? null
  }

  offerRelay(connection: Connection, key: Uint8Array | null): void {
    this.choice.offer(connection.stream, connection.stream.destroying ? null : key)
  }

  open(): Promise<void> {
    return this.change(async () => {
      if (this.swarm || this.closed) return
      this.become('starting')
      this.begin()
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
    if (this.topics.add(topic)) this.lan?.renew()
  }

  leave(topic: Uint8Array): void {
    this.topics.remove(topic)
  }

  configure(settings: NetworkSettings): Promise<void> {
    return this.change(async () => {
      const bootstrap = JSON.stringify(this.bootstrap)
      this.settings = settings
      this.choice.configured = [...this.givenRelays, ...settings.relays.map(relayKeyFrom)]
      const moved = JSON.stringify(this.bootstrap) !== bootstrap
      if (moved && this.swarm) {
        await this.stop()
        this.begin()
      } else if (settings.lan) this.startLan()
      else await this.stopLan()
    })
  }

  refresh(topic: Uint8Array): void {
    this.topics.look(topic)
  }

  private get bootstrap(): readonly Node[] {
    return this.givenBootstrap ?? this.settings.bootstrap
  }

  private get onlyLoopback(): boolean {
    return this.bootstrap.length > 0 && this.bootstrap.every(({ host }) => isLoopback(host))
  }

  private get relayBudget(): RelayBudget | null {
    const { givenRelayBudget: given } = this
    if (given !== undefined) return given
    return this.onlyLoopback ? null : modestBudget
  }

  private change(work: () => Promise<void>): Promise<void> {
    const done = this.changing.then(work)
    this.changing = done.catch(() => undefined)
    return done
  }

  /** Starts, or tries it again a while later when this process has no file descriptor left. */
  private begin(): void {
    this.clear(this.watch)
    try {
      this.start()
    } catch (error) {
      if (!noFiles.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      this.become('unreachable')
      this.watch = this.environment.clock.set(watchInterval, () => {
        void this.change(async () => {
          if (this.state !== 'off' && !this.swarm) this.begin()
        })
      })
    }
  }

  private start(): void {
    const dht = new SwarmDht(
      {
        ...(this.bootstrap.length > 0 ? { bootstrap: [...this.bootstrap] } : {}),
        // A DHT on this machine alone must not be heard by its neighbours.
        ...(this.onlyLoopback ? { host: '127.0.0.1' } : {}),
      },
      this.guard,
    )
    const relayThrough = (force = false) =>
      dht.remoteAddress() ? null : this.choice.relays({ failed: force, randomized: dht.randomized })
    const swarm = new Hyperswarm({ dht, maxPeers, maxParallel, relayThrough, firewall: preferDirect(dht) })
    dht.onFailed = (code) => this.failures.note(code)
    this.dht = dht
    this.swarm = swarm
    this.inbound = 0
    this.bootstrapped = false
    this.lost = false
    swarm.on('connection', (stream) => this.accept(stream))
    dht.on('listening', () => this.startLan())
    this.addressChange = new AddressChange({
      clock: this.environment.clock,
      addresses: outsideAddresses,
      connections: () => swarm.connections,
      onDropped: () => this.findAgain(),
    })
    dht.on('network-change', () => {
      this.lan?.refresh()
      this.addressChange?.changed()
    })
    const bootstrapped = () => {
      if (this.dht !== dht) return
      this.bootstrapped = true
      this.look()
      if (!this.relayBudget) return
      const looked = () => this.look()
      dht.lookWhetherOpen().then(looked, looked)
    }
    // It resolves as well when nobody answered.
    dht.fullyBootstrapped().then(bootstrapped, bootstrapped)
    this.topics.begin(swarm)
    this.watch = this.environment.clock.set(watchInterval, () => this.look())
    this.searchLater(lookAgain.least)
  }

  private async stop(): Promise<void> {
    const { swarm } = this
    this.swarm = null
    this.dht = null
    for (const timer of [this.watch, this.search]) this.clear(timer)
    this.topics.end()
    this.watch = null
    this.search = null
    this.addressChange?.end()
    await this.stopLan()
    if (!swarm) return
    await this.endRelay()
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

  private accept(stream: SecretStream): void {
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
    stream.on('close', () => this.choice.offer(stream, null))
    this.events.emit('connection', connectionOver(stream, this.dht))
    this.look()
  }

  /** Checks the state of the network, and schedules the next check. */
  private look(): void {
    const { swarm, dht } = this
    if (!swarm || !dht) return
    const before = this.state
    const connected = swarm.connections.size > 0
    const known = dht.nodes.length > 0 && dht.online
    if (connected || known) this.become('online')
    else if (this.bootstrapped) this.become('unreachable')
    if (known && this.lost) this.topics.announceAnew()
    this.lan?.dial()
    // Catches changes that the system did not report.
    this.addressChange?.changed()
    this.lost = this.bootstrapped && !known
    this.relayIfOpen(dht)
    if (this.state !== before) {
      // Earlier failures say nothing about the new state.
      this.searchDelay = lookAgain.least
      this.searchLater(this.searchDelay)
    }
    this.clear(this.watch)
    this.watch = this.environment.clock.set(watchInterval, () => this.look())
  }

  private startLan(): void {
    const { swarm, dht, environment } = this
    if (!this.settings.lan || !this.lanAllowed || this.onlyLoopback || this.lan || !swarm || !dht) return
    this.lan = LanPeers.begin({ swarm, dht, environment, wanted: () => this.topics.size > 0 })
  }

  private async stopLan(): Promise<void> {
    const { lan } = this
    this.lan = null
    await lan?.end()
  }

  /** Serves as a relay while everybody can reach this node and it shares a document. */
  private relayIfOpen(dht: SwarmDht): void {
    const { relay, relayBudget: budget, environment, guard } = this
    const wanted = budget !== null && this.topics.size > 0 && dht.remoteAddress() !== null
    if (wanted === (relay !== null)) return
    if (!wanted) {
      void this.endRelay()
      return
    }
    // A fresh key for each start, like the swarm's, so that it identifies nobody.
    const keyPair = HyperDHT.keyPair(environment.random(32))
    const begun = new Relay({ dht, keyPair, budget, environment, guard })
    this.relay = begun
    begun.open().then(
      () => {
        if (this.relay === begun) this.events.emit('relayKey', this.relayKey)
      },
      // It is tried again when the node is seen to be open next.
      () => {
        if (this.relay === begun) void this.endRelay()
      },
    )
  }

  private async endRelay(): Promise<void> {
    const { relay } = this
    if (!relay) return
    this.relay = null
    this.events.emit('relayKey', null)
    await relay.close()
  }

  private become(state: Reachability): void {
    if (state === this.state) return
    this.state = state
    this.events.emit('reachability', state)
  }

  private searchLater(delay: number): void {
    this.clear(this.search)
    this.search = this.environment.clock.set(delay * (0.75 + 0.5 * this.chance()), () => this.searchAgain())
  }

  /**
   * With no peer connected: announces and looks up again, since others may have been out of reach before. A
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
      // The bootstrap is still running: without an answer it takes several seconds.
      if (!this.bootstrapped) return
      void this.change(async () => {
        if (this.swarm !== swarm) return
        const delay = this.searchDelay
        await this.stop()
        if (this.closed) return
        this.begin()
        this.searchDelay = delay
        this.searchLater(delay)
      })
      return
    }
    this.topics.announceAnew()
  }

  /** Dials lost peers without waiting for their turn: this side lost them, they are still there. */
  private findAgain(): void {
    this.lan?.renew()
    this.topics.lookAll()
  }

  private chance(): number {
    return this.environment.random(4).readUInt32LE() / 2 ** 32
  }

  private clear(timer: Timer | null | undefined): void {
    if (timer) this.environment.clock.clear(timer)
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)
