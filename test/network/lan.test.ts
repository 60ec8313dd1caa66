import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hex } from '../../main/base/hex'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { ChildProgram } from '../support/child-program'
import { Asked } from '../support/lab/asked'
import type { Machine, Router } from '../support/lab/lab'
import { Laboratory, type Peer } from '../support/lab/laboratory'
import { whyNoLab } from '../support/lab/namespace'
import { waitFor } from '../support/lab/wait-for'

const limit = 120_000

const reason = whyNoLab()
if (reason) console.log(`local networks are not tried: ${reason}`)

describe.skipIf(reason)('a local network with no way out, and no DHT', () => {
  let world: Laboratory
  const times: { what: string; ms: number }[] = []
  beforeAll(async () => {
    world = await Laboratory.make({ nodes: 2 })
  })
  afterAll(async () => {
    await world?.remove()
    console.table(times)
  })

  const start = async (machine: Machine, name?: string): Promise<Peer> =>
    world.peer(machine, { lan: true, relayBudget: null, ...(name ? { name } : {}) })
  const on = (segment: Router) => world.lab.machine(segment)

  /** Waits until all have one text with these words in it, and notes how long it took. */
  async function agree(
    what: string,
    all: readonly Peer[],
    words: readonly string[],
    most = limit,
  ): Promise<void> {
    const begun = Date.now()
    await waitFor(most, async () => {
      const texts = await Promise.all(all.map((peer) => peer.text()))
      return new Set(texts).size === 1 && words.every((word) => texts[0]?.includes(word))
    })
    times.push({ what, ms: Date.now() - begun })
    console.log(times.at(-1))
  }

  it('two computers find each other, and again when one is restarted (N1, N2)', async () => {
    const segment = await world.lab.segment()
    const [here, there] = [await on(segment), await on(segment)]
    const ada = await start(here)
    const link = await ada.create()
    await ada.type('from Ada ')
    const bob = await start(there, 'bob')
    await bob.open(link)
    await bob.type('from Bob ')
    await agree('two find each other', [ada, bob], ['from Ada ', 'from Bob '])
    expect((await bob.peers()).map(({ route }) => route)).toEqual(['lan'])
    await there.stop()
    await ada.type('meanwhile ')
    const again = await start(there, 'bob')
    await again.open(link)
    await agree('one was killed and started anew', [ada, again], ['meanwhile '])
    for (const machine of [here, there]) await machine.stop()
  })

  it('two programs on one computer find each other', async () => {
    const machine = await on(await world.lab.segment())
    const [ada, bob] = [await start(machine), await start(machine)]
    const link = await ada.create()
    await ada.type('from Ada ')
    await bob.open(link)
    await bob.type('from Bob ')
    await agree('two programs on one computer', [ada, bob], ['from Ada ', 'from Bob '])
    await machine.stop()
  })

  it.each([
    ['another network', () => world.lab.segment()],
    ['another network that a router joins to this one', (segment: Router) => world.lab.subnet(segment)],
  ])('who is on %s is not found, and nothing comes of it', async (_, other) => {
    const segment = await world.lab.segment()
    const machines = [await on(segment), await on(await other(segment))]
    const [ada, bob] = [await start(machines[0] as Machine), await start(machines[1] as Machine)]
    const link = await ada.create()
    await ada.type('from Ada ')
    await bob.open(link)
    await bob.type('from Bob ')
    // That nothing comes of it has no state to wait for: on one network it takes a second.
    await new Promise((resolve) => setTimeout(resolve, 5_000))
    expect([await ada.text(), await bob.text()]).toEqual(['from Ada ', 'from Bob '])
    for (const machine of machines) await machine.stop()
  })

  it('a neighbour that lies about its documents learns nothing, is turned away, and keeps nobody apart (N2, W3, W5)', async () => {
    const segment = await world.lab.segment()
    const [here, there, elsewhere] = [await on(segment), await on(segment), await on(segment)]
    const program = await ChildProgram.from('test/network/liar-child.ts')
    const bootstrap = JSON.stringify(world.bootstrap)
    const liar = await Asked.when(elsewhere.run(program, elsewhere.address, bootstrap))
    // Of a length that no noise holds by chance.
    const names = ['Ada from the kitchen', 'Bob from the garden'] as const
    const [ada, bob] = [await start(here, names[0]), await start(there, names[1])]
    const link = await ada.create()
    await ada.type('from Ada ')
    await bob.open(link)
    await bob.type('from Bob ')
    // It says that each is where nobody answers: seconds go by until the next place is tried.
    await agree('beside a liar', [ada, bob], ['from Ada ', 'from Bob '], 2 * limit)

    const met = async () =>
      Object.values(await liar.ask<Record<string, number>>('met')).reduce((sum, count) => sum + count, 0)
    // Chance decides which of its three programs are dialled among all the keys that it makes up.
    await waitFor(2 * limit, async () => (await met()) >= 3)
    const count = await met()
    await waitFor(limit, async () => (await liar.ask<number>('ended')) >= count)
    expect(await liar.ask('victims')).toBeGreaterThanOrEqual(2)
    expect(await liar.ask('channels')).toBe(0)
    const seenBy = async (peer: Peer) =>
      JSON.stringify((await peer.peers()).map(({ name, route }) => [name, route]))
    await waitFor(limit, async () => (await seenBy(ada)) === JSON.stringify([[names[1], 'lan']]))
    await waitFor(limit, async () => (await seenBy(bob)) === JSON.stringify([[names[0], 'lan']]))
    const { keep, topic, documentId, read, presence } = keysFromLink(parseLink(link))
    const words = ['from Ada ', ...names].map((word) => Buffer.from(word))
    for (const secret of [
      keep,
      topic,
      documentId,
      read ?? expect.fail(),
      presence ?? expect.fail(),
      ...words,
    ])
      expect(await liar.ask('heard', hex(secret))).toBe(false)
    await Promise.all([ada.type('Ada again '), bob.type('Bob again ')])
    await agree('beside a liar, later', [ada, bob], ['Ada again ', 'Bob again '])
    expect(await liar.ask('lingering')).toBe(0)
    for (const machine of [here, there, elsewhere]) await machine.stop()
    await program.remove()
  })
})
