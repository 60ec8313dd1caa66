import { describe, expect, it } from 'vitest'
import { personBudget, times } from '../../../main/network/topic-budget'
import { type TopicInterest, TopicSchedule } from '../../../main/network/topic-schedule'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const minute = 60_000
const topic = 'ab'.repeat(32)
const interests: Record<'first' | 'idle', TopicInterest> = {
  first: { open: false, unheld: false, changedAt: 1 },
  idle: { open: false, unheld: false, changedAt: 0 },
}

/** Announcements of the topic as a DHT has them: the side's name, and when its record ends. */
class Records {
  private readonly ends = new Map<string, number>()

  constructor(private readonly clock: ManualClock) {}

  add(name: string, life: number = times.record): void {
    this.ends.set(name, this.clock.now() + life)
  }

  get found(): string[] {
    return [...this.ends].flatMap(([name, end]) => (end > this.clock.now() ? [name] : []))
  }
}

/** A side that has the topic, beside `others` that come before it where it is idle. */
class Side {
  /** Sides that it is connected to, and that proved that they share the topic. */
  readonly met = new Set<string>()
  readonly found = new Set<string>()
  private readonly schedule: TopicSchedule

  constructor(
    readonly name: string,
    clock: ManualClock,
    seed: number,
    others: number,
  ) {
    const random = randomFrom(seed)
    const chance = () => random.below(2 ** 30) / 2 ** 30
    this.schedule = new TopicSchedule({ budget: personBudget, clock, chance })
    for (let other = 0; other < others; other++)
      this.schedule.prefer(
        randomFrom(seed * 1_000 + other)
          .bytes(32)
          .toString('hex'),
        interests.first,
      )
    this.schedule.prefer(topic, interests.idle)
  }

  meet(name: string): void {
    if (name !== this.name) this.met.add(name)
    this.schedule.setMet(topic, this.met.size)
  }

  work(records: Records): void {
    for (let task = this.schedule.next(); typeof task !== 'number'; task = this.schedule.next()) {
      this.schedule.begin(task)
      const isOurs = task.topic === topic
      const found = isOurs ? records.found : []
      for (const name of found) this.found.add(name)
      const counted = found.filter((name) => this.met.has(name)).length
      const announced = task.kind === 'turn' && (task.must || counted < 3)
      if (announced && isOurs) records.add(this.name)
      this.schedule.end(task, { counted, announced, packets: announced ? 90 : 50 })
    }
  }
}

/**
 * Lets two groups live for `apart` ms on DHTs of their own, each with silent claimants that everybody counts, then
 * on one. Returns the ms until somebody finds a side of the other group; Infinity for more than `limit`.
 */
function untilMet(options: {
  seed: number
  size: number
  claimants?: number
  others?: number
  apart: number
  limit: number
}): number {
  const { seed, size, claimants = 0, others = 0, apart, limit } = options
  const clock = new ManualClock()
  clock.jump(randomFrom(seed).below(1_000 * 60) * minute)
  const silent = Array.from({ length: claimants }, (_, index) => `silent ${index}`)
  const groups = ['a', 'b'].map((letter, which) => {
    const records = new Records(clock)
    for (const name of silent) records.add(name, Number.POSITIVE_INFINITY)
    const sides = Array.from(
      { length: size },
      (_, index) => new Side(`${letter}${index}`, clock, seed * 100 + which * 50 + index, others),
    )
    for (const side of sides) for (const name of [...silent, ...sides.map((one) => one.name)]) side.meet(name)
    return { letter, records, sides }
  })
  for (let at = 0; at < apart; at += minute) {
    clock.jump(minute)
    for (const { sides, records } of groups) for (const side of sides) side.work(records)
  }
  const joined = new Records(clock)
  for (const name of silent) joined.add(name, Number.POSITIVE_INFINITY)
  for (let at = 0; at < limit; at += minute) {
    clock.jump(minute)
    for (const { sides } of groups) for (const side of sides) side.work(joined)
    const isMet = groups.some(({ sides, letter }) =>
      sides.some(({ found }) => [...found].some((name) => /^[ab]/.test(name) && name[0] !== letter)),
    )
    if (isMet) return at + minute
  }
  return Number.POSITIVE_INFINITY
}

describe('two groups that do not know each other', () => {
  it('meet within 20 minutes over a document that both keep announced, of any size (N22)', () => {
    for (let seed = 1; seed <= 12; seed++)
      for (const size of [1, 2, 4, 12])
        expect(untilMet({ seed, size, apart: 90 * minute, limit: 60 * minute })).toBeLessThanOrEqual(
          20 * minute,
        )
  })

  it('meet in its turn over a document that comes after many others (N23)', () => {
    for (let seed = 1; seed <= 3; seed++)
      expect(
        untilMet({ seed, size: 2, others: 200, apart: 60 * minute, limit: 200 * minute }),
      ).toBeLessThanOrEqual(100 * minute)
  })
})

describe('three that hold a keep link, announce, prove it and never answer', () => {
  it('do not keep two others from meeting (N22)', () => {
    const spans = Array.from({ length: 40 }, (_, seed) =>
      untilMet({ seed: seed + 1, size: 1, claimants: 3, apart: 100 * minute, limit: 24 * 60 * minute }),
    ).sort((a, b) => a - b)
    expect(spans.at(20)).toBeLessThanOrEqual(60 * minute)
    expect(spans.at(-1)).toBeLessThanOrEqual(8 * 60 * minute)
  })
})
