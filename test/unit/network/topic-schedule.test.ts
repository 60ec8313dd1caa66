import { describe, expect, it } from 'vitest'
import { keeperBudget, personBudget, type TopicBudget } from '../../../main/network/topic-budget'
import {
  type TopicInterest,
  TopicSchedule,
  type TopicTask,
  waited,
} from '../../../main/network/topic-schedule'
import { TopicTurns } from '../../../main/network/topic-turns'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const minute = 60_000
const hour = 60 * minute
const idle: TopicInterest = { open: false, unheld: false, changedAt: 0 }
/** Packets of a lookup alone, and with an announcement. */
const cost = { look: 50, announce: 90 }

/** A clock whose time of day is another one than its uptime tells. */
class ShiftedClock extends ManualClock {
  shift = 0

  override now(): number {
    return super.now() + this.shift
  }
}

interface Done extends TopicTask {
  /** In ms since the beginning. */
  readonly at: number
  readonly announced: boolean
}

/** A side with a schedule; all who share a `clock` live in the same time. */
function side(options: { budget?: TopicBudget; seed?: number; clock?: ManualClock } = {}) {
  const { budget = personBudget, seed = 1, clock = new ManualClock() } = options
  const random = randomFrom(seed)
  const schedule = new TopicSchedule({ budget, clock, chance: () => random.below(2 ** 30) / 2 ** 30 })
  const begun = clock.uptime()
  const done: Done[] = []
  /** Does all that is due; `counted` announcements are found of each topic. */
  const work = (counted = 0): void => {
    for (let task = schedule.next(); typeof task !== 'number'; task = schedule.next()) {
      const announced = task.kind === 'turn' && (task.must || counted < 3)
      schedule.begin(task)
      schedule.end(task, { counted, announced, packets: announced ? cost.announce : cost.look })
      done.push({ ...task, at: clock.uptime() - begun, announced })
    }
  }
  /** Lets `span` ms pass, in steps. */
  const pass = (span: number, counted = 0, step = 15_000): void => {
    for (let left = span; left > 0; left -= step) {
      clock.jump(Math.min(step, left))
      work(counted)
    }
  }
  return { schedule, clock, done, work, pass }
}

const nameOf = (index: number): string =>
  randomFrom(index + 1)
    .bytes(32)
    .toString('hex')
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => nameOf(index))
const gaps = (times: readonly number[]): number[] =>
  times.slice(1).map((at, index) => at - (times[index] ?? 0))

describe('few topics', () => {
  it('are announced at once and every 18 minutes, before their record of 20 minutes ends (N21)', () => {
    const { schedule, done, work, pass } = side()
    for (const name of names(20)) schedule.prefer(name, idle)
    work()
    expect(done.filter(({ announced }) => announced).length).toBe(20)
    pass(5 * hour)
    for (const name of names(20)) {
      const turns = done.filter(({ topic, announced }) => topic === name && announced).map(({ at }) => at)
      expect(turns.length).toBeGreaterThan(15)
      for (const gap of gaps(turns)) {
        expect(gap).toBeGreaterThan(16 * minute)
        expect(gap).toBeLessThanOrEqual(18.5 * minute)
      }
    }
    expect(schedule.documents).toEqual({ all: 20, announced: 20 })
  })

  it('are looked up three times more after they were joined or lost their last peer, not while one is met (N21)', () => {
    const { schedule, done, work, pass, clock } = side()
    const [name = ''] = names(1)
    schedule.prefer(name, idle)
    work()
    clock.jump(5_000)
    work()
    pass(6 * minute)
    expect(done.map(({ kind }) => kind)).toEqual(['turn', 'look', 'look', 'look'])
    schedule.setMet(name, 1)
    pass(5 * minute)
    expect(done.length).toBe(4)
    schedule.setMet(name, 0)
    clock.jump(5_000)
    work()
    expect(done.length).toBe(5)
  })
})

