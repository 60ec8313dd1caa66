import { describe, expect, it } from 'vitest'
import { maxOpened, maxUnanswered, Openings } from '../../../../main/sync/budget/openings'
import { type Shared, type Site, World } from '../world'

/** Two sites that share so many documents, of which Ada has an edit in each. */
async function sharing(count: number): Promise<{ world: World; ada: Site; bob: Site; pairs: Shared[][] }> {
  const world = new World()
  const quietly = { looks: false }
  const [ada, bob] = [await world.site('Ada', 'write', quietly), await world.site('Bob', 'keep', quietly)]
  const pairs: Shared[][] = []
  for (let n = 0; n < count; n++) {
    const keys = world.newKeys()
    const here = await ada.share('write', keys, quietly)
    const change = { bytes: world.random.bytes(10), hash: world.random.bytes(32) }
    await here.log.append(ada.newSession(keys), [change])
    pairs.push([here, await bob.share('keep', keys, quietly)])
  }
  return { world, ada, bob, pairs }
}

describe('W8 channels to be opened', () => {
  const names = Array.from({ length: 3 * maxUnanswered }, (_, index) => `document ${index}`)

  it('are opened in their order, a limited number at a time, and one more for each that is answered', () => {
    const opened: string[] = []
    const answers: (() => void)[] = []
    const openings: Openings<string> = new Openings((name) => {
      opened.push(name)
      answers.push(openings.countOpened().answered)
      return true
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

  it('wait for one to end where as many are open as may be, and where there is no room', () => {
    const opened: number[] = []
    const ends: (() => void)[] = []
    let hasRoom = true
    const openings: Openings<number> = new Openings((name) => {
      if (!hasRoom) return false
      opened.push(name)
      const { answered, ended } = openings.countOpened()
      answered()
      ends.push(ended)
      return true
    })
    for (let name = 0; name < maxOpened + 10; name++) openings.request(name)
    expect(opened.length).toBe(maxOpened)
    ends.shift()?.()
    expect(opened.length).toBe(maxOpened + 1)
    hasRoom = false
    ends.shift()?.()
    expect(opened.length).toBe(maxOpened + 1)
    hasRoom = true
    ends.shift()?.()
    expect(opened.length).toBe(maxOpened + 3)
    openings.end()
    ends.shift()?.()
    expect(opened.length).toBe(maxOpened + 3)
    expect(openings.isIdle).toBe(true)
  })

  it('may each end while they are opened, however many wait', () => {
    let ends = false
    const held: (() => void)[] = []
    const openings: Openings<number> = new Openings(() => {
      const { ended } = openings.countOpened()
      if (ends) ended()
      else held.push(ended)
      return true
    })
    for (let name = 0; name < 20_000; name++) openings.request(name)
    ends = true
    held[0]?.()
    expect(openings.isIdle).toBe(false)
    for (const end of held) end()
    expect(openings.isIdle).toBe(true)
  })

  it('are all opened in time where some find as many open as may be', async () => {
    const few = 20
    const { world, ada, bob, pairs } = await sharing(3 * few)
    const [near] = world.connect(ada, bob)
    for (const { sync } of [ada, bob])
      for (const meeting of Reflect.get(sync, 'connections').values())
        Reflect.set(Reflect.get(meeting, 'openings'), 'opened', maxOpened - few)
    const countSynced = () => pairs.filter(([, there]) => there?.log.vector.size === 1).length
    await world.clock.advance(10_000)
    expect(countSynced()).toBeGreaterThan(0)
    expect(countSynced()).toBeLessThan(3 * few)
    await world.within(600_000, () => countSynced() === 3 * few)
    expect(near.destroyed).toBe(false)
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
