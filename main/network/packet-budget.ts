import type { Clock } from '../base/environment'

const minute = 60_000
/** Span over which the packets are averaged, in minutes. */
const remembered = 10

/** Dependencies of `PacketBudget`. */
export interface PacketBudgetOptions {
  readonly clock: Clock
  /** Returns the packets that were sent and received so far; never less than before. */
  readonly count: () => number
  /** Returns the packets a minute that may be spent now. */
  readonly rate: () => number
}

/**
 * Limits packets to a rate that may change, with a burst of two minutes after a rest. A token bucket that is charged
 * with packets once they are counted: those of a task are not known before it. It owes at most the packets of one minute.
 */
export class PacketBudget {
  private readonly options: PacketBudgetOptions
  private readonly began: number
  /** Packets by the minute in which they were counted, the newest last. */
  private readonly minutes: { readonly at: number; packets: number }[] = []
  private counted: number
  private left: number
  private at: number

  constructor(options: PacketBudgetOptions) {
    this.options = options
    this.counted = options.count()
    this.at = options.clock.uptime()
    this.began = this.at
    this.left = 2 * options.rate()
  }

  /** Ms until packets may be spent; 0 for now. */
  get wait(): number {
    this.charge()
    return this.left > 0 ? 0 : ((1 - this.left) / this.options.rate()) * minute
  }

  /** Packets a minute, averaged over the last 10 minutes. */
  get perMinute(): number {
    this.charge()
    const sum = this.minutes.reduce((total, { packets }) => total + packets, 0)
    const first = this.minutes[0]?.at ?? this.at
    return (sum / Math.max(minute, this.at - Math.max(first, this.began))) * minute
  }

  private charge(): void {
    const { clock, count, rate } = this.options
    const now = clock.uptime()
    const packets = count() - this.counted
    this.counted += packets
    const perMinute = rate()
    const saved = Math.min(2 * perMinute, this.left + ((now - this.at) / minute) * perMinute)
    this.left = Math.max(-perMinute, saved - packets)
    this.at = now
    const start = Math.floor(now / minute) * minute
    const last = this.minutes.at(-1)
    if (last?.at === start) last.packets += packets
    else this.minutes.push({ at: start, packets })
    while ((this.minutes[0]?.at ?? now) <= now - remembered * minute) this.minutes.shift()
  }
}
