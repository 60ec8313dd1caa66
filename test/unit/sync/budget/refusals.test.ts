import { describe, expect, it } from 'vitest'
import { Refusals } from '../../../../main/sync/budget/refusals'
import { ManualClock } from '../../../support/manual-clock'

describe('refusals', () => {
  it('W41 end by themselves and are bounded', async () => {
    const clock = new ManualClock()
    const refusals = new Refusals(clock)
    const key = (n: number) => Buffer.from(String(n).padStart(32, '0'))
    for (let n = 0; n < 5_000; n++) refusals.add(key(n))
    expect(refusals.includes(key(4_999))).toBe(true)
    expect(refusals.includes(key(0))).toBe(false)
    await clock.advance(600_000)
    expect(refusals.includes(key(4_999))).toBe(false)
  })
})
