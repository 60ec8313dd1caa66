import { describe, expect, it } from 'vitest'
import { hex } from '../../../../main/base/hex'
import { maxUnanswered, Openings } from '../../../../main/sync/budget/openings'
import { World } from '../world'

describe('W8 channels to be opened', () => {
  const names = Array.from({ length: 3 * maxUnanswered }, (_, index) => `document ${index}`)

  it('are opened in their order, a limited number at a time, and further ones when half are answered', () => {
    const opened: string[] = []
    const answers: (() => boolean)[] = []
    const openings: Openings = new Openings(names, (name) => {
      opened.push(name)
      answers.push(openings.countOpened())
    })
    openings.openNext()
    expect(opened).toEqual(names.slice(0, maxUnanswered))
    const half = answers.splice(0, maxUnanswered / 2)
    expect(half.map((answer) => answer()).filter(Boolean).length).toBe(1)
    // Called twice, as when an open channel ends.
    expect(half.some((answer) => answer())).toBe(false)
    openings.openNext()
    expect(opened).toEqual(names.slice(0, 1.5 * maxUnanswered))
    while (answers.length > 0) if (answers.shift()?.()) openings.openNext()
    expect(opened).toEqual(names)
  })

  it('are all opened where the other side has few of them', async () => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob', 'keep')]
    const documents = []
    for (let n = 0; n < 2.5 * maxUnanswered; n++) {
      const keys = world.newKeys()
      const here = await ada.share('write', keys)
      const change = { bytes: world.random.bytes(10), hash: world.random.bytes(32) }
      await here.log.append(ada.newSession(keys), [change])
      documents.push({ keys, here })
    }
    const few = [documents[0], documents.at(-2), documents.at(-1)]
    const there = await Promise.all(few.map((one) => bob.share('keep', one?.keys ?? expect.fail())))
    const [near] = world.connect(ada, bob)
    await world.within(5_000, () => there.every(({ log }) => log.vector.size === 1))
    expect(few.every((one) => one?.here.peers.peers.length === 1)).toBe(true)
    // No channel stays open that the other side rejected.
    expect(documents.filter(({ here }) => here.peers.peers.length > 0).length).toBe(few.length)
    expect(near.destroyed).toBe(false)
    expect(hex(there[0]?.log.documentId ?? expect.fail())).toBe(hex(few[0]?.keys.documentId ?? expect.fail()))
  })
})
