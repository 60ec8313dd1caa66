import type { Node, SecretStream } from 'hyperdht'
import type { Environment } from '../base/environment'
import { within } from '../base/timeout'
import { AddressChange } from './address-change'
import { boundMessages } from './message-bound'
import type { Connection } from './network'
import { outsideAddresses } from './route'
import { connectionOver, preferDirect } from './swarm-connection'
import { SwarmDht, type SwarmDhtOptions } from './swarm-dht'
import { TopicSeeker } from './topic-seeker'
import { TopicSwarm } from './topic-swarm'

/** Maximum number of peers dialled; each connection carries all documents that both sides share. */
const maxPeers = 48
/**
 * Maximum number of peers dialled at a time. The DHT keeps naming dead peers for a while, and dialling one
 * takes 8 s: with Hyperswarm's default of 3, a few of them delay live peers by half a minute.
 */
const maxParallel = 16
/** Maximum number of connections accepted from others. */
const maxInbound = 64
/** Maximum time to leave politely, in ms. */
const leaveLimit = 4_000

/** Dependencies of `RunningSwarm`. */
export interface RunningSwarmOptions extends SwarmDhtOptions {
  readonly environment: Environment
  /** Nodes to begin with; empty for the public ones. */
  readonly bootstrap: readonly Node[]
  /** Binds to this machine's loopback address alone. */
  readonly onlyLoopback: boolean
  /** Returns the relays for a connection, as `RelayChoice.relays` does. */
  readonly relays: (attempt: { failed: boolean; randomized: boolean }) => Uint8Array[] | null
  /** Returns true for a topic by which peers that are lost are dialled again. */
  readonly isWanted: (topic: Uint8Array) => boolean
  /** Called synchronously with each connection made, before any of its data arrives. */
  readonly onConnection: (connection: Connection) => void
  readonly onClosed: (connection: SecretStream) => void
  /** The node takes packets from the local network. */
  readonly onListening: () => void
  /** The node has asked its first nodes, with or without an answer. */
  readonly onBootstrapped: () => void
  /** The system reports that the network changed. */
  readonly onNetworkChange: () => void
  /** A connection was ended that died with an address of this computer. */
  readonly onDropped: () => void
}

/** A node of the DHT with a swarm on it, from its start until it leaves. */
export class RunningSwarm {
  readonly swarm: TopicSwarm
  /** Announces and looks up. */
  readonly seeker: TopicSeeker
  readonly dht: SwarmDht
  private readonly options: RunningSwarmOptions
  private readonly addressChange: AddressChange
  private bootstrapped = false
  private inbound = 0

  /** Binds its sockets. Throws as the system does if there is no file descriptor left. */
  constructor(options: RunningSwarmOptions) {
    const { environment, bootstrap, onlyLoopback, relays } = options
    const dht = new SwarmDht(
      {
        ...(bootstrap.length > 0 ? { bootstrap: [...bootstrap] } : {}),
        // A DHT on this machine alone must not be heard by its neighbours.
        ...(onlyLoopback ? { host: '127.0.0.1' } : {}),
      },
      options,
    )
    const relayThrough = (failed = false) =>
      dht.remoteAddress() ? null : relays({ failed, randomized: dht.randomized })
    const swarm: TopicSwarm = new TopicSwarm(
      { dht, maxPeers, maxParallel, relayThrough, firewall: preferDirect(dht) },
      { isWanted: options.isWanted, withdraw: () => this.seeker.withdrawAll() },
    )
    this.options = options
    this.dht = dht
    this.swarm = swarm
    this.seeker = new TopicSeeker({ dht, swarm, clock: environment.clock })
    this.addressChange = new AddressChange({
      clock: environment.clock,
      addresses: outsideAddresses,
      connections: () => swarm.connections,
      onDropped: options.onDropped,
    })
    swarm.on('connection', (stream) => this.accept(stream))
    dht.on('listening', () => options.onListening())
    dht.on('network-change', () => {
      options.onNetworkChange()
      this.addressChange.changed()
    })
    const bootstrapped = () => {
      this.bootstrapped = true
      options.onBootstrapped()
    }
    // It resolves as well when nobody answered.
    dht.fullyBootstrapped().then(bootstrapped, bootstrapped)
  }

  /** True once the node has asked its first nodes, with or without an answer. */
  get isBootstrapped(): boolean {
    return this.bootstrapped
  }

  /** True if nodes of the DHT are known and answer. */
  get isOnline(): boolean {
    return this.dht.nodes.length > 0 && this.dht.online
  }

  /** Number of connections. */
  get connections(): number {
    return this.swarm.connections.size
  }

  /** Ends connections that died with an address of this computer. To be called every few seconds. */
  checkAddresses(): void {
    this.addressChange.changed()
  }

  /** Cancels what it still waits for. */
  stop(): void {
    this.addressChange.end()
  }

  /** Ends every connection and leaves the DHT: politely within 4 s, otherwise by force. */
  async leave(): Promise<void> {
    const { swarm } = this
    for (const stream of swarm.connections) stream.destroy()
    const politely = swarm.destroy().catch(ignore)
    if (!(await within(this.options.environment.clock, leaveLimit, politely)))
      await swarm.destroy({ force: true }).catch(ignore)
  }

  private accept(stream: SecretStream): void {
    // Before anything else: an error without a listener would end the process.
    stream.on('error', ignore)
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
    stream.on('close', () => this.options.onClosed(stream))
    this.options.onConnection(connectionOver(stream, this.dht))
  }
}

const ignore = (): void => undefined
