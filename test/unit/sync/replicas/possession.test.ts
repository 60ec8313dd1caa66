import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { noMark } from '../../../../main/log/format/segment'
import type { Spot } from '../../../../main/sync/replicas/possession'
import { decodeAsk, decodeSigned, encodeAsk } from '../../../../main/sync/replicas/signed-receipt'
import { encodeWant } from '../../../../main/sync/wire/messages'
import { quiet } from '../../../support/manual-clock'
import type { Mallory } from '../mallory'
import { meetReplica, replicasOf, takeLast } from './receipts'

/** A proof of nothing. */
const proof = Buffer.alloc(32, 1)

describe('proofs of possession', () => {
  it('W73 are required: a peer that repeats what it received is not in sync', async () => {
    const { world, ada, mallory } = await meetReplica()
    const bob = await world.site('Bob')
    await bob.write(3)
    world.connect(ada, bob)
    await ada.write(20)
    await world.within(5_000, () => mallory.all('receipt').length > 1 && ada.log.vector.size === 2)
    const shown = () => ada.peers.peers.find(({ name }) => name === 'Mallory')
    const { vector } = ada.log
    mallory.vector([...vector])
    // It signs for everything, with a proof made of what it received.
    const made = { vector, tipProofAt: async () => Buffer.alloc(202), async *segments() {} }
    for (const guess of [Buffer.alloc(32), world.random.bytes(32), null]) {
      await world.within(10_000, () => mallory.all('ask').length > 0)
      await mallory.answer(made, takeLast(mallory, 'ask'), (answer) =>
        guess ? { ...answer, proof: guess } : answer,
      )
      await world.clock.advance(500)
      expect(shown()).toMatchObject({ coversAll: false, coversMine: false })
      expect(replicasOf(ada).Mallory).toBeUndefined()
    }
    // With the segments, the proof counts.
    await world.within(20_000, () => mallory.all('ask').length > 0)
    await mallory.answer(ada.log, takeLast(mallory, 'ask'))
    await world.within(1_000, () => shown()?.coversAll === true)
    expect(replicasOf(ada).Mallory?.coversMine).toBe(true)
  })

  it('W73 cannot be made of new edits by a peer that stores only the last tip proofs', async () => {
    const { world, ada, mallory } = await meetReplica()
    const session = await ada.write(5)
    mallory.receipt(session, 5)
    await world.within(3_000, () => mallory.all('ask').length > 0)
    const ends = {
      vector: ada.log.vector,
      tipProofAt: (id: string, seq: number) => ada.log.tipProofAt(id, seq),
      async *segments() {},
    }
    await mallory.answer(ends, takeLast(mallory, 'ask'))
    await world.clock.advance(500)
    expect(ada.peers.unshared).toBe(true)
    expect(replicasOf(ada)).toEqual({})
  })

  it('W73 fail for segments that the peer requests while it has to prove them', async () => {
    const { world, ada, mallory } = await meetReplica()
    const session = await ada.write(5)
    const id = hex(session.session)
    mallory.receipt(session, 5)
    for (const cheats of [true, false]) {
      await world.within(5_000, () => mallory.all('ask').length > 0)
      if (cheats) mallory.send('want', encodeWant({ session: id, after: 0 }))
      await mallory.answer(ada.log, takeLast(mallory, 'ask'))
      await world.clock.advance(500)
      expect(ada.peers.unshared).toBe(cheats)
    }
    expect(mallory.stream.destroyed).toBe(false)
  })

  it('W73 detect by random picks what a peer has lost, which is then not in sync', async () => {
    const { world, ada, mallory } = await meetReplica()
    const bob = await world.site('Bob')
    world.connect(ada, bob)
    const other = await bob.write(1)
    const session = await ada.write(40)
    await world.within(5_000, () => ada.log.vector.size === 2)
    const shown = () => ada.peers.peers.find(({ name }) => name === 'Mallory')
    mallory.receipt(session, 40)
    mallory.receipt(other, 1)
    const answers = (log: Parameters<Mallory['answer']>[0]) => async () => {
      const ask = mallory.all('ask').at(-1)
      if (ask) await mallory.answer(log, ask)
      mallory.heard.length = 0
    }
    const honest = answers(ada.log)
    for (let turn = 0; turn < 20 && !shown()?.coversAll; turn++) {
      await honest()
      await world.clock.advance(200)
    }
    expect(shown()?.coversAll).toBe(true)
    const lost = answers({
      vector: ada.log.vector,
      tipProofAt: (id, seq) => ada.log.tipProofAt(id, seq),
      segments: (id, after) => ada.log.segments(id, after + 1),
    })
    await bob.write(1)
    await world.within(1_000, () => ada.log.vector.get(hex(other.session))?.tip === 2)
    mallory.receipt(other, 2)
    for (let turn = 0; turn < 400 && shown()?.coversAll; turn++) {
      await lost()
      await world.clock.advance(200)
    }
    expect(shown()?.coversAll).toBe(false)
  })

  it('W73 of sessions that a peer has only in a snapshot cover their tip proofs', async () => {
    const { world, ada, mallory } = await meetReplica()
    const session = await ada.write(30)
    const id = hex(session.session)
    const extent = ada.log.vector.get(id) ?? { base: 0, tip: 30, mark: noMark }
    mallory.vector([[id, { ...extent, base: 30 }]])
    await world.within(3_000, () => mallory.all('ask').length > 0)
    const ask = takeLast(mallory, 'ask')
    expect(decodeAsk(ask).spots).toEqual([{ session: id, from: 0, tip: 30 }])
    await mallory.answer(ada.log, ask, (answer) => ({ ...answer, proof }))
    await world.clock.advance(500)
    expect(replicasOf(ada)).toEqual({})
    await world.within(5_000, () => mallory.all('ask').length > 0)
    await mallory.answer(ada.log, takeLast(mallory, 'ask'))
    await world.within(500, () => replicasOf(ada).Mallory?.coversMine === true)
  })

  it('W73 cause at most 64 reads of the store for each question, on both sides', async () => {
    const { world, ada, mallory } = await meetReplica()
    const spots: Spot[] = []
    for (let count = 0; count < 66; count++) {
      const session = await ada.write(2, 10, ada.newSession())
      spots.push({ session: hex(session.session), from: 0, tip: 1 })
    }
    await world.clock.advance(1_000)
    const ask = (count: number) =>
      mallory.send(
        'ask',
        encodeAsk({ nonce: Buffer.alloc(32, count), signed: 0, spots: spots.slice(0, count) }),
      )
    for (const count of [65, 64]) ask(count)
    await world.until(() => mallory.all('signed').length > 0)
    await quiet()
    expect(mallory.all('signed').map((body) => decodeSigned(body).tips.length)).toEqual([64])
    // A peer that is behind in all of them is asked about some at a time.
    mallory.vector(spots.map(({ session }) => [session, { base: 0, tip: 1, mark: noMark }]))
    await world.within(3_000, () => mallory.all('ask').length > 0)
    const uneven = decodeAsk(takeLast(mallory, 'ask'))
    expect(uneven.signed).toBe(32)
    expect(uneven.spots.length).toBeLessThanOrEqual(32 + 4)
  })
})
