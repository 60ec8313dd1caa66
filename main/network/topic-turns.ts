import { type TopicBudget, times } from './topic-budget'

const minute = 60_000
/** Longest interval between turns: the shortest one doubled so many times. */
const doublings = 12
/** Weight of one more measured task. */
const weight = 0.1

/** Calculates how often topics that are not kept are announced and looked up. Rules N23, N24. */
export class TopicTurns {
  private readonly budget: TopicBudget
  /** Packets of a lookup, and of an announcement with the lookup before it; measured as they happen. */
  private readonly cost = { look: 50, announce: 90 }
  private size = { kept: 0, rest: 0 }

  constructor(budget: TopicBudget) {
    this.budget = budget
  }

  /** Sets the number of topics that are kept, and of the rest. */
  plan(size: { kept: number; rest: number }): void {
    this.size = size
  }

  /** Learns from the packets that a task took. */
  learn({ announced, packets }: { announced: boolean; packets: number }): void {
    const kind = announced ? 'announce' : 'look'
    this.cost[kind] += weight * (packets - this.cost[kind])
  }

  /** Interval between announcements of a topic of the rest, in ms. */
  get interval(): number {
    const needed = (this.size.rest * times.record) / this.budget.inTurn
    const doubled = Math.ceil(Math.log2(needed / times.shortest))
    return times.shortest * 2 ** Math.min(doublings, Math.max(0, doubled))
  }

  /** Packets a minute that may be spent now. */
  get packets(): number {
    return this.longestLook(this.budget.usual) > times.look.most ? this.budget.most : this.budget.usual
  }

  /** Interval between lookups of a topic of the rest, in ms. */
  get lookInterval(): number {
    const usual = this.longestLook(this.budget.usual)
    if (usual <= times.look.most) return Math.max(times.look.least, usual)
    return Math.max(times.look.most, this.longestLook(this.budget.most))
  }

  /**
   * Returns the time of a topic's next turn after `now`, in ms since the Unix epoch. All who have the topic calculate
   * the same times, so that each is there while the others are; one with a longer interval leaves some out.
   */
  nextSlot(name: string, now: number): number {
    const longest = times.shortest * 2 ** doublings
    const phase = (Number.parseInt(name.slice(0, 8), 16) / 2 ** 32) * longest
    const { interval } = this
    return phase + Math.ceil((now + 1 - phase) / interval) * interval
  }

  /** Interval at which a number of packets a minute pays for looking up all of the rest. */
  private longestLook(packets: number): number {
    const { kept, rest } = this.size
    const { look, announce } = this.cost
    const upkeep = announce * ((kept * minute) / times.refresh + (rest * minute) / this.interval)
    return ((rest * look) / Math.max(1, packets - upkeep)) * minute
  }
}