describe('many topics', () => {
  it('that are open come first and at once, then those that nobody else holds, then those changed last (N20)', () => {
    const { schedule, done, work } = side()
    const all = names(300)
    for (const [index, name] of all.entries()) schedule.prefer(name, { ...idle, changedAt: index })
    const [first = '', second = '', third = ''] = all
    schedule.prefer(third, waited)
    schedule.prefer(second, { ...idle, unheld: true })
    schedule.prefer(first, { ...idle, open: true })
    work()
    const turns = done.filter(({ kind }) => kind === 'turn')
    expect(turns.slice(0, 2).map(({ topic, isUrgent }) => [topic, isUrgent])).toEqual([
      [third, true],
      [first, true],
    ])
    expect(turns.slice(2, 5).map(({ topic }) => topic)).toEqual([second, all.at(-1), all.at(-2)])
    expect(new Set(turns.map(({ topic }) => topic)).size).toBeLessThanOrEqual(52)
  })

  it('of the rest have turns, so that at most about 100 are announced at a time (N23)', () => {
    for (const count of [101, 340, 800]) {
      const { schedule, work, pass } = side()
      for (const name of names(count)) schedule.prefer(name, idle)
      for (const name of names(count)) schedule.setMet(name, 1)
      work()
      for (let round = 0; round < 12; round++) {
        pass(7 * minute, 0, 3 * minute)
        expect(schedule.documents.announced).toBeLessThanOrEqual(130)
      }
      expect(schedule.documents.announced).toBeGreaterThan(50)
    }
  })

  it('are all looked up every 30 minutes while the budget allows it (N24)', () => {
    const { schedule, done, pass } = side()
    for (const name of names(340)) schedule.prefer(name, idle)
    pass(30 * minute)
    done.length = 0
    pass(31 * minute)
    expect(new Set(done.map(({ topic }) => topic)).size).toBe(340)
    const packets = done.reduce((sum, { announced }) => sum + (announced ? cost.announce : cost.look), 0)
    expect(packets / 31).toBeLessThan(1_000)
  })

  it.each([
    [60, 30, 1_000],
    [1_000, 90, 1_000],
    [6_000, 360, 2_200],
    [10_000, 360, 2_200],
    [30_000, 1_440, 2_200],
  ])(
    'of which there are %i are looked up every %i minutes at most, for %i packets a minute (N24)',
    (count, minutes, most) => {
      const turns = new TopicTurns(personBudget)
      turns.plan({ kept: 50, rest: count - 50 })
      expect(turns.packets).toBe(most)
      expect(turns.lookInterval).toBeLessThanOrEqual(minutes * minute)
      const lookUps = ((count - 50) * cost.look * minute) / turns.lookInterval
      const announcements =
        (50 * cost.announce) / 18 + ((count - 50) * cost.announce * minute) / turns.interval
      expect(lookUps + announcements).toBeLessThanOrEqual(most + 1)
    },
  )

  it('are announced by two sides at the same time, however many others each has (N23)', () => {
    const clock = new ManualClock()
    clock.jump(randomFrom(7).below(100 * hour))
    const shared = names(80).slice(60)
    const [few, many] = [side({ clock, seed: 2 }), side({ clock, seed: 3 })]
    const others = (from: number, count: number) => names(from + count).slice(from)
    for (const name of [...shared, ...others(100, 120)]) few.schedule.prefer(name, idle)
    for (const name of [...shared, ...others(500, 320)]) many.schedule.prefer(name, idle)
    // The others changed later, so that none of the shared ones is kept.
    for (const name of others(100, 60)) few.schedule.prefer(name, { ...idle, changedAt: 1 })
    for (const name of others(500, 60)) many.schedule.prefer(name, { ...idle, changedAt: 1 })
    // They are looked up by nobody else, since peers are met by all of them.
    for (const { schedule } of [few, many]) for (const name of names(820)) schedule.setMet(name, 1)
    for (let left = 0; left < 7 * hour; left += 2 * minute) {
      clock.jump(2 * minute)
      few.work()
      many.work()
    }
    const turnsOf = ({ done }: { done: readonly Done[] }, name: string) =>
      done.filter(({ topic, announced }) => topic === name && announced).map(({ at }) => at)
    for (const name of shared) {
      const [a, b] = [turnsOf(few, name), turnsOf(many, name)]
      expect(b.length).toBeGreaterThan(0)
      // Each of the side with more is met by one of the other's: the later of both finds the earlier.
      for (const at of b)
        expect(Math.min(...a.map((other) => Math.abs(other - at)))).toBeLessThan(15 * minute)
    }
  })

  it('that are more than a budget allows are passed over for no others that changed later (N25)', () => {
    const { schedule, clock } = side({ budget: keeperBudget })
    const all = names(100)
    for (const [index, name] of all.entries()) schedule.prefer(name, { ...idle, changedAt: index })
    const turns = new Set<string>()
    // One task in 30 s: less than all need.
    for (let step = 0; step < 110; step++) {
      const task = schedule.next()
      if (typeof task === 'number') throw new Error('all have had their turn')
      schedule.begin(task)
      schedule.end(task, { counted: 0, announced: task.kind === 'turn', packets: cost.announce })
      if (task.kind === 'turn') turns.add(task.topic)
      clock.jump(30_000)
    }
    expect(turns.size).toBe(100)
  })

  it('of a keeper are all announced, whatever others do (N25)', () => {
    const { schedule, done, work, pass } = side({ budget: keeperBudget })
    for (const name of names(400)) schedule.prefer(name, idle)
    work(5)
    pass(60 * minute, 5)
    expect(schedule.documents).toEqual({ all: 400, announced: 400 })
    expect(done.filter(({ announced }) => announced).length).toBeGreaterThan(1_200)
  })
})

