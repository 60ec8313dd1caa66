import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../../main/base/environment'
import {
  connectionBurst,
  connectionRate,
  WorkBudget,
  type WorkShare,
  wholeBurst,
  wholeRate,
} from '../../../../main/sync/budget/work-budget'
import { ManualClock, quiet } from '../../../support/manual-clock'
import { Mallory } from '../mallory'
import { World } from '../world'

/** A clock on which work takes as long as a test says, and whose date may jump meanwhile. */
class WorkClock {
  time = 0
  date = 0
  private timers: { at: number; run: () => void }[] = []
  readonly clock: Clock = {
    now: () => this.date,
    uptime: () => this.time,
    set: (delay, run) => {
      const timer = { at: this.time + delay, run }
      this.timers.push(timer)
      return timer
    },
    clear: (timer) => {
      this.timers = this.timers.filter((other) => other !== timer)
    },
  }

  /** Lets a share work in pieces whenever it may, as a peer does that always has more, until `until`. */
  keepBusy(shares: readonly WorkShare[], piece: number, until: number): number[] {
    const spent = shares.map(() => 0)
    const free = shares.map(() => this.time)
    while (this.time < until) {
      const index = free.indexOf(Math.min(...free))
      const share = shares[index]
      if (!share) throw new Error('no share')
      this.time = Math.max(this.time, free[index] ?? 0)
      const rest = share.run(() => {
        this.time += piece
      })
      spent[index] = (spent[index] ?? 0) + piece
      free[index] = this.time + rest
    }
    return spent
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

describe('the time for what arrives (rule W18)', () => {
  it('is for one connection half of a core in the long run, and some seconds at once', () => {
    const clock = new WorkClock()
    const share = new WorkBudget(clock.clock).share()
    const [spent = 0] = clock.keepBusy([share], 10, 100_000)
    expect(spent).toBeGreaterThan(0.95 * connectionRate * 100_000)
    expect(spent).toBeLessThan(connectionRate * 100_000 + connectionBurst + 100)
    expect(share.run(() => undefined)).toBeGreaterThan(0)
  })

  it('is for all together six tenths of a core, in equal parts for those who always have more', () => {
    const clock = new WorkClock()
    const budget = new WorkBudget(clock.clock)
    const shares = Array.from({ length: 20 }, () => budget.share())
    const spent = clock.keepBusy(shares, 5, 200_000)
    expect(sum(spent)).toBeLessThan(wholeRate * 200_000 + wholeBurst + 20 * 105)
    expect(sum(spent)).toBeGreaterThan(0.9 * wholeRate * 200_000)
    expect(Math.max(...spent)).toBeLessThan(1.5 * Math.min(...spent))
  })

  it('is left for a connection that needs little while others use up all, and is not gained by reconnecting', () => {
    const clock = new WorkClock()
    const budget = new WorkBudget(clock.clock)
    const greedy = Array.from({ length: 10 }, () => budget.share())
    const honest = budget.share()
    clock.keepBusy(greedy, 5, 30_000)
    const began = clock.time
    for (let round = 0; round < 100; round++) {
      clock.keepBusy(greedy, 5, began + round * 200)
      // Some keys a second: about a ms of work each.
      expect(honest.run(() => void clock.time++)).toBe(0)
    }
    const newcomer = budget.share()
    expect(newcomer.run(() => void clock.time++)).toBeGreaterThan(0)
  })

  it('does not depend on the date', () => {
    const clock = new WorkClock()
    const share = new WorkBudget(clock.clock).share()
    clock.date = 1e12
    share.run(() => {
      clock.date = 0
      clock.time += 10
    })
    expect(share.run(() => undefined)).toBe(0)
  })

  it('counts work that throws, and resumes no connection that is gone', async () => {
    const clock = new ManualClock()
    let time = 0
    const share = new WorkBudget({
      now: () => clock.now(),
      uptime: () => time,
      set: (delay, run) => clock.set(delay, run),
      clear: (timer) => clock.clear(timer),
    }).share()
    expect(() =>
      share.run(() => {
        time += 10_000
        throw new Error('broken')
      }),
    ).toThrow('broken')
    expect(share.run(() => undefined)).toBeGreaterThan(0)
    let woken = 0
    share.later(100, () => woken++)
    await clock.advance(100)
    expect(woken).toBe(1)
    share.later(100, () => woken++)
    share.end()
    await clock.advance(1_000)
    expect(woken).toBe(1)
  })
})

describe('a connection that takes too much time (rule W18)', () => {
  it('is not read until that is made up for; nothing is lost, and others go on', async () => {
    const world = new World()
    let cost = 0
    let time = 0
    Object.assign(world.clock, { uptime: () => world.clock.now() + time })
    const ada = await world.site('Ada')
    // To judge a segment takes as long as the test says.
    const accept = ada.log.accept.bind(ada.log)
    ada.log.accept = (...given) => {
      time += cost
      return accept(...given)
    }
    const ben = await world.site('Ben')
    const mallory = new Mallory(ada, world.keys)
    await world.until(() => mallory.all('have').length > 0)
    world.connect(ada, ben)
    await world.until(() => ada.peers.peers.length === 2 && ben.peers.peers.length > 0)
    const session = ada.newSession(world.keys)
    const segments = Array.from({ length: 40 }, () =>
      session.seal([{ bytes: world.random.bytes(50), hash: world.random.bytes(32) }]),
    )
    cost = 1_000
    for (const segment of segments) mallory.segment(segment, session.certificate)
    await quiet(50)
    const taken = () => ada.log.tip(Buffer.from(session.session).toString('hex'))
    const before = taken()
    expect(before).toBeGreaterThan(0)
    expect(before).toBeLessThan(40)
    cost = 0
    await ben.write(3)
    // Segments of two writers wait for a batch.
    await world.within(100, () => [...ada.log.vector.values()].some(({ tip }) => tip === 3), 'Ben is heard')
    expect(taken()).toBe(before)
    await world.within(200_000, () => taken() === 40, 'all of it is taken in the end')
    expect(mallory.closed).toBe(false)
  })
})
