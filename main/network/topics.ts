import type Hyperswarm from 'hyperswarm'
import type { Environment, Timer } from '../base/environment'
import { fromHex, hex } from '../base/hex'

/**
 * When a topic is looked up again after it was announced, in ms: soon, since two peers that join at the same
 * time can miss each other, then later, since peers that could not be dialled a few times are forgotten.
 * Hyperswarm itself looks again after 10 minutes. Far enough apart that a thousand topics are no burst.
 */
const furtherLooks = [
  { least: 2_000, most: 5_000 },
  { least: 20_000, most: 60_000 },
  { least: 90_000, most: 240_000 },
] as const
/** How long after the announcement was renewed the others are looked up, in ms. */
const lookAfterAnnouncing = 2_000

/** The topics that are announced and looked up, on whatever swarm there is. */
export class Topics {
  private readonly environment: Environment
  /** By topic, in hex: when it is looked up once more. */
  private readonly looks = new Map<string, Timer | null>()
  private swarm: Hyperswarm | null = null

  constructor(environment: Environment) {
    this.environment = environment
  }

  get size(): number {
    return this.looks.size
  }

  /** Adds a topic; false when it was there. */
  add(topic: Uint8Array): boolean {
    const name = hex(topic)
    if (this.looks.has(name)) return false
    this.looks.set(name, null)
    this.announce(name)
    return true
  }

  remove(topic: Uint8Array): void {
    const name = hex(topic)
    this.clear(name)
    this.looks.delete(name)
    // An unannouncement that finds no node expires by itself.
    void this.swarm?.leave(topic).catch(() => undefined)
  }

  /** There is a swarm: announces all on it. */
  begin(swarm: Hyperswarm): void {
    this.swarm = swarm
    for (const name of this.looks.keys()) this.announce(name)
  }

  /** The swarm is gone: cancels all pending lookups. */
  end(): void {
    this.swarm = null
    for (const name of this.looks.keys()) this.clear(name)
  }

  /** Looks a topic up now. */
  look(topic: Uint8Array): void {
    void this.swarm
      ?.status(topic)
      ?.refresh()
      .catch(() => undefined)
  }

  /** Looks all up now. */
  lookAll(): void {
    for (const name of this.looks.keys()) this.look(fromHex(name))
  }

  /** Announces all again, then looks them up: in this order, two peers that both do it find each other. */
  announceAnew(): void {
    this.swarm?.server.refresh()
    for (const name of this.looks.keys()) this.lookAfter(name, lookAfterAnnouncing, 1)
  }

  private announce(name: string): void {
    if (!this.swarm) return
    this.swarm.join(fromHex(name), { server: true, client: true })
    this.lookAgain(name, 0)
  }

  /** Schedules the next lookup of a topic, after `looks` earlier ones. */
  private lookAgain(name: string, looks: number): void {
    const span = furtherLooks[looks]
    if (!span) return
    const chance = this.environment.random(4).readUInt32LE() / 2 ** 32
    this.lookAfter(name, span.least + (span.most - span.least) * chance, looks + 1)
  }

  private lookAfter(name: string, delay: number, looks: number): void {
    this.clear(name)
    const look = () => {
      this.look(fromHex(name))
      this.lookAgain(name, looks)
    }
    this.looks.set(name, this.environment.clock.set(delay, look))
  }

  private clear(name: string): void {
    const timer = this.looks.get(name)
    if (timer) this.environment.clock.clear(timer)
  }
}
