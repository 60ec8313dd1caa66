import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { noMark } from '../../../../main/log/format/segment'
import { maxUnknown } from '../../../../main/sync/state/remote-state'
import { encodeWant } from '../../../../main/sync/wire/messages'
import { Mallory, meetMallory, segmentsOf } from '../mallory'

describe('requests to a peer', () => {
  it('W35 go to another after 15 seconds if the peer does not deliver what it claims', async () => {
    const { world, ada, mallory } = await meetMallory()
    const bob = await world.site('Bob')
    const session = hex((await bob.write(5)).session)
    mallory.receipt(session, 5)
    await world.within(1_000, () => mallory.asked.length === 1)
    world.connect(ada, bob)
    await world.clock.advance(10_000)
    expect(ada.log.tip(session)).toBe(0)
    await world.within(12_000, () => ada.log.vector.get(session)?.tip === 5)
    // Its claim does not keep the document from being shown as in sync.
    await world.within(1_000, () => ada.peers.peers.every((peer) => peer.upToDate))
  })

  it('W35 of a peer that claims more than there is do not delay what others send', async () => {
    const { world, ada, mallory } = await meetMallory()
    const bob = await world.site('Bob')
    const session = hex((await bob.write(1)).session)
    world.connect(ada, bob)
    await world.within(5_000, () => ada.log.tip(session) === 1)
    mallory.receipt(session, 1_000_000)
    await world.clock.advance(1_000)
    await bob.write(1)
    await world.until(() => ada.log.tip(session) === 2)
  })

  it('W35 go to another at once if the peer leaves', async () => {
    const { world, ada, mallory } = await meetMallory()
    const bob = await world.site('Bob')
    const session = hex((await bob.write(5)).session)
    mallory.receipt(session, 5)
    await world.within(1_000, () => mallory.asked.length === 1)
    world.connect(ada, bob)
    await world.clock.advance(1_000)
    mallory.stream.destroy()
    await world.within(1_000, () => ada.log.vector.get(session)?.tip === 5)
  })

  it('W31 cover a bounded part of the sessions that a peer claims without end', async () => {
    const { world, ada, mallory } = await meetMallory()
    for (let page = 0; page < 20; page++)
      mallory.vector(
        Array.from(
          { length: 500 },
          () => [hex(world.random.bytes(32)), { base: 0, tip: 9, mark: noMark }] as const,
        ),
      )
    await world.clock.advance(1_000)
    expect(mallory.asked.length).toBe(maxUnknown)
    expect(ada.peers.peers[0]?.upToDate).toBe(false)
  })

  it('W34 are made again from the accepted tip on after a segment that does not follow it', async () => {
    const { world, ada, mallory } = await meetMallory('write')
    const bob = await world.site('Bob')
    const session = bob.newSession()
    const [first, second, third] = segmentsOf(world, session, 3)
    if (!first || !second || !third) throw new Error('no segments')
    mallory.segment(first, session.certificate)
    mallory.segment(third)
    await world.within(1_000, () => mallory.asked.length === 1)
    expect(mallory.closed).toBe(false)
    mallory.segment(second)
    mallory.segment(third)
    await world.until(() => ada.log.vector.get(hex(session.session))?.tip === 3)
  })

  it('W33 are not made for what arrives unasked, until it stops arriving', async () => {
    const { world, ada, mallory } = await meetMallory('write')
    const bob = await world.site('Bob')
    const session = bob.newSession()
    const [first, second, third] = segmentsOf(world, session, 3)
    if (!first || !second || !third) throw new Error('no segments')
    const tip = () => ada.log.vector.get(hex(session.session))?.tip
    mallory.segment(first, session.certificate)
    mallory.receipt(session, 3)
    await world.until(() => tip() === 1)
    await world.clock.advance(2_500)
    mallory.segment(second)
    await world.until(() => tip() === 2)
    await world.clock.advance(2_500)
    expect(mallory.asked).toEqual([])
    await world.within(1_000, () => mallory.asked.length === 1)
  })

  it('W33 W34 get each session by one way, and are made again soon after a gap', async () => {
    const { world, ada, mallory } = await meetMallory('write')
    const bob = await world.site('Bob')
    const session = bob.newSession()
    const [first, second, third, fourth] = segmentsOf(world, session, 4)
    if (!first || !second || !third || !fourth) throw new Error('no segments')
    mallory.receipt(session, 3)
    await world.within(1_000, () => mallory.asked.length === 1)
    mallory.segment(first, session.certificate)
    mallory.segment(third)
    // Without the gap, the peer would have 15 seconds for the rest.
    await world.within(2_500, () => mallory.asked.length === 2)
    mallory.segment(second)
    mallory.segment(third)
    await world.until(() => ada.log.tip(hex(session.session)) === 3)
    expect(mallory.all('enough')).toEqual([])
    mallory.segment(third)
    mallory.segment(second)
    await world.until(() => mallory.all('enough').length > 0)
    await world.clock.advance(1_000)
    expect(mallory.all('enough').map(hex)).toEqual([hex(session.session)])

    const other = new Mallory(ada, world.keys)
    await world.until(() => other.all('have').length > 0)
    other.vector()
    other.send('want', encodeWant({ session: hex(session.session), after: 2 }))
    await world.until(() => other.all('segment').length === 1)
    other.receipt(session, 3)
    other.send('enough', session.session)
    mallory.segment(fourth)
    await world.until(() => ada.log.vector.get(hex(session.session))?.tip === 4)
    await world.clock.advance(1_000)
    expect(other.all('segment').length).toBe(1)
    other.send('want', encodeWant({ session: hex(session.session), after: 3 }))
    await world.until(() => other.all('segment').length === 2)
  })
})
