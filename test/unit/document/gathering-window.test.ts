import { beforeEach, describe, expect, it } from 'vitest'
import { GatheringWindow } from '../../../main/document/gathering-window'
import { ManualClock } from '../../support/manual-clock'

let clock: ManualClock
let closed: number[]
let company: boolean
let gathering: GatheringWindow
let start: number
/** Time until a change is durable, in ms. */
let takes: number
beforeEach(() => {
  clock = new ManualClock()
  closed = []
  company = true
  takes = 5
  start = clock.now()
  gathering = new GatheringWindow({
    clock,
    close: () => {
      closed.push(clock.now() - start)
      clock.set(takes, () => gathering.saved())
    },
    hasCompany: () => company,
  })
})

/** Types a key every `gap` ms, `count` times, while `others` make a change each. */
async function type(count: number, gap: number, others = 0): Promise<void> {
  const writers = Array.from({ length: others }, (_, number) => `session ${number}`)
  for (let key = 0; key < count; key++) {
    gathering.remoteArrived(writers)
    gathering.edited()
    await clock.advance(gap)
  }
}

/** The gaps between changes that `type` leads to, once the window is steady. */
async function steadyGaps(count: number, gap: number, others = 0): Promise<number[]> {
  await type(count, gap, others)
  const gaps = closed.slice(1).map((at, index) => at - (closed[index] ?? 0))
  return gaps.slice(Math.floor(gaps.length / 2))
}

describe('typing', () => {
  it('with company goes on at once after a pause, then every 25 ms on a fast computer', async () => {
    const gaps = await steadyGaps(200, 5)
    expect(closed[0]).toBe(0)
    expect(new Set(gaps)).toEqual(new Set([25]))
  })

  it('is not gathered where keys are further apart than the window', async () => {
    await type(10, 60)
    expect(closed).toEqual(Array.from({ length: 10 }, (_, key) => key * 60))
  })

  it('is gathered for twice the time that a change takes until it is durable', async () => {
    takes = 40
    for (const gap of await steadyGaps(1_000, 5)) expect(gap).toBeCloseTo(80, -1)
  })

  it('waits for the last change, to be on the disk before the next one is closed', async () => {
    await type(1, 0)
    await clock.advance(1_000)
    closed = []
    takes = 70
    await type(20, 5)
    expect(closed.slice(0, 2).map((at) => at - (closed[0] ?? 0))).toEqual([0, 70])
  })

  it('leaves the others as much time as there are writers, until a second', async () => {
    for (const gap of await steadyGaps(2_000, 5, 9)) expect(gap).toBeCloseTo(100, -1)
    closed = []
    takes = 100
    for (const gap of await steadyGaps(3_000, 5, 9)) expect(gap).toBe(1_000)
  })

  it('is gathered for less when others have stopped for 2 s', async () => {
    await type(500, 5, 9)
    await clock.advance(2_000)
    closed = []
    for (const gap of await steadyGaps(200, 5)) expect(gap).toBe(25)
  })

  it('goes on while the disk takes nothing', async () => {
    takes = 60_000
    await type(500, 5)
    await clock.advance(1_000)
    expect(closed).toEqual([0, 1_000, 2_000, 3_000])
  })

  it('alone is gathered for at most a second', async () => {
    company = false
    await type(200, 10)
    await clock.advance(2_000)
    const gaps = closed.map((at, index) => at - (closed[index - 1] ?? 0))
    expect(closed.length).toBeLessThanOrEqual(4)
    for (const gap of gaps) expect(gap).toBeLessThanOrEqual(1_000)
  })

  it('is closed when flushed, and never when called off', async () => {
    company = false
    gathering.edited()
    gathering.flush()
    expect(closed).toHaveLength(1)
    gathering.edited()
    gathering.cancel()
    await clock.advance(5_000)
    expect(closed).toHaveLength(1)
  })
})
