import { beforeEach, describe, expect, it } from 'vitest'
import { FrameBatch } from '../../../main/base/frame-batch'
import { ManualClock } from '../../support/manual-clock'

let clock: ManualClock
let runs: number[]
let batch: FrameBatch

beforeEach(() => {
  clock = new ManualClock()
  runs = []
  const began = clock.now()
  batch = new FrameBatch(clock, () => runs.push(clock.now() - began))
})

describe('FrameBatch', () => {
  it('runs at once for the first signal after a pause', async () => {
    batch.signal()
    expect(runs).toEqual([0])
    await clock.advance(100)
    batch.signal()
    expect(runs).toEqual([0, 100])
  })

  it('runs once at the end of a frame for all other signals in it', async () => {
    for (let ms = 0; ms < 40; ms++) {
      batch.signal()
      await clock.advance(1)
    }
    await clock.advance(100)
    expect(runs).toEqual([0, 16, 32, 48])
  })

  it('runs at once when it is flushed, only if a run is due, and a frame passes before the next one', async () => {
    batch.flush()
    expect(runs).toEqual([])
    batch.signal()
    await clock.advance(10)
    batch.signal()
    batch.flush()
    expect(runs).toEqual([0, 10])
    batch.signal()
    await clock.advance(100)
    expect(runs).toEqual([0, 10, 26])
  })

  it('serves signals of its own run in the next frame', async () => {
    const again: FrameBatch = new FrameBatch(clock, () => {
      if (runs.push(0) < 3) again.signal()
    })
    again.signal()
    expect(runs).toHaveLength(1)
    await clock.advance(16)
    expect(runs).toHaveLength(2)
    await clock.advance(100)
    expect(runs).toHaveLength(3)
  })

  it('lets a run that took long wait for twenty times as long', async () => {
    let takes = 5
    runs = []
    const slow = new FrameBatch(clock, () => {
      runs.push(clock.now())
      clock.jump(takes)
    })
    const until = clock.now() + 300
    while (clock.now() < until) {
      slow.signal()
      await clock.advance(1)
    }
    const gaps = runs.slice(1).map((at, index) => at - (runs[index] ?? 0))
    expect(new Set(gaps)).toEqual(new Set([100]))
    takes = 0
    await clock.advance(200)
    runs = []
    for (let ms = 0; ms < 40; ms++) {
      slow.signal()
      await clock.advance(1)
    }
    expect((runs[1] ?? 0) - (runs[0] ?? 0)).toBe(16)
  })

  it('waits for a second at most, however long a run took', async () => {
    runs = []
    const slow = new FrameBatch(clock, () => {
      runs.push(clock.now())
      clock.jump(3_000)
    })
    const began = clock.now()
    slow.signal()
    slow.signal()
    await clock.advance(1_000)
    expect(runs).toEqual([began, began + 4_000])
  })

  it('goes on after a run that threw', async () => {
    let fails = true
    const failing = new FrameBatch(clock, () => {
      if (fails) throw new Error('failed')
      runs.push(1)
    })
    expect(() => failing.signal()).toThrow('failed')
    fails = false
    failing.signal()
    await clock.advance(16)
    expect(runs).toEqual([1])
  })

  it('runs no more once it is closed', async () => {
    batch.signal()
    batch.signal()
    batch.close()
    batch.signal()
    batch.flush()
    await clock.advance(100)
    expect(runs).toEqual([0])
  })
})
