import { beforeEach, describe, expect, it } from 'vitest'
import { GatheringWindow } from '../../../main/document/gathering-window'
import { ManualClock } from '../../support/manual-clock'

let clock: ManualClock
let closed: number[]
let company: boolean
let gathering: GatheringWindow
let start: number
beforeEach(() => {
  clock = new ManualClock()
  closed = []
  company = true
  start = clock.now()
  gathering = new GatheringWindow({
    clock,
    close: () => closed.push(clock.now() - start),
    hasCompany: () => company,
  })
})

/** Types a key every `gap` ms, `count` times. */
async function type(count: number, gap: number): Promise<void> {
  for (let key = 0; key < count; key++) {
    gathering.edited()
    await clock.advance(gap)
  }
}

describe('typing', () => {
  it('with company goes on at once after a pause, then every 50 to 100 ms', async () => {
    await type(20, 10)
    expect(closed[0]).toBe(0)
    const gaps = closed.slice(1).map((at, index) => at - (closed[index] ?? 0))
    expect(gaps.length).toBeGreaterThan(0)
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(50)
      expect(gap).toBeLessThanOrEqual(100)
    }
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
