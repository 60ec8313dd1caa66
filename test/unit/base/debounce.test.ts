import { beforeEach, describe, expect, it } from 'vitest'
import { Debounce } from '../../../main/base/debounce'
import { ManualClock } from '../../support/manual-clock'

let clock: ManualClock
let runs: number[]
let debounce: Debounce

beforeEach(() => {
  clock = new ManualClock()
  runs = []
  const began = clock.now()
  debounce = new Debounce(clock, () => runs.push(clock.now() - began))
})

describe('Debounce', () => {
  it('runs once for several signals, at the time that the most urgent one set', async () => {
    debounce.signal(100)
    await clock.advance(60)
    debounce.signal(100)
    debounce.signal(50)
    await clock.advance(1_000)
    expect(runs).toEqual([100])
    debounce.signal(1_000)
    await clock.advance(40)
    debounce.signal(10)
    debounce.signal(20)
    await clock.advance(2_000)
    expect(runs).toEqual([100, 1_110])
  })

  it('runs again for a signal that comes after a run', async () => {
    debounce.signal(100)
    await clock.advance(100)
    debounce.signal(100)
    await clock.advance(100)
    expect(runs).toEqual([100, 200])
  })

  it('runs at once when it is flushed, and only if a run is due', async () => {
    debounce.flush()
    expect(runs).toEqual([])
    debounce.signal(100)
    expect(debounce.isPending).toBe(true)
    debounce.flush()
    expect(debounce.isPending).toBe(false)
    await clock.advance(1_000)
    expect(runs).toEqual([0])
  })

  it('drops a run that is cancelled', async () => {
    debounce.signal(100)
    debounce.cancel()
    await clock.advance(1_000)
    expect(runs).toEqual([])
  })

  it('can be signalled by its own run', async () => {
    const again: Debounce = new Debounce(clock, () => {
      if (runs.push(0) < 3) again.signal(100)
    })
    again.signal(100)
    await clock.advance(1_000)
    expect(runs).toHaveLength(3)
  })
})
