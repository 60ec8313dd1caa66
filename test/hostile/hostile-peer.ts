import type { DocumentKeys } from '../../main/keys/derive'
import type { Connection } from '../../main/network/network'
import { wireVersion } from '../../main/sync/sync'
import { channelId, openChannel, type Port } from '../../main/sync/wire/channel'
import { HardenedMux } from '../../main/sync/wire/hardened-mux'
import { makeHello } from '../../main/sync/wire/hello'
import { type Instance, makeInstance } from '../../main/sync/wire/instance'
import { makeIntroduction } from '../../main/sync/wire/introduction'
import type { MessageType } from '../../main/sync/wire/messages'
import { randomFrom } from '../support/random'
import { listOf, openMatch } from '../support/say-match'
import { type NodeSettings, SwarmNode } from '../support/swarm-node'

/** How many bytes an attacker has waiting for a victim that does not read, at most: more would only fill its own memory. */
const maxWaiting = 8 * 1024 * 1024

/** Behaviour of a hostile peer on each of its connections. It is ended with the connection. */
export type Attack = (line: Line) => void

/** A connection in the hands of someone who speaks the wire by hand. */
export class Line {
  readonly random
  readonly connection: Connection
  /** Messages received over the document's channel. */
  readonly heard: { type: MessageType; body: Uint8Array }[] = []
  /** Bytes that came over the connection, whatever they say. */
  readonly bytes: Buffer[] = []
  /** The document's channel was opened by both sides. */
  opened = false
  private timer: NodeJS.Timeout | null = null
  /** Bytes that were sent raw since everything had left. */
  private waiting = 0

  constructor(connection: Connection, seed: number) {
    this.connection = connection
    this.random = randomFrom(seed)
    connection.stream.on('data', (data) => this.bytes.push(Buffer.from(data as Uint8Array)))
    connection.stream.on('drain', () => {
      this.waiting = 0
    })
    connection.stream.on('close', () => this.stop())
    connection.stream.on('error', () => this.stop())
  }

  /** The connection is over. */
  get ended(): boolean {
    return this.connection.stream.destroyed
  }

  /** Sends bytes as one frame, below anything that makes sense of them, unless too much waits already. */
  raw(bytes: Uint8Array): void {
    if (this.connection.stream.destroyed || this.waiting > maxWaiting) return
    this.waiting = this.connection.stream.write(bytes) ? 0 : this.waiting + bytes.length
  }

  /** Goes on with something every few ms, for as long as the other side bears it. */
  keepOn(every: number, act: () => void): void {
    this.timer = setInterval(act, every)
  }

  /**
   * Opens the document's channel as someone who holds some keys of it, or says something else first than such a
   * one would; says how to go on once it is open.
   */
  open(
    keys: DocumentKeys,
    then: (port: Port, instance: Instance) => void,
    said: {
      instance?: (own: Instance) => Instance
      hello?: (own: Uint8Array) => Uint8Array
      wrongSide?: true
    } = {},
  ): void {
    const { connection } = this
    const mux = new HardenedMux(this.connection.stream)
    const own = makeInstance(keys, keys.role, this.random.bytes(32))
    const instance = said.instance?.(own) ?? own
    const proper = makeHello({
      version: wireVersion,
      keys,
      instance,
      connection: said.wrongSide ? { ...connection, isInitiator: !connection.isInitiator } : connection,
    })
    const introduction = makeIntroduction({
      keys,
      instance,
      name: 'Mallory',
      connection,
      random: (size) => this.random.bytes(size),
    })
    const hello = said.hello?.(proper) ?? proper
    const id = channelId(keys.keep, connection)
    const join = () => {
      const port: Port | null = openChannel({
        mux,
        id,
        hello,
        listener: {
          onOpen: () => {
            this.opened = true
            port?.send('introduction', introduction)
            if (port) then(port, instance)
          },
          onMessage: (type: MessageType, body) => this.heard.push({ type, body: Uint8Array.from(body) }),
          onDrain: () => undefined,
          onClose: () => this.stop(),
        },
      })
    }
    // Both open what both have said that they share.
    openMatch(mux, connection).send(
      'list',
      listOf([keys.keep], connection, { random: (size) => this.random.bytes(size) }),
    )
    join()
  }

  private stop(): void {
    if (this.timer) clearInterval(this.timer)
  }
}

/** A peer that finds the document like any other, and attacks whoever it reaches, again and again. */
export class HostilePeer {
  readonly node: SwarmNode
  /** The connections that it got, oldest first. */
  readonly lines: Line[] = []

  constructor(
    bootstrap: { host: string; port: number }[],
    attack: Attack,
    seed: number,
    announcing: NodeSettings = {},
  ) {
    this.node = new SwarmNode(bootstrap, announcing)
    this.node.greet = (connection) => {
      const line = new Line(connection, seed + this.lines.length)
      this.lines.push(line)
      attack(line)
    }
  }

  /** How many connections it got. */
  get met(): number {
    return this.lines.length
  }

  /** How often it came: connections that it got, and attempts that ended before. */
  get came(): number {
    return this.met + this.node.network.facts.failed.length
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
