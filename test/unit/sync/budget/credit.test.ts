import { describe, expect, it } from 'vitest'
import { creditWindow, ReceiveCredit } from '../../../../main/sync/budget/credit'

describe('credit', () => {
  it('W30 is granted again for released bytes, in steps', () => {
    const credit = new ReceiveCredit()
    expect(credit.take(100_000)).toBe(true)
    credit.release(100_000)
    expect(credit.takeGrant()).toBe(0)
    expect(credit.take(50_000)).toBe(true)
    credit.release(50_000)
    expect(credit.takeGrant()).toBe(150_000)
    expect(credit.take(2 * creditWindow)).toBe(true)
    expect(credit.take(1)).toBe(false)
  })
})
