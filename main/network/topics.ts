import type Hyperswarm from 'hyperswarm'
import type { Environment, Timer } from '../base/environment'
import { fromHex, hex } from '../base/hex'

/**
 * Delays of the lookups after an announcement, in ms: a short one, since two peers that join at the same time
 * can miss each other, then longer ones, since peers that could not be dialled a few times are forgotten.
 * Hyperswarm itself looks again after 10 minutes. Far enough apart that a thousand topics make no burst.
 */
const laterLookUps = [
  { least: 2_000, most: 5_000 },
  { least: 20_000, most: 60_000 },
  { least: 90_000, most: 240_000 },
] as const
/** Delay of the lookup after a renewed announcement, in ms. */
const lookUpDelay = 2_000

/** Announces and looks up topics on the current swarm. */
export class Topics {
  private readonly environment: Environment
  /** The timer of the next lookup, by topic in hex; null if none is scheduled. */
  private readonly timers = new Map<string, Timer | null>()
  private swarm: Hyperswarm | null = null

  constructor(environment: Environment) {
    this.environment = environment
  }

  get size(): number {
    return this.timers.size
  }

  /** Adds a topic; returns false if it was there. */
  add(topic: Uint8Array): boolean {
    const name = hex(topic)
    if (this.timers.has(name)) return false
    this.timers.set(name, null)
    this.announce(name)
    return true
  }

  remove(topic: Uint8Array): void {
    const name = hex(topic)
    this.clear(name)
    this.timers.delete(name)
    // An unannouncement that finds no node expires by itself.
    void this.swarm?.leave(topic).catch(() => undefined)
  }

  /** Announces all topics on a new swarm. */
  begin(swarm: Hyperswarm): void {
    this.swarm = swarm
    for (const name of this.timers.keys()) this.announce(name)
  }

  /** Cancels all pending lookups when the swarm is gone. */
  end(): void {
    this.swarm = null
    for (const name of this.timers.keys()) this.clear(name)
  }

  /** Looks up a topic at once. */
  lookUp(topic: Uint8Array): void {
    void this.swarm
      ?.status(topic)
      ?.refresh()
      .catch(() => undefined)
  }

  /** Looks up all topics at once. */
  lookUpAll(): void {
    for (const name of this.timers.keys()) this.lookUp(fromHex(name))
  }

  /** Announces all topics again, then looks them up: in this order, two peers that do the same find each other. */
  announceAgain(): void {
    this.swarm?.server.refresh()
    for (const name of this.timers.keys()) this.schedule(name, lookUpDelay, 1)
  }

  private announce(name: string): void {
    if (!this.swarm) return
    this.swarm.join(fromHex(name), { server: true, client: true })
    this.scheduleNext(name, 0)
  }

  /** Schedules the next lookup of a topic, after `done` earlier ones. */
  private scheduleNext(name: string, done: number): void {
    const span = laterLookUps[done]
    if (!span) return
    const chance = this.environment.random(4).readUInt32LE() / 2 ** 32
    this.schedule(name, span.least + (span.most - span.least) * chance, done + 1)
  }

  private schedule(name: string, delay: number, done: number): void {
    this.clear(name)
    const lookUp = () => {
      this.lookUp(fromHex(name))
      this.scheduleNext(name, done)
    }
    this.timers.set(name, this.environment.clock.set(delay, lookUp))
  }

  private clear(name: string): void {
    const timer = this.timers.get(name)
    if (timer) this.environment.clock.clear(timer)
  }
}
