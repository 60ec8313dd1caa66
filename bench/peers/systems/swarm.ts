import { setTimeout as pause } from 'node:timers/promises'
import HyperDHT, { type SecretStream } from 'hyperdht'
import Hyperswarm from 'hyperswarm'

/** Kinds of message: the first byte of each. */
export const kinds = { version: 0, update: 1 } as const

/** When a peer looks a second time for others that joined in the same moment, in ms. */
const lookAgain = 3_000

/** The same wire as Swarmpad's: Hyperswarm, with the message frames of its encrypted streams. */
export class Swarm {
  /** Called with each connection made. */
  onOpen: (peer: SecretStream) => void = () => undefined
  /** Called with each message. */
  onMessage: (peer: SecretStream, kind: number, body: Buffer) => void = () => undefined
  private readonly options: { bootstrap: { host: string; port: number }[]; topic: Uint8Array }
  private running: Hyperswarm | null = null
  private readonly open = new Set<SecretStream>()

  constructor(options: { bootstrap: { host: string; port: number }[]; topic: Uint8Array }) {
    this.options = options
  }

  /** Meets the others of the topic from now on; binds to the loopback address alone. */
  async join(): Promise<void> {
    const { bootstrap, topic } = this.options
    const dht = new HyperDHT({ bootstrap, host: '127.0.0.1' })
    const swarm = new Hyperswarm({ dht, maxPeers: 64, maxParallel: 16 })
    this.running = swarm
    swarm.on('connection', (stream: SecretStream) => this.take(stream))
    const discovery = swarm.join(topic, { server: true, client: true })
    pause(lookAgain).then(() => {
      if (this.running === swarm) discovery.refresh().catch(() => undefined)
    })
  }

  /** Sends to one, or to all that are connected. */
  send(kind: number, body: Uint8Array, to: Iterable<SecretStream> = this.open): void {
    const message = Buffer.concat([Buffer.of(kind), body])
    for (const stream of to) stream.write(message)
  }

  /** Leaves, and ends all connections. */
  async leave(): Promise<void> {
    const swarm = this.running
    this.running = null
    await swarm?.destroy()
  }

  private take(stream: SecretStream): void {
    this.open.add(stream)
    stream.on('close', () => this.open.delete(stream))
    stream.on('error', () => undefined)
    stream.on('data', (data) => {
      const message = data as Buffer
      this.onMessage(stream, message[0] ?? 0, message.subarray(1))
    })
    this.onOpen(stream)
  }
}
