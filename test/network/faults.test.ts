import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Laboratory, type Peer } from '../support/lab/laboratory'
import { whyNoLab } from '../support/lab/namespace'
import { waitFor } from '../support/lab/wait-for'

/** How long it may take until all have one text again, in ms: the slow ones are seen in the times. */
const limit = 120_000
const soak = process.env.SWARMPAD_SOAK === '1'
/** How long a cable is out, in s. */
const cuts = soak ? [10, 40, 300] : [10, 40]
/** How long a computer sleeps, in s: its peer finds the connection dead meanwhile, and a DHT forgets it. */
const nap = soak ? 120 : 20

const reason = whyNoLab()
if (reason) console.log(`networks that fail are not tried: ${reason}`)

/** How long a fault lasts is what is tried: there is no state to wait for. */
const seconds = (count: number): Promise<void> => new Promise((done) => setTimeout(done, count * 1_000))

describe.skipIf(reason)('two who write together while the network fails', () => {
  let world: Laboratory
  let people: Peer[] = []
  const times: { fault: string; ms: number }[] = []
  beforeAll(async () => {
    world = await Laboratory.make({ nodes: 20 })
  })
  afterEach(async () => {
    for (const { machine } of people.splice(0)) await machine.stop()
  })
  afterAll(async () => {
    await world?.remove()
    console.table(times)
  })

  const person = async (): Promise<Peer> => {
    const router = await world.lab.router({ nat: 'consistent' })
    const peer = await world.peer(await world.lab.machine(router), { relayBudget: null })
    people.push(peer)
    return peer
  }

  /** Two behind routers of their own who have each other's text. */
  async function together(): Promise<{ ada: Peer; bob: Peer; link: string }> {
    people = []
    const [ada, bob] = [await person(), await person()]
    const link = await ada.create()
    await ada.type('from Ada ')
    await bob.open(link)
    await agree([ada, bob], ['from Ada '])
    return { ada, bob, link }
  }

  /** Waits until all have one text with these words in it; returns how long that took, in ms. */
  async function agree(all: readonly Peer[], words: readonly string[]): Promise<number> {
    const begun = Date.now()
    await waitFor(limit, async () => {
      const texts = await Promise.all(all.map((peer) => peer.text()))
      return new Set(texts).size === 1 && words.every((word) => texts[0]?.includes(word))
    })
    return Date.now() - begun
  }

  const note = (fault: string, ms: number) => {
    times.push({ fault, ms })
    console.log(times.at(-1))
  }

  it.each(cuts)('a cable is out for %i s', async (span) => {
    const { ada, bob } = await together()
    await bob.machine.unplug()
    await ada.type('Ada alone ')
    await bob.type('Bob alone ')
    await seconds(span)
    expect(await ada.text()).not.toContain('Bob alone ')
    await bob.machine.plug()
    note(`cable out for ${span} s`, await agree([ada, bob], ['Ada alone ', 'Bob alone ']))
  })

  it('one gets another address', async () => {
    const { ada, bob } = await together()
    await bob.machine.move()
    await ada.type('Ada stays ')
    await bob.type('Bob moves ')
    note('another address', await agree([ada, bob], ['Ada stays ', 'Bob moves ']))
  })

  it.each([
    ['sleeps, which the program is told', { told: true, elsewhere: false }],
    ['sleeps, which the program is not told', { told: false, elsewhere: false }],
    [
      'sleeps and wakes with another address, of which the program is told nothing',
      { told: false, elsewhere: true },
    ],
  ])('a computer %s', async (what, { told, elsewhere }) => {
    const { ada, bob } = await together()
    await bob.type('Bob before ')
    if (told) await bob.sleep()
    bob.machine.freeze()
    await ada.type('Ada alone ')
    // A computer that knew of the sleep has said goodbye: there is no timeout to wait for.
    if (!told || soak) await seconds(nap)
    await waitFor(limit, async () => (await ada.peers()).length === 0)
    if (elsewhere) await bob.machine.move()
    bob.machine.thaw()
    if (told) await bob.wake()
    await bob.type('Bob after ')
    note(`a computer ${what}`, await agree([ada, bob], ['Ada alone ', 'Bob before ', 'Bob after ']))
  })

  it('half of the nodes of the DHT are killed', async () => {
    const { ada, bob, link } = await together()
    await world.killNodes(1)
    await ada.type('half a world ')
    note('half of the nodes killed: who is connected', await agree([ada, bob], ['half a world ']))
    const cleo = await person()
    await cleo.open(link)
    await cleo.type('Cleo comes ')
    note('half of the nodes killed: someone new', await agree([ada, bob, cleo], ['Cleo comes ']))
    await world.startNodes(1)
  })

  it('the DHT is gone for 30 s', async () => {
    const { ada, bob, link } = await together()
    await Promise.all([world.killNodes(0), world.killNodes(1)])
    await ada.type('without a DHT ')
    note('no DHT: who is connected', await agree([ada, bob], ['without a DHT ']))
    const cleo = await person()
    await cleo.open(link)
    await cleo.type('Cleo waits ')
    await seconds(30)
    expect(await ada.text()).not.toContain('Cleo waits ')
    await Promise.all([world.startNodes(0), world.startNodes(1)])
    note('the DHT is back: someone new', await agree([ada, bob, cleo], ['Cleo waits ']))
  })

  it('the DHT is gone for good', async () => {
    const { ada, bob } = await together()
    await Promise.all([world.killNodes(0), world.killNodes(1)])
    for (const round of [1, 2, 3]) {
      await seconds(5)
      await Promise.all([ada.type(`Ada ${round} `), bob.type(`Bob ${round} `)])
      await agree([ada, bob], [`Ada ${round} `, `Bob ${round} `])
    }
    await Promise.all([world.startNodes(0), world.startNodes(1)])
  })
})
