import { afterEach, describe, expect, it } from 'vitest'
import { Cluster } from '../support/cluster'
import { grounds } from '../support/ground'
import { Twin, twinSecret } from '../support/twin'

let cluster: Cluster | null = null
let twins: Twin[] = []
afterEach(async () => {
  for (const twin of twins.splice(0)) await twin.close()
  await cluster?.close()
  cluster = null
})

describe.each(grounds)(
  'a %s document that is closed when a session turns out to have two histories (D9)',
  (ground) => {
    it.each([21, 22, 23, 24, 25, 26])('gets its own words back all the same, seed %i', async (seed) => {
      const run = new Cluster(seed, 2, ground)
      cluster = run
      const { world } = run
      await run.open('together\n')
      await run.settle()
      const link = await run.document(0).link('write')
      const secret = twinSecret(run.random)
      twins = [0, 1].map((index) => new Twin({ world, name: `twin ${index}`, link, secret, ground }))
      world.cut('site 0', 'site 1')
      world.cut('twin 0', 'twin 1')
      world.cut('site 0', 'twin 1')
      world.cut('site 1', 'twin 0')
      for (const twin of twins) await twin.open()
      await run.wait(2_000)
      for (const [index, twin] of twins.entries()) void twin.write(`twin${index} `)
      await run.wait(2_000)
      for (const site of [0, 1]) await run.type(site, `⟦word ${site}⟧`)
      await run.settle(5_000)
      const ids = [0, 1].map((site) => run.document(site).id)
      // Nobody looks at it any more when they meet.
      for (const site of [0, 1]) {
        let closed = false
        void run
          .document(site)
          .close()
          .then(() => {
            closed = true
          })
        expect(await run.until(async () => closed, 10_000)).toBe(true)
      }
      for (const site of [0, 1]) for (const twin of [0, 1]) world.heal(`site ${site}`, `twin ${twin}`)
      world.heal('twin 0', 'twin 1')
      run.heal(0, 1)
      await run.wait(400_000)
      const texts: string[] = []
      for (const site of [0, 1]) {
        const workspace = run.sites[site]?.running?.workspace
        void workspace?.document(ids[site] ?? '').then(async (document) => {
          // As it was left: nothing has to come from anyone any more.
          await document.settled()
          texts[site] = await document.text()
        })
      }
      await run.until(async () => texts.filter(Boolean).length === 2, 10_000)
      expect(texts[1]).toBe(texts[0])
      for (const word of ['⟦word 0⟧', '⟦word 1⟧']) expect(texts[0]?.split(word).length, texts[0]).toBe(2)
      expect(texts[0]?.split('twin').length).toBe(2)
    })
  },
)