describe('no topic is left out', () => {
  it('of a keeper with more than its budget allows, also where all are renewed again and again (N25)', () => {
    const { schedule, clock } = side({ budget: keeperBudget })
    const all = names(100)
    for (const [index, name] of all.entries()) schedule.prefer(name, { ...idle, changedAt: index })
    const turns = new Set<string>()
    for (let step = 0; step < 130; step++) {
      // The network changes every 20 minutes, in which 40 of the 100 have their turn.
      if (step % 40 === 39) schedule.renew('kept')
      const task = schedule.next()
      if (typeof task === 'number') throw new Error('all have had their turn')
      schedule.begin(task)
      schedule.end(task, { counted: 0, announced: task.kind === 'turn', packets: cost.announce })
      if (task.kind === 'turn') turns.add(task.topic)
      clock.jump(30_000)
    }
    expect(turns.size).toBe(100)
  })

  it('by people who are connected: together they look the rest up as often as one alone (N24)', () => {
    const looksOf = (met: number) => {
      const { schedule, done, pass } = side()
      for (const name of names(340)) schedule.prefer(name, idle)
      for (const name of names(340)) schedule.setMet(name, met)
      pass(5 * hour, 0, 3 * minute)
      const kept = new Set(done.slice(0, 50).map(({ topic }) => topic))
      const beside = done.filter(({ topic, kind }) => kept.has(topic) && kind === 'look')
      return { rest: done.filter(({ topic }) => !kept.has(topic)).length, beside: beside.length }
    }
    const [alone, pair, crowd] = [looksOf(0), looksOf(1), looksOf(40)]
    expect(pair.rest / alone.rest).toBeGreaterThan(0.4)
    expect(pair.rest / alone.rest).toBeLessThan(0.65)
    expect(crowd.rest / alone.rest).toBeGreaterThan(0.2)
    expect(crowd.rest / alone.rest).toBeLessThan(0.4)
    // Those that are kept have none beside their turns.
    expect([alone.beside > 0, pair.beside, crowd.beside]).toEqual([true, 0, 0])
  })

  it.each([-30 * 24 * hour - 40 * minute, 10 * hour + 7 * minute])(
    'after the clock was moved by %d ms: the rest have the turns of the new time (N23)',
    (moved) => {
      const clock = new ShiftedClock()
      const start = clock.uptime()
      const ada = side({ clock, seed: 2 })
      for (const name of names(200)) ada.schedule.prefer(name, idle)
      ada.work()
      clock.shift = moved
      ada.done.length = 0
      const [before, began] = [clock.now(), clock.uptime() - start]
      ada.pass(90 * minute, 0, minute)
      const turns = new TopicTurns(personBudget)
      turns.plan({ kept: 50, rest: 150 })
      const kept = new Set(names(200).slice(0, 50))
      let checked = 0
      for (const { topic, announced, at } of ada.done) {
        if (!announced || kept.has(topic)) continue
        const slot = turns.nextSlot(topic, before - 1)
        expect(at - began).toBeGreaterThanOrEqual(slot - before)
        expect(at - began).toBeLessThan(slot - before + 10 * minute)
        checked++
      }
      expect(checked).toBeGreaterThan(130)
    },
  )

  it('after the computer slept: records have expired meanwhile, so what is kept is announced at once (N21)', () => {
    const clock = new ShiftedClock()
    const { schedule, done, work } = side({ clock })
    for (const name of names(20)) schedule.prefer(name, idle)
    work()
    clock.shift = 8 * hour
    done.length = 0
    work()
    expect(done.filter(({ announced }) => announced).length).toBe(20)
  })
})

