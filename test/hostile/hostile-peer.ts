import type { DocumentKeys } from '../../main/keys/derive'
import type { Connection } from '../../main/network/network'
import { channelId, openChannel, type Port } from '../../main/sync/channel'
import { HardenedMux } from '../../main/sync/hardened-mux'
import { makeHello } from '../../main/sync/hello'
import { type Instance, makeInstance } from '../../main/sync/instance'
import type { MessageType } from '../../main/sync/messages'
import { randomFrom } from '../support/random'
import { SwarmNode } from '../support/swarm-node'

/** What a hostile peer does with each connection that it gets. It is ended with the connection. */
export type Attack = (line: Line) => void

/** A connection in the hands of someone who speaks the wire by hand. */
export class Line {
  readonly random
  private readonly connection: Connection
  private timer: NodeJS.Timeout | null = null

  constructor(connection: Connection, seed: number) {
    this.connection = connection
    this.random = randomFrom(seed)
    connection.stream.on('close', () => this.stop())
    connection.stream.on('error', () => this.stop())
  }

  /** Sends bytes as one frame, below anything that makes sense of them. */
  raw(bytes: Uint8Array): void {
    if (!this.connection.stream.destroyed) this.connection.stream.write(bytes)
  }

  /** Goes on with something every few ms, for as long as the other side bears it. */
  keepOn(every: number, act: () => void): void {
    this.timer = setInterval(act, every)
  }

  /** Opens the document's channel as someone who holds some keys of it; says how to go on once it is open. */
  open(keys: DocumentKeys, then: (port: Port, instance: Instance) => void): void {
    const mux = new HardenedMux(this.connection.stream)
    const instance = makeInstance(keys, keys.role, this.random.bytes(32))
    const hello = makeHello({
      version: 1,
      keys,
      instance,
      name: 'Mallory',
      connection: this.connection,
      random: (size) => this.random.bytes(size),
    })
    const id = channelId(keys.keep, this.connection)
    const join = () => {
      const port: Port | null = openChannel({
        mux,
        id,
        hello,
        listener: {
          onOpen: () => port && then(port, instance),
          onMessage: (_type: MessageType) => undefined,
          onDrain: () => undefined,
          onClose: () => this.stop(),
        },
      })
    }
    // Either side may have dialled: who did opens, the other answers.
    if (this.connection.isInitiator) join()
    else mux.pair({ protocol: 'swarmpad/doc', id }, join)
  }

  private stop(): void {
    if (this.timer) clearInterval(this.timer)
  }
}

/** A peer that finds the document like any other, and attacks whoever it reaches, again and again. */
export class HostilePeer {
  readonly node: SwarmNode
  /** How many connections it got. */
  met = 0

  constructor(bootstrap: { host: string; port: number }[], attack: Attack, seed: number) {
    this.node = new SwarmNode(bootstrap)
    this.node.greet = (connection) => attack(new Line(connection, seed + this.met++))
  }

  /** Starts to look for victims. */
  async open(topic: Uint8Array): Promise<void> {
    await this.node.network.open()
    this.node.network.join(topic)
  }

  async close(): Promise<void> {
    await this.node.network.close()
  }
}
