import { describe, expect, it } from 'vitest'
import { ByteBudget } from '../../../main/network/byte-budget'

const budget = () => new ByteBudget({ bytesPerSecond: 1_000, burst: 500, patience: 200 })

describe('a budget of bytes (N13)', () => {
  it('lets a burst pass at once, then spreads what comes, and drops what would wait too long', () => {
    const bytes = budget()
    expect(bytes.admit(500, 0)).toBe(0)
    expect(bytes.admit(100, 0)).toBe(100)
    expect(bytes.admit(100, 0)).toBe(200)
    expect(bytes.admit(1, 0)).toBeNull()
    // A dropped packet consumes no budget.
    expect(bytes.admit(100, 100)).toBe(200)
  })

  it('never passes more than the rate and one burst, however the packets come', () => {
    const bytes = budget()
    let passed = 0
    for (let now = 0; now < 10_000; now += 7) if (bytes.admit(120, now) !== null) passed += 120
    expect(passed).toBeGreaterThan(9_500)
    expect(passed).toBeLessThanOrEqual(10_000 + 500 + 200)
  })

  it('passes nothing without a rate', () => {
    expect(new ByteBudget({ bytesPerSecond: 0, burst: 0, patience: 200 }).admit(1, 0)).toBeNull()
  })
})
