import { describe, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { decodeTipProof } from '../../../../main/log/format/segment'
import { meetMallory, segmentsOf } from '../mallory'
import type { Site } from '../world'

describe('two histories of a session', () => {
  it('W37 become known to everyone, and all go on with the same one', async () => {
    const { world, ada, mallory } = await meetMallory('write')
    const bob = await world.site('Bob')
    world.connect(ada, bob)
    await world.converge([ada, bob])
    const seed = world.random.bytes(32)
    const [session, twin] = [ada.newSession(world.keys, seed), ada.newSession(world.keys, seed)]
    const [first, second] = segmentsOf(world, session, 2)
    const [other] = segmentsOf(world, twin, 1)
    if (!first || !second || !other) throw new Error('no segments')
    mallory.segment(first, session.certificate)
    await world.within(1_000, () => bob.log.tip(hex(session.session)) === 1)
    mallory.segment(other, twin.certificate)
    await world.within(1_000, () => bob.log.forks().size === 1 && ada.log.forks().size === 1)
    // Ada can compare segments by this time. She gets both again, and the one that follows the first.
    await world.clock.advance(100)
    mallory.segment(first, session.certificate)
    mallory.segment(other, twin.certificate)
    mallory.segment(second)
    const order = Buffer.compare(decodeTipProof(first.tipProof).chain, decodeTipProof(other.tipProof).chain)
    const proof = order < 0 ? second.tipProof : other.tipProof
    const goesOn = ({ log }: Site) =>
      hex(log.tipProof(hex(session.session)) ?? proof.subarray(1)) === hex(proof)
    await world.within(60_000, () => goesOn(ada) && goesOn(bob))
    await world.within(60_000, () => (ada.peer(bob)?.coversAll && ada.peer(bob)?.upToDate) === true)
    const cy = await world.site('Cy')
    world.connect(cy, ada)
    await world.within(60_000, () => cy.log.forks().size === 1)
  })

  it('W37 that were found while apart become known when peers connect', async () => {
    const { world, ada, mallory } = await meetMallory('write')
    const bob = await world.site('Bob')
    const [line] = world.connect(ada, bob)
    const seed = world.random.bytes(32)
    const [session, twin] = [ada.newSession(world.keys, seed), ada.newSession(world.keys, seed)]
    const [[first], [other]] = [segmentsOf(world, session, 1), segmentsOf(world, twin, 1)]
    if (!first || !other) throw new Error('no segments')
    mallory.segment(first, session.certificate)
    await world.within(1_000, () => bob.log.vector.get(hex(session.session))?.tip === 1)
    line.destroy()
    await world.until(() => line.destroyed)
    mallory.segment(other, twin.certificate)
    await world.until(() => ada.log.forks().size === 1)
    world.connect(ada, bob)
    await world.until(() => bob.log.forks().size === 1)
  })
})