describe('a topic that three others announce', () => {
  const announcedOf = (done: readonly Done[]) => done.filter(({ announced }) => announced).length
  const turnsOf = (done: readonly Done[]) => done.filter(({ kind }) => kind === 'turn').length

  it('is not announced, but now and then all the same, since they may be silent (N22)', () => {
    const { schedule, done, pass } = side()
    const [name = ''] = names(1)
    schedule.prefer(name, idle)
    schedule.setMet(name, 3)
    pass(200 * hour, 3)
    const share = announcedOf(done) / turnsOf(done)
    expect(share).toBeGreaterThan(0.15)
    expect(share).toBeLessThan(0.35)
  })

  it('is announced where only two do, where nobody else holds what changed, and when it is opened (N22)', () => {
    for (const [counted, interest] of [
      [2, idle],
      [3, { ...idle, unheld: true }],
    ] as const) {
      const { schedule, done, pass } = side()
      const [name = ''] = names(1)
      schedule.prefer(name, interest)
      pass(10 * hour, counted)
      expect(announcedOf(done)).toBe(turnsOf(done))
    }
    const { schedule, done, work, pass } = side()
    const [name = ''] = names(1)
    schedule.prefer(name, idle)
    schedule.setMet(name, 40)
    pass(2 * hour, 40)
    expect(announcedOf(done)).toBeLessThan(turnsOf(done))
    done.length = 0
    schedule.prefer(name, { ...idle, open: true })
    work(40)
    expect(announcedOf(done)).toBe(1)
  })
})

it('a task without an answer is tried again a minute later, and all begins again on another node', () => {
  const { schedule, done, work, pass } = side()
  const [name = ''] = names(1)
  schedule.prefer(name, idle)
  const task = schedule.next()
  if (typeof task === 'number') throw new Error('nothing is due')
  schedule.begin(task)
  expect(schedule.next()).toBe(Number.POSITIVE_INFINITY)
  schedule.end(task, null)
  pass(2 * minute)
  expect(done.filter(({ announced }) => announced).length).toBe(1)
  schedule.reset()
  expect(schedule.documents.announced).toBe(0)
  work()
  expect(schedule.documents.announced).toBe(1)
})
