import { Server as BlindRelay } from 'blind-relay'
import type HyperDHT from 'hyperdht'
import type { KeyPair, RawSocket, SecretStream, Server } from 'hyperdht'
import type { Environment, Timer } from '../base/environment'
import { ByteBudget } from './byte-budget'
import { ForwardedStream, streamIdOf } from './forwarded-stream'
import { boundMessages } from './message-bound'
import type { Guard } from './swarm-dht'

/** Limits of a relay. */
export interface RelayBudget {
  /** Bytes of relayed packets sent in a second, for all sessions together. */
  readonly bytesPerSecond: number
  /** Number of connections between two others at one time. */
  readonly sessions: number
}

/** Budget of a program that relays because it is reachable: enough for typing, little of a home line. */
export const modestBudget: RelayBudget = { bytesPerSecond: 131_072, sessions: 16 }

/** Current load and totals of a relay. */
export interface RelayState {
  /** Number of connections between two others. */
  readonly sessions: number
  /** Bytes forwarded so far. */
  readonly forwarded: number
  /** Bytes dropped since they exceeded the budget. */
  readonly dropped: number
}

/** Longest wait of a packet for the budget, in ms; a longer queue would only add delay. */
const patience = 200
/** The part of a second's bytes that may pass at once after a rest. */
const burstSeconds = 0.5
/** A carried connection without a packet is ended after this time, in ms; keep-alives come every 5 s. */
const idleLimit = 60_000
/** How often idle connections are looked for, in ms. */
const sweepInterval = 10_000
/** Clients without a requested or live connection are disconnected after this time, in ms. */
const uselessLimit = 20_000
/** Limit of a client's requests, in bytes. */
const maxAsked = 2_048
/** How long a leg continues after its client has left, in ms. */
const linger = 15_000
/** Limit of memory for waiting packets, in bytes. */
const maxQueued = 1024 * 1024

/**
 * A blind relay: its own server on the DHT, which forwards UDX packets between two clients that request it
 * with the same token. The two speak Noise with each other, so it can neither read what it carries nor
 * change it undetected. Rules N10 to N14.
 */
export class Relay {
  /** Public key that clients dial, 32 bytes. */
  readonly publicKey: Uint8Array
  private readonly dht: HyperDHT
  private readonly keyPair: KeyPair
  private readonly budget: RelayBudget
  private readonly environment: Environment
  private readonly guard: Guard
  private readonly bytes: ByteBudget
  private readonly relay: BlindRelay
  private readonly legs = new Map<number, ForwardedStream>()
  private readonly clients = new Set<SecretStream>()
  private readonly listening = new Map<
    RawSocket,
    (packet: Buffer, from: { host: string; port: number }) => void
  >()
  private queue: { at: number; size: number; send: () => void }[] = []
  private queued = 0
  private drain: Timer | null = null
  private sweep: Timer | null = null
  private server: Server | null = null
  private forwarded = 0
  private dropped = 0
  private closed = false

  /** `guard` makes a connection safe against what its peer sends (rules W10 to W14). Does no I/O. */
  constructor(options: {
    dht: HyperDHT
    keyPair: KeyPair
    budget: RelayBudget
    environment: Environment
    guard: Guard
  }) {
    const { dht, keyPair, budget, environment, guard } = options
    const { bytesPerSecond } = budget
    this.dht = dht
    this.keyPair = keyPair
    this.publicKey = keyPair.publicKey
    this.budget = budget
    this.environment = environment
    this.guard = guard
    this.bytes = new ByteBudget({ bytesPerSecond, burst: bytesPerSecond * burstSeconds, patience })
    this.relay = new BlindRelay({ createStream: () => this.createLeg() })
  }

  /** Current load and totals. */
  get state(): RelayState {
    const { forwarded, dropped } = this
    return { sessions: this.openLegs >> 1, forwarded, dropped }
  }

  /** Announces the relay and begins to serve. Rejects when the DHT is gone. */
  async open(): Promise<void> {
    if (this.closed || this.server) return
    // A relay at its limit refuses further clients before they cost anything.
    const firewall = () => this.clients.size >= 2 * this.budget.sessions
    const server = this.dht.createServer({ firewall, holepunch: false }, (stream) => this.accept(stream))
    this.server = server
    this.sweep = this.environment.clock.set(sweepInterval, () => this.sweepIdle())
    await server.listen(this.keyPair)
    if (this.closed) await server.close()
  }

