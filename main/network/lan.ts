import multicastDns, { type MulticastDns } from 'multicast-dns'
import type { Environment, Timer } from '../base/environment'
import { interfacesNow } from './interfaces'
import { announce, asksForSwarmpad, readAnnouncements, serviceName } from './neighbour-record'

/** Pauses between questions, in ms; growing, and the last one repeats. (RFC 6762, 5.2) */
const questionDelays = [1_000, 3_000, 9_000, 27_000, 60_000]
/** At most one answer in this time, in ms, however many ask. (RFC 6762, 6) */
const answerInterval = 1_000

/** Where a neighbour can be reached. */
export interface Neighbour {
  readonly publicKey: Uint8Array
  /** The address that the announcement came from. */
  readonly host: string
  readonly port: number
}

/** This side's announcement, and callbacks for neighbours. */
export interface LanDiscoveryOptions {
  readonly environment: Environment
  readonly publicKey: Uint8Array
  /** The UDP port of this side. */
  readonly port: number
  readonly onNeighbour: (neighbour: Neighbour) => void
  /** A goodbye came from an address. */
  readonly onGone: (publicKey: Uint8Array, host: string) => void
}

/**
 * Finds others on the local network by multicast DNS and is found by them, without a server or internet
 * access. Announces a key of this run and a port; that a document is shared shows only on the connection.
 * Without multicast, nobody is found and nothing else happens.
 */
export class LanDiscovery {
  private readonly options: LanDiscoveryOptions
  private readonly sockets = new Map<string, MulticastDns>()
  private timer: Timer | null = null
  private questions = 0
  private answeredAt = Number.NEGATIVE_INFINITY
  private isOpen = false

  /** Does no I/O. */
  constructor(options: LanDiscoveryOptions) {
    this.options = options
  }

  /** Begins. Idempotent. */
  open(): void {
    if (this.isOpen) return
    this.isOpen = true
    this.refresh()
  }

  /** Asks again at once, on the interfaces that there are now: the network changed. */
  refresh(): void {
    if (!this.isOpen) return
    this.questions = 0
    this.ask()
  }

  /** Withdraws the announcement and ends. Resolves when that was sent. Idempotent. */
  async close(): Promise<void> {
    if (!this.isOpen) return
    this.isOpen = false
    if (this.timer) this.options.environment.clock.clear(this.timer)
    const sockets = [...this.sockets.values()]
    this.sockets.clear()
    await Promise.all(sockets.map((socket) => this.leave(socket)))
  }

  private ask(): void {
    const { clock } = this.options.environment
    this.followInterfaces()
    for (const socket of this.sockets.values()) socket.query([{ name: serviceName, type: 'PTR' }])
    if (this.timer) clock.clear(this.timer)
    const delay = questionDelays[Math.min(this.questions++, questionDelays.length - 1)] ?? 0
    this.timer = clock.set(delay, () => this.ask())
  }

  private followInterfaces(): void {
    const addresses = localAddresses()
    for (const [address, socket] of this.sockets)
      if (!addresses.includes(address)) {
        this.sockets.delete(address)
        socket.destroy()
      }
    for (const address of addresses) if (!this.sockets.has(address)) this.listen(address)
  }

  private listen(address: string): void {
    const socket = multicastDns({ interface: address, bind: '0.0.0.0' })
    this.sockets.set(address, socket)
    // A port in use, a lost interface or a malformed packet: the next question tries again.
    socket.on('warning', () => undefined)
    socket.on('error', () => {
      if (this.sockets.get(address) === socket) this.sockets.delete(address)
      socket.destroy()
    })
    socket.on('query', (packet) => {
      if (asksForSwarmpad(packet)) this.answer()
    })
    socket.on('response', (packet, from) => {
      for (const { publicKey, port, leaving } of readAnnouncements(packet)) {
        if (Buffer.compare(publicKey, this.options.publicKey) === 0) continue
        if (leaving) this.options.onGone(publicKey, from.address)
        else this.options.onNeighbour({ publicKey, port, host: from.address })
      }
    })
    // Announces this side to neighbours before they ask.
    socket.on('ready', () => socket.respond(this.records(false)))
  }

  private answer(): void {
    const now = this.options.environment.clock.now()
    // Far off only when the clock was set back.
    if (Math.abs(now - this.answeredAt) < answerInterval) return
    this.answeredAt = now
    for (const socket of this.sockets.values()) socket.respond(this.records(false))
  }

  private leave(socket: MulticastDns): Promise<void> {
    return new Promise((resolve) => {
      socket.respond(this.records(true), () => socket.destroy(resolve))
    })
  }

  private records(leaving: boolean) {
    const { publicKey, port } = this.options
    return announce({ publicKey, port, leaving })
  }
}

/** One IPv4 address of each interface; those of the machine itself only where there is no other. */
function localAddresses(): string[] {
  const found = Object.values(interfacesNow()).flatMap((addresses) => {
    const first = addresses?.find(({ family }) => family === 'IPv4')
    return first ? [first] : []
  })
  const outside = found.filter(({ internal }) => !internal)
  return (outside.length > 0 ? outside : found).map(({ address }) => address)
}
