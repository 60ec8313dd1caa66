import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Nat } from '../support/lab/lab'
import { whyNoLab } from '../support/lab/namespace'
import { type Peer, World } from '../support/lab/world'

/** How long two may take from the second one's start until they have each other's text, in ms. */
const limit = 60_000
const kinds: readonly Nat[] = ['consistent', 'random', 'open']
const pairs = kinds.flatMap((one, index) => kinds.slice(index).map((other) => [one, other] as const))

const reason = whyNoLab()
if (reason) console.log(`networks with routers are not tried: ${reason}`)

describe.skipIf(reason)('two programs behind routers', () => {
  let world: World
  let relay: string
  const times: { pair: string; relay: string; route: string; ms: number }[] = []
  beforeAll(async () => {
    world = await World.make()
    const machine = await world.lab.machine(await world.lab.router({ nat: 'open' }))
    const program = await world.relay(machine)
    relay = await program.ask('key')
    expect(await program.ask('open')).toBe(true)
  })
  afterAll(async () => {
    await world?.remove()
    console.table(times)
  })

  /** Both open one document: how they reach each other once each has what the other wrote. */
  async function meet(ada: Peer, bob: Peer): Promise<{ route: string; ms: number }> {
    const link = await ada.create()
    await ada.type('from Ada ')
    const begun = Date.now()
    await bob.open(link)
    await bob.type('from Bob ')
    await waitFor(limit, async () => {
      const texts = await Promise.all([ada.text(), bob.text()])
      return texts.every((text) => text.includes('from Ada ') && text.includes('from Bob '))
    })
    const ms = Date.now() - begun
    return { route: (await bob.peers())[0]?.route ?? 'none', ms }
  }

  for (const [one, other] of pairs)
    for (const withRelay of [false, true]) {
      const pair = `${one} to ${other}`
      it(`${pair}, ${withRelay ? 'with' : 'without'} a relay`, { timeout: 2 * limit }, async () => {
        const options = { relayBudget: null, ...(withRelay ? { relay: [relay] } : {}) }
        const machines = []
        for (const nat of [one, other])
          machines.push(await world.lab.machine(await world.lab.router({ nat })))
        const [ada, bob] = await Promise.all(machines.map((machine) => world.peer(machine, options)))
        if (!ada || !bob) throw new Error('a program is missing')
        const met = await meet(ada, bob)
        times.push({ pair, relay: withRelay ? 'yes' : 'no', ...met })
        console.log(times.at(-1))
        for (const machine of machines) await machine.stop()
      })
    }
})

/** Asks until something holds; rejects after `limit` ms. */
async function waitFor(limit: number, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + limit
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come to hold within ${limit} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