  /** Ends every carried connection. Idempotent. */
  async close(): Promise<void> {
    this.closed = true
    for (const timer of [this.drain, this.sweep]) if (timer) this.environment.clock.clear(timer)
    for (const stream of this.clients) stream.destroy()
    for (const leg of this.legs.values()) leg.drop()
    this.legs.clear()
    for (const [socket, listener] of this.listening) socket.off('message', listener)
    this.listening.clear()
    this.queue = []
    const { server } = this
    this.server = null
    await server?.close().catch(() => undefined)
  }

  private accept(stream: SecretStream): void {
    stream.on('error', () => undefined)
    if (this.closed) {
      stream.destroy()
      return
    }
    this.clients.add(stream)
    this.guard(stream)
    boundMessages(stream)
    const { clock } = this.environment
    let paired = false
    const useless = clock.set(uselessLimit, () => {
      if (!paired) stream.destroy()
    })
    let asked = 0
    stream.on('data', (data) => {
      asked += (data as Uint8Array).length
      if (asked > maxAsked) stream.destroy()
    })
    stream.on('close', () => {
      this.clients.delete(stream)
      clock.clear(useless)
    })
    const session = this.relay.accept(stream, { id: stream.remotePublicKey })
    session.on('error', () => undefined)
    session.on('pair', (_isInitiator, _token, { id }, streamId) => {
      paired = true
      const { socket, remoteHost: host, remotePort: port } = stream.rawStream ?? noAddress
      if (!socket || !host || this.openLegs > 2 * this.budget.sessions) stream.destroy()
      // Only to the address that the client asked from: a claimed address could be that of a flooding victim.
      else this.legs.get(id)?.lead({ socket, host, port, streamId })
    })
    this.listen(stream.rawStream?.socket ?? null)
  }

  /** Receives the packets on a socket that belong to no stream of this program. */
  private listen(socket: RawSocket | null): void {
    if (!socket || this.listening.has(socket)) return
    const listener = (packet: Buffer, { host }: { host: string }): void => {
      const id = streamIdOf(packet)
      const leg = id === null ? undefined : this.legs.get(id)
      leg?.take(packet, host, this.environment.clock.now())
    }
    this.listening.set(socket, listener)
    socket.on('message', listener)
    socket.on('close', () => this.listening.delete(socket))
  }

  private get openLegs(): number {
    return [...this.legs.values()].filter((leg) => leg.isOpen).length
  }

  private createLeg(): ForwardedStream {
    const { clock } = this.environment
    const forward = (size: number, send: () => void) => this.forward(size, send)
    const leg = new ForwardedStream({ id: this.freeId(), now: clock.now(), forward })
    this.legs.set(leg.id, leg)
    leg.on('close', () => {
      clock.set(linger, () => {
        this.legs.delete(leg.id)
        leg.drop()
      })
    })
    return leg
  }

  /** Returns an id that no stream of this program has. */
  private freeId(): number {
    const taken = new Set([...this.dht.rawStreams].map(({ id }) => id))
    for (;;) {
      const id = this.environment.random(4).readUInt32LE()
      if (!taken.has(id) && !this.legs.has(id)) return id
    }
  }

  private forward(size: number, send: () => void): void {
    const { clock } = this.environment
    const now = clock.now()
    const wait = this.queued + size > maxQueued ? null : this.bytes.admit(size, now)
    if (wait === null) {
      this.dropped += size
      return
    }
    this.forwarded += size
    if (wait === 0 && this.queue.length === 0) {
      send()
      return
    }
    // In one queue, since UDX falls behind when packets are reordered.
    this.queue.push({ at: now + wait, size, send })
    this.queued += size
    this.drain ??= clock.set(wait, () => this.sendDue())
  }

  private sendDue(): void {
    const { clock } = this.environment
    const now = clock.now()
    const due = this.queue.findIndex(({ at }) => at > now)
    const ready = this.queue.splice(0, due === -1 ? this.queue.length : due)
    for (const { size, send } of ready) {
      this.queued -= size
      send()
    }
    const next = this.queue[0]
    this.drain = next ? clock.set(next.at - now, () => this.sendDue()) : null
  }

  private sweepIdle(): void {
    const { clock } = this.environment
    const oldest = clock.now() - idleLimit
    for (const leg of this.legs.values()) if (leg.usedAt < oldest) leg.destroy()
    this.sweep = clock.set(sweepInterval, () => this.sweepIdle())
  }
}

const noAddress = { socket: null, remoteHost: null, remotePort: 0 }
