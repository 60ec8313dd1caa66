import type { Node } from 'hyperdht'
import { Emitter } from '../../preload/emitter'
import type { Environment, Timer } from '../base/environment'
import { SerialQueue } from '../base/serial-queue'
import { FailedAttempts } from './failed-attempts'
import { LanPeers } from './lan-peers'
import type {
  Connection,
  Network,
  NetworkEvents,
  NetworkFacts,
  NetworkSettings,
  Reachability,
} from './network'
import { Reconnect } from './reconnect'
import { modestBudget, type RelayBudget } from './relay'
import { RelayChoice } from './relay-choice'
import { relayKeyFrom } from './relay-key'
import { RelayService } from './relay-service'
import { RunningSwarm } from './running-swarm'
import type { Guard } from './swarm-dht'
import { personBudget, type TopicBudget } from './topic-budget'
import { type TopicInterest, waited } from './topic-schedule'
import { Topics } from './topics'

/** How often the state of the network is checked, in ms. */
const checkInterval = 3_000
/** The system's codes of a process, or a system, that has no file descriptor left. */
const noFiles = new Set(['EMFILE', 'ENFILE'])
/** Dependencies and settings of `SwarmNetwork` that a person cannot change. */
export interface SwarmNetworkOptions {
  readonly environment: Environment
  /** Guards connections to relays and of a relay's clients; the receiver guards all others. */
  readonly guard: Guard
  /** Nodes to begin with, whatever the settings say. */
  readonly bootstrap?: readonly Node[]
  /** Allows discovery on the local network, which never happens if all bootstrap nodes are on this machine. */
  readonly lan?: boolean
  /** Public keys of relays to use. */
  readonly relays?: readonly Uint8Array[]
  /**
   * Limits relaying for others where this program is openly reachable; null turns it off. By default a
   * modest budget, or null where the DHT is on this machine alone.
   */
  readonly relayBudget?: RelayBudget | null
  /** Limits announcing and looking up; by default as for a person's computer. */
  readonly topicBudget?: TopicBudget
}

/** Discovery and connections by Hyperswarm: a DHT to meet, hole punching to connect, Noise to encrypt. */
export class SwarmNetwork implements Network {
  private readonly options: SwarmNetworkOptions
  private readonly events = new Emitter<NetworkEvents>()
  private readonly topics: Topics
  private readonly relayService: RelayService
  private readonly relayChoice: RelayChoice
  private readonly reconnect: Reconnect
  private readonly failures: FailedAttempts
  /** Changes between being on and off, and of the settings. */
  private readonly changes = new SerialQueue()
  private settings: NetworkSettings = { lan: true, bootstrap: [], relays: [] }
  private state: Reachability = 'off'
  private running: RunningSwarm | null = null
  /** No node of the DHT answered at the last check, so that announcements reached nobody. */
  private lost = false
  private lan: LanPeers | null = null
  /** The next check, or the next attempt to start. */
  private timer: Timer | null = null
  private closed = false

  /** Does no I/O. */
  constructor(options: SwarmNetworkOptions) {
    const { environment, guard } = options
    this.options = options
    this.topics = new Topics(environment, options.topicBudget ?? personBudget)
    this.relayChoice = new RelayChoice(options.relays ?? [])
    this.failures = new FailedAttempts(environment.clock)
    this.relayService = new RelayService({
      environment,
      guard,
      onKey: (publicKey) => this.events.emit('relayKey', publicKey),
    })
    this.reconnect = new Reconnect({
      environment,
      nodes: () => this.running?.dht.nodes.length ?? 0,
      isAlone: () => this.running?.connections === 0 && this.topics.size > 0,
      search: () => this.topics.renew('first'),
      replaceNode: () => this.replaceNode(),
    })
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
    const { host = null, port = 0, firewalled = true, randomized = false, nodes } = this.running?.dht ?? {}
    const nat = !host ? 'unknown' : !firewalled ? 'open' : randomized ? 'random' : 'consistent'
    return {
      address: host && (port ? `${host}:${port}` : host),
      nat,
      nodes: nodes?.length ?? 0,
      lan: { on: this.lan !== null, neighbours: this.lan?.size ?? 0 },
      topics: this.topics.facts,
      failed: this.failures.all,
    }
  }

  get relayKey(): Uint8Array | null {
    return this.relayService.publicKey
  }

  offerRelay(connection: Connection, key: Uint8Array | null): void {
    this.relayChoice.offer(connection.stream, connection.stream.destroying ? null : key)
  }

  open(): Promise<void> {
    return this.changes.run(async () => {
      if (this.running || this.closed) return
      this.setState('starting')
      this.begin()
    })
  }

  suspend(): Promise<void> {
    return this.changes.run(() => {
      this.setState('off')
      return this.stop()
    })
  }

  close(): Promise<void> {
    this.closed = true
    return this.suspend()
  }

  join(topic: Uint8Array, interest: TopicInterest = waited): void {
    if (this.topics.prefer(topic, interest)) this.lan?.renew()
  }

  leave(topic: Uint8Array): void {
    this.topics.remove(topic)
  }

