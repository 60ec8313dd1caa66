import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChildProgram } from '../support/child-program'
import { Asked } from '../support/lab/asked'
import { type Weather, whyNoBadLines } from '../support/lab/bad-line'
import type { Machine } from '../support/lab/lab'
import { Laboratory, type Peer } from '../support/lab/laboratory'
import { whyNoLab } from '../support/lab/namespace'
import { waitFor } from '../support/lab/wait-for'

const soak = process.env.SWARMPAD_SOAK === '1'
/** How long it may take until all have one text, in ms: the slow ones are seen in the times. */
const limit = soak ? 900_000 : 90_000
/** Letters that are pasted at once; each tells 6 bits. */
const bulk = soak ? 1 << 20 : 1 << 17

/** Packets that overtake all that are under way, as with `reorder` of netem. */
const overtaking = (delay: number, reorder: number): Weather => ({ delay, reorder, shift: -delay })
/** Packets that come 20 ms later than they would. */
const late = (delay: number, reorder: number): Weather => ({ delay, reorder, shift: 20 })
const storm: Weather = { ...overtaking(200, 0.1), loss: 0.2, duplicate: 0.1 }
const some: readonly Weather[] = [
  { delay: 200 },
  { delay: 25, loss: 0.2 },
  { delay: 25, duplicate: 0.2 },
  ...[0.01, 0.1, 0.5].map((share) => overtaking(25, share)),
  storm,
]
const every: readonly Weather[] = [25, 200]
  .flatMap((delay): Weather[] => [
    { delay },
    { delay, loss: 0.05 },
    { delay, loss: 0.2 },
    { delay, duplicate: 0.2 },
    ...[0.01, 0.05, 0.1, 0.3, 0.5].map((share) => overtaking(delay, share)),
    ...[0.01, 0.1, 0.5].map((share) => late(delay, share)),
  ])
  .concat(storm)

const reason = whyNoLab() ?? whyNoBadLines()
if (reason) console.log(`bad lines are not tried: ${reason}`)

describe.skipIf(reason)('two who write together over a line that is bad on both ways', () => {
  let world: Laboratory
  let tcp: ChildProgram
  let server: string
  const times: object[] = []
  beforeAll(async () => {
    world = await Laboratory.make()
    tcp = await ChildProgram.from('test/network/tcp-child.ts')
    const machine = await world.lab.machine(await world.lab.router({ nat: 'open' }))
    const port = await (await Asked.when(machine.run(tcp))).ask('serve', String((bulk * 3) / 4))
    server = `${machine.address}:${port}`
  })
  afterAll(async () => {
    await world?.remove()
    await tcp?.remove()
    console.table(times)
  })

  const person = (machine: Machine): Promise<Peer> => world.peer(machine, { relayBudget: null })

  /** Waits until these have one text, and that is not empty; returns how long that took, in ms. */
  async function agree(...people: Peer[]): Promise<number> {
    const begun = Date.now()
    await waitFor(limit, async () => {
      const [first, ...others] = await Promise.all(people.map((peer) => peer.digest()))
      return others.every((digest) => digest === first)
    })
    return Date.now() - begun
  }

  it.each(soak ? every : some)('%j', async (weather) => {
    const [good, bad] = [
      await world.lab.router({ nat: 'consistent' }),
      await world.lab.router({ nat: 'consistent', bad: true }),
    ]
    await bad.line?.set(weather)
    const [here, there] = [await world.lab.machine(good), await world.lab.machine(bad)]
    const plain = soak ? { tcp: await (await Asked.when(there.run(tcp))).ask<number>('fetch', server) } : {}
    const [ada, bob] = [await person(here), await person(there)]
    const link = await ada.create()
    await ada.type('from Ada ')
    await bob.open(link)
    const meet = await agree(ada, bob)

    await Promise.all([ada.type('Ada goes on '), bob.type('Bob goes on ')])
    // Nothing that one types waits for the line.
    expect(await ada.text()).toContain('Ada goes on ')
    expect(await bob.text()).toContain('Bob goes on ')
    const words = await agree(ada, bob)
    const text = await ada.text()
    for (const word of ['from Ada ', 'Ada goes on ', 'Bob goes on ']) expect(text).toContain(word)

    await bad.line?.set(weather)
    await ada.paste(bulk)
    await bob.type('meanwhile ')
    const paste = await agree(ada, bob)
    const carried = (await bad.line?.count()) ?? 0
    // It did go over that line.
    expect(carried).toBeGreaterThan((bulk * 3) / 4)
    expect((await bob.text()).length).toBeGreaterThan(bulk)

    let newcomer = {}
    if (soak) {
      await here.stop()
      const cleo = await person(await world.lab.machine(good))
      await cleo.open(link)
      newcomer = { newcomer: await agree(bob, cleo) }
      await cleo.machine.stop()
    }
    times.push({ weather: JSON.stringify(weather), meet, words, paste, ...newcomer, ...plain, carried })
    console.log(times.at(-1))
    await here.stop()
    await there.stop()
  })
})
