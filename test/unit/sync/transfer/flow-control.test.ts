import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { MemoryDisk } from '../../../../main/storage/memory-store'
import { creditWindow } from '../../../../main/sync/budget/credit'
import { encodeCredit, encodeWant } from '../../../../main/sync/wire/messages'
import { Mallory, meetMallory, segmentsOf } from '../mallory'
import { World } from '../world'

describe('flow control', () => {
  it('W30 refuses a peer that sends past its credit', async () => {
    const world = new World()
    const disk = new MemoryDisk()
    const ada = await world.site('Ada', 'write', { disk })
    const mallory = new Mallory(ada, world.keys)
    await world.until(() => mallory.all('have').length > 0)
    const session = ada.newSession()
    // The disk does not answer: nothing becomes durable, so nothing is granted.
    ada.store.crash()
    const segments = segmentsOf(world, session, 40, 60_000)
    let sent = 0
    for (const segment of segments) {
      if (sent + segment.bytes.length > creditWindow) break
      mallory.segment(segment, sent === 0 ? session.certificate : undefined)
      sent += segment.bytes.length
    }
    await world.clock.advance(100)
    expect(mallory.closed).toBe(false)
    expect(mallory.granted).toBe(0)
    for (const segment of segments) mallory.segment(segment)
    await world.until(() => mallory.stream.destroyed)
  })

  it('W30 sends one window at most to a peer that grants nothing, and the rest when it grants', async () => {
    const { world, ada, mallory } = await meetMallory('write')
    const session = await ada.write(30, 50_000)
    mallory.send('want', encodeWant({ session: hex(session.session), after: 0 }))
    const total = () => mallory.all('segment').reduce((sum, body) => sum + body.length, 0)
    await world.within(2_000, () => total() > creditWindow - 60_000)
    await world.clock.advance(20_000)
    expect(total()).toBeLessThanOrEqual(creditWindow)
    for (let n = 0; n < 10; n++) {
      mallory.send('credit', encodeCredit(300_000))
      await world.clock.advance(200)
    }
    expect(total()).toBeGreaterThan(30 * 50_000)
  })

  it('W30 sends own edits to a peer that grants in small steps and requests nothing', async () => {
    const { world, ada, mallory } = await meetMallory('write')
    await ada.write(30, 50_000)
    const total = () => mallory.all('segment').length
    await world.clock.advance(1_000)
    expect(total()).toBeGreaterThan(5)
    expect(total()).toBeLessThan(12)
    for (let n = 0; n < 40; n++) {
      mallory.send('credit', encodeCredit(60_000))
      await world.clock.advance(50)
    }
    expect(total()).toBe(30)
  })

  it('W30 uses little memory for a peer whose connection is stuck', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    const [near] = world.connect(ada, bob)
    await world.converge([ada, bob])
    near.hold()
    const before = near.given
    for (let n = 0; n < 20; n++) await ada.write(1, 20_000)
    await world.clock.advance(5_000)
    expect(near.given - before).toBeLessThan(100_000)
    near.release()
    await world.converge([ada, bob])
  })
})
