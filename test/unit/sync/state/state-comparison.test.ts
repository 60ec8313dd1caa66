import { describe, expect, it } from 'vitest'
import { encodeHave } from '../../../../main/sync/wire/messages'
import { meetMallory } from '../mallory'

describe('comparisons with a peer', () => {
  it('W24 are repeated every 20 to 40 seconds', async () => {
    const { world, mallory } = await meetMallory()
    const before = mallory.all('have').length
    await world.clock.advance(600_000)
    const count = mallory.all('have').length - before
    expect(count).toBeGreaterThanOrEqual(12)
    expect(count).toBeLessThanOrEqual(30)
  })

  it('W22 without end are answered ten times a second', async () => {
    const { world, ada, mallory } = await meetMallory()
    await ada.write(3)
    const before = mallory.all('vector').length
    for (let n = 0; n < 500; n++) mallory.send('have', encodeHave(Buffer.alloc(2048, n + 1)))
    await world.clock.advance(100)
    expect(mallory.all('vector').length - before).toBeLessThanOrEqual(20)
    expect(mallory.all('vector').length - before).toBeGreaterThan(0)
    expect(mallory.closed).toBe(false)
  })
})
