import type { Environment, Timer } from '../base/environment'

/** With nobody connected, search again after so many ms; grows twofold. */
const searchDelay = { least: 8_000, most: 300_000 }
/** Maximum while no node of the DHT is known, which costs nobody anything, in ms. */
const maxWithoutNodes = 30_000

/** Dependencies of `Reconnect`. */
export interface ReconnectOptions {
  readonly environment: Environment
  /** How many nodes of the DHT are known. */
  readonly nodes: () => number
  /** True if somebody is searched for and nobody is connected. */
  readonly isAlone: () => boolean
  /** Announces and looks up all topics again. */
  readonly search: () => void
  /** Replaces a node that knows no other. */
  readonly replaceNode: () => void
}

/**
 * Searches again with growing delays while no peer is connected, since others may have been out of reach
 * before. Replaces a node that lost all others.
 */
export class Reconnect {
  private readonly options: ReconnectOptions
  private delay = searchDelay.least
  private timer: Timer | null = null

  constructor(options: ReconnectOptions) {
    this.options = options
  }

  /** A node was started: searches soon. */
  start(): void {
    this.schedule(searchDelay.least)
  }

  /** A replaced node was started: goes on with the delay that there was. */
  resume(): void {
    this.schedule(this.delay)
  }

  /** A peer has connected: the next search comes soon after it is lost. */
  connected(): void {
    this.delay = searchDelay.least
  }

  /** The network is in another state, of which earlier failures say nothing: searches soon. */
  restart(): void {
    this.delay = searchDelay.least
    this.schedule(this.delay)
  }

  /** Cancels the next search. */
  stop(): void {
    if (this.timer) this.options.environment.clock.clear(this.timer)
    this.timer = null
  }

  private schedule(delay: number): void {
    const { environment } = this.options
    this.stop()
    const chance = environment.random(4).readUInt32LE() / 2 ** 32
    this.timer = environment.clock.set(delay * (0.75 + 0.5 * chance), () => this.searchAgain())
  }

  private searchAgain(): void {
    const { nodes, isAlone, search, replaceNode } = this.options
    this.delay = Math.min(this.delay * 2, nodes() === 0 ? maxWithoutNodes : searchDelay.most)
    this.schedule(this.delay)
    if (!isAlone()) return
    if (nodes() === 0) replaceNode()
    else search()
  }
}
