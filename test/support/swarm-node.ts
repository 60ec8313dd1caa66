import { vi } from 'vitest'
import { type Environment, systemEnvironment } from '../../main/base/environment'
import type { Connection, Reachability } from '../../main/network/network'
import { SwarmNetwork, type SwarmNetworkOptions } from '../../main/network/swarm-network'
import { harden } from '../../main/sync/wire/hardened-mux'

/** Settings of a node that differ from the usual ones. */
export type NodeSettings = Partial<Pick<SwarmNetworkOptions, 'environment' | 'topicBudget'>>

/** A network over real sockets, with what it told. */
export class SwarmNode {
  readonly network: SwarmNetwork
  /** Connections that are open now. */
  readonly connections = new Set<Connection>()
  /** Data received on each connection, oldest first. */
  readonly received = new Map<Connection, Buffer[]>()
  readonly states: Reachability[] = []
  /** Called for each connection, at once. */
  greet: (connection: Connection) => void = () => undefined

  constructor(bootstrap: { host: string; port: number }[], settings: NodeSettings = {}) {
    this.network = new SwarmNetwork({ environment: systemEnvironment, bootstrap, guard: harden, ...settings })
    this.network.on('reachability', (state) => this.states.push(state))
    this.network.on('connection', (connection) => {
      const messages: Buffer[] = []
      this.connections.add(connection)
      this.received.set(connection, messages)
      connection.stream.on('data', (data) => messages.push(Buffer.from(data as Uint8Array)))
      connection.stream.on('close', () => this.connections.delete(connection))
      this.greet(connection)
    })
  }

  /** The connection to another node, if there is one. */
  to(other: SwarmNode): Connection | undefined {
    const hashes = [...other.connections].map(({ handshakeHash }) => Buffer.from(handshakeHash))
    return [...this.connections].find(({ handshakeHash }) =>
      hashes.some((hash) => hash.equals(handshakeHash)),
    )
  }
}

/** The system's environment with a time that passes `factor` times as fast. */
export const hurried = (factor: number): Environment => ({
  ...systemEnvironment,
  clock: {
    ...systemEnvironment.clock,
    uptime: () => factor * systemEnvironment.clock.uptime(),
    set: (delay, run) => systemEnvironment.clock.set(delay / factor, run),
  },
})

/** Waits until something holds, for at most `limit` ms. */
export const until = (what: string, holds: () => boolean, limit = 120_000): Promise<void> =>
  vi.waitFor(
    () => {
      if (!holds()) throw new Error(`did not come to hold: ${what}`)
    },
    { timeout: limit, interval: 20 },
  )
