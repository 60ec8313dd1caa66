import { describe, expect, it } from 'vitest'
import { maxUnanswered, Openings } from '../../../../main/sync/budget/openings'
import { World } from '../world'

describe('W8 channels to be opened', () => {
  const names = Array.from({ length: 3 * maxUnanswered }, (_, index) => `document ${index}`)

  it('are opened in their order, a limited number at a time, and one more for each that is answered', () => {
    const opened: string[] = []
    const answers: (() => void)[] = []
    const openings: Openings<string> = new Openings((name) => {
      opened.push(name)
      answers.push(openings.countOpened())
    })
    expect(openings.isIdle).toBe(true)
    for (const name of names) openings.request(name)
    for (const name of names) openings.request(name)
    expect(opened).toEqual(names.slice(0, maxUnanswered))
    const first = answers.shift()
    first?.()
    // Called twice, as when an open channel ends.
    first?.()
    expect(opened).toEqual(names.slice(0, maxUnanswered + 1))
    openings.cancel(names.at(-1) ?? '')
    while (answers.length > 0) answers.shift()?.()
    expect(opened.slice(0, names.length - 1)).toEqual(names.slice(0, -1))
    expect(opened.slice(names.length - 1)).toEqual(names.slice(0, maxUnanswered))
    expect(openings.isIdle).toBe(true)
  })

  it('are those alone that both sides have', async () => {
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
    expect(documents.filter(({ here }) => here.peers.peers.length > 0).length).toBe(few.length)
    // One list of the next length, and no opening for each document.
    const sent = near.sizes.reduce((sum, size) => sum + size, 0)
    expect(sent).toBeGreaterThan(1_024 * 16)
    expect(sent).toBeLessThan(1_024 * 16 + 8_000)
    expect(near.destroyed).toBe(false)
  })
})
