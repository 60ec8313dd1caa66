import { describe, expect, it } from 'vitest'
import { within } from '../../../main/base/timeout'
import { ManualClock, quiet } from '../../support/manual-clock'

describe('within', () => {
  it('resolves to true for work that is done in time, and clears its timer', async () => {
    const clock = new ManualClock()
    expect(await within(clock, 100, Promise.resolve('done'))).toBe(true)
    await quiet()
    expect(clock.nextIn).toBeNull()
  })

  it('resolves to false for work that is late, whatever becomes of it', async () => {
    const clock = new ManualClock()
    let fail: (error: Error) => void = () => undefined
    const result = within(clock, 100, new Promise((_, reject) => (fail = reject)))
    await clock.advance(100)
    expect(await result).toBe(false)
    fail(new Error('too late'))
    await quiet()
  })

  it('rejects as the work does', async () => {
    await expect(within(new ManualClock(), 100, Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
})
