import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Nat, Router } from '../support/lab/lab'
import { Laboratory, type Peer } from '../support/lab/laboratory'
import { whyNoLab } from '../support/lab/namespace'
import { waitFor } from '../support/lab/wait-for'

/** How long two may take from the second one's start until they have each other's text, in ms. */
const limit = 120_000
/** How long it is seen that two do not reach each other, in ms: what works by itself mostly takes less. */
const vain = 10_000
const kinds: readonly Nat[] = ['consistent', 'random', 'open']
const pairs = kinds.flatMap((one, index) => kinds.slice(index).map((other) => [one, other] as const))

/** How each pair may reach the other; all not named here straight. */
const routes: Record<string, readonly string[]> = {
  // The relay is there at once, and left when the way is open.
  'consistent to random': ['direct', 'relayed'],
  'random to random': ['relayed'],
}

const soak = process.env.SWARMPAD_SOAK === '1'

/** Lends itself to nobody as a relay. */
const alone = { relayBudget: null, lan: true } as const

const reason = whyNoLab()
if (reason) console.log(`networks with routers are not tried: ${reason}`)

describe.skipIf(reason)('two programs behind routers', () => {
  let world: Laboratory
  let relay: string
  const times: { pair: string; relay: string; route: string; ms: number }[] = []
  beforeAll(async () => {
    world = await Laboratory.make()
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

  /** Two computers, each behind a router of its own kind, and a program on each. */
  async function two(one: Nat, other: Nat, options: { relay?: string[] } = {}): Promise<[Peer, Peer]> {
    const start = async (nat: Nat) =>
      world.peer(await world.lab.machine(await world.lab.router({ nat })), { relayBudget: null, ...options })
    return [await start(one), await start(other)]
  }

  for (const [one, other] of pairs)
    for (const withRelay of [false, true]) {
      const pair = `${one} to ${other}`
      // Nothing but a relay joins these two; see below.
      if (pair === 'random to random' && !withRelay) continue
      it(`${pair}, ${withRelay ? 'with' : 'without'} a relay`, async () => {
        const [ada, bob] = await two(one, other, withRelay ? { relay: [relay] } : {})
        const met = await meet(ada, bob)
        times.push({ pair, relay: withRelay ? 'yes' : 'no', ...met })
        console.log(times.at(-1))
        expect(routes[pair] ?? ['direct']).toContain(met.route)
        await ada.machine.stop()
        await bob.machine.stop()
      })
    }

  it.each(['consistent', 'random'] as const)('behind one %s router, each other directly', async (nat) => {
    const router = await world.lab.router({ nat })
    const start = async () => world.peer(await world.lab.machine(router), { relayBudget: null })
    const [ada, bob] = [await start(), await start()]
    const met = await meet(ada, bob)
    times.push({ pair: `both behind one ${nat}`, relay: 'no', ...met })
    expect(met.route).toBe('lan')
    await ada.machine.stop()
    await bob.machine.stop()
  })

  it.each(['consistent', 'random'] as const)(
    'on two local networks behind one %s router, each other directly',
    async (nat) => {
      const router = await world.lab.router({ nat })
      const start = async (network: Router) => world.peer(await world.lab.machine(network), alone)
      const [ada, bob] = [await start(router), await start(await world.lab.subnet(router))]
      const met = await meet(ada, bob)
      times.push({ pair: `two networks behind one ${nat}`, relay: 'no', ...met })
      console.log(times.at(-1))
      expect(met.route).toBe('lan')
      await ada.machine.stop()
      await bob.machine.stop()
    },
  )

  // Between consistent ones it takes 18 s until the relay is asked.
  it.each(soak ? (['consistent', 'random'] as const) : (['random'] as const))(
    'on two local networks behind one %s router that keeps them apart',
    async (nat) => {
      const router = await world.lab.router({ nat })
      const start = async (network: Router) =>
        world.peer(await world.lab.machine(network), { ...alone, relay: [relay] })
      const [ada, bob] = [await start(router), await start(await world.lab.subnet(router, { apart: true }))]
      const met = await meet(ada, bob)
      times.push({ pair: `two networks behind one ${nat}, apart`, relay: 'yes', ...met })
      console.log(times.at(-1))
      expect(met.route).toBe('relayed')
      await ada.machine.stop()
      await bob.machine.stop()
    },
  )

  it('through a peer of theirs that everybody can reach, from when it comes', async () => {
    const [ada, bob] = await two('random', 'random')
    const link = await ada.create()
    await ada.type('from Ada ')
    await bob.open(link)
    await bob.type('from Bob ')
    await new Promise((resolve) => setTimeout(resolve, vain))
    expect(await ada.text()).not.toContain('from Bob ')
    expect(await bob.peers()).toEqual([])

    const openly = await world.lab.machine(await world.lab.router({ nat: 'open' }))
    const cleo = await world.peer(openly)
    const begun = Date.now()
    await cleo.open(link)
    const routes = async () => (await bob.peers()).map(({ name, route }) => [name, route])
    await waitFor(2 * limit, async () => (await routes()).some(([, route]) => route === 'relayed'))
    times.push({ pair: 'random to random', relay: 'a peer', route: 'relayed', ms: Date.now() - begun })
    await ada.type('once more ')
    await waitFor(limit, async () => (await bob.text()).includes('once more '))
    for (const peer of [ada, bob, cleo]) await peer.machine.stop()
  })
})