  configure(settings: NetworkSettings): Promise<void> {
    return this.changes.run(async () => {
      const before = JSON.stringify(this.bootstrap)
      this.settings = settings
      this.relayChoice.configure([...(this.options.relays ?? []), ...settings.relays.map(relayKeyFrom)])
      const moved = JSON.stringify(this.bootstrap) !== before
      if (moved && this.running) {
        await this.stop()
        this.begin()
      } else if (settings.lan) this.startLan()
      else await this.stopLan()
    })
  }

  refresh(topic: Uint8Array): void {
    this.topics.lookUp(topic)
  }

  met({ remotePublicKey }: Connection, topic: Uint8Array): () => void {
    return this.topics.meet(topic, remotePublicKey)
  }

  private get bootstrap(): readonly Node[] {
    return this.options.bootstrap ?? this.settings.bootstrap
  }

  private get onlyLoopback(): boolean {
    return this.bootstrap.length > 0 && this.bootstrap.every(({ host }) => isLoopback(host))
  }

  private get relayBudget(): RelayBudget | null {
    const { relayBudget } = this.options
    if (relayBudget !== undefined) return relayBudget
    return this.onlyLoopback ? null : modestBudget
  }

  /** Starts a node; tries again a while later when this process has no file descriptor left. */
  private begin(): void {
    this.clearTimer()
    try {
      this.start()
    } catch (error) {
      if (!noFiles.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      this.setState('unreachable')
      this.timer = this.options.environment.clock.set(checkInterval, () => {
        void this.changes.run(async () => {
          if (this.state !== 'off' && !this.running) this.begin()
        })
      })
    }
  }

  private start(): void {
    const { environment, guard } = this.options
    const running: RunningSwarm = new RunningSwarm({
      environment,
      guard,
      bootstrap: this.bootstrap,
      onlyLoopback: this.onlyLoopback,
      nearby: (publicKey) => this.lan?.placesOf(publicKey) ?? [],
      relays: (attempt) => this.relayChoice.relays(attempt),
      onFailed: (code) => this.failures.note(code),
      onConnection: (connection) => {
        this.reconnect.connected()
        this.events.emit('connection', connection)
        this.check()
      },
      onClosed: (connection) => this.relayChoice.offer(connection, null),
      onListening: () => this.startLan(),
      onBootstrapped: () => this.bootstrapped(running),
      isWanted: (topic) => this.topics.has(topic),
      onNetworkChange: () => {
        this.lan?.refresh()
        this.topics.renew('kept')
      },
      onDropped: () => this.findAgain(),
    })
    this.running = running
    this.lost = false
    this.topics.begin(running)
    this.timer = environment.clock.set(checkInterval, () => this.check())
    this.reconnect.start()
  }

  private bootstrapped(running: RunningSwarm): void {
    if (this.running !== running) return
    this.check()
    if (!this.relayBudget) return
    const check = () => this.check()
    running.dht.checkReachability().then(check, check)
  }

  private async stop(): Promise<void> {
    const { running } = this
    this.running = null
    this.clearTimer()
    this.reconnect.stop()
    this.topics.end()
    running?.stop()
    await this.stopLan()
    await this.relayService.end()
    await running?.leave()
  }

  /** Replaces a node that lost all others by a fresh one. */
  private replaceNode(): void {
    const { running } = this
    // The bootstrap is still running: without an answer it takes several seconds.
    if (!running?.isBootstrapped) return
    void this.changes.run(async () => {
      if (this.running !== running) return
      await this.stop()
      if (this.closed) return
      this.begin()
      this.reconnect.resume()
    })
  }

  /** Checks the state of the network, and schedules the next check. */
  private check(): void {
    const { running } = this
    if (!running) return
    const before = this.state
    const { isOnline, isBootstrapped } = running
    if (running.connections > 0 || isOnline) this.setState('online')
    else if (isBootstrapped) this.setState('unreachable')
    if (isOnline && this.lost) this.topics.renew('kept')
    this.lost = isBootstrapped && !isOnline
    this.lan?.dial()
    // Catches changes that the system did not report.
    running.checkAddresses()
    this.relayService.update(running.dht, this.topics.size > 0 ? this.relayBudget : null)
    if (this.state !== before) this.reconnect.restart()
    this.clearTimer()
    this.timer = this.options.environment.clock.set(checkInterval, () => this.check())
  }

  private startLan(): void {
    const { running } = this
    if (!this.settings.lan || !this.options.lan || this.onlyLoopback || this.lan || !running) return
    const { swarm, dht } = running
    const { environment } = this.options
    this.lan = LanPeers.begin({ swarm, dht, environment, wanted: () => this.topics.size > 0 })
  }

  private async stopLan(): Promise<void> {
    const { lan } = this
    this.lan = null
    await lan?.end()
  }

  private setState(state: Reachability): void {
    if (state === this.state) return
    this.state = state
    this.events.emit('reachability', state)
  }

  /** Dials lost peers without waiting for their turn: this side lost them, they are still there. */
  private findAgain(): void {
    this.lan?.renew()
    this.topics.renew('kept')
  }

  private clearTimer(): void {
    if (this.timer) this.options.environment.clock.clear(this.timer)
    this.timer = null
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host)
