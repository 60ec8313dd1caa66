import { expect } from 'vitest'
import { Cluster } from '../support/cluster'
import type { Ground } from '../support/ground'
import { Twin, twinSecret } from '../support/twin'

/**
 * One run of a seed: two or three programs write in one session, each with a part of the people, who type
 * and so depend on what it wrote; later all meet. At the end all must hold one text, with every word of the
 * honest in it exactly once.
 */
export async function twoHistories(seed: number, ground: Ground): Promise<void> {
  const size = 2 + (seed % 4)
  const cluster = new Cluster(seed, size, ground)
  const { random, world } = cluster
  await cluster.open('together\n')
  await cluster.settle()
  const link = await cluster.document(0).link('write')
  const secret = twinSecret(random)
  const twins = Array.from({ length: seed % 5 === 4 ? 3 : 2 }, (_, index) => {
    return new Twin({ world, name: `twin ${index}`, link, secret, ground })
  })
  const sides = [...cluster.sites.keys()].map((site) => (site < 2 ? site : random.below(twins.length)))
  const names = [
    ...sides.map((side, site) => ({ name: `site ${site}`, side })),
    ...twins.map(({ name }, side) => ({ name, side })),
  ]
  const apart = names.flatMap((a) =>
    names.filter((b) => a.side < b.side).map((b) => [a.name, b.name] as const),
  )
  // Histories with a common beginning are detected only where they diverge.
  const common = random.below(3)
  for (const [a, b] of apart)
    if (common === 0 || a.startsWith('twin') || b.startsWith('twin')) world.cut(a, b)
  for (const twin of twins) await twin.open()
  await cluster.wait(2_000)
  for (const [a, b] of apart)
    if (!random.chance(0.3) || a.startsWith('twin') || b.startsWith('twin')) world.cut(a, b)

  const tokens: string[] = []
  const type = async (site: number) => {
    const token = `⟦${String(tokens.length).padStart(3, '0')}⟧`
    tokens.push(token)
    await cluster.type(site, token, random.chance(0.3) ? 0 : undefined)
  }
  for (let step = 0; step < 12 + random.below(12); step++) {
    if (random.chance(0.4)) void random.pick(twins).write(`twin${step} `)
    else await type(random.below(size))
    if (random.chance(0.6)) await cluster.wait(random.below(2_000))
    if (random.chance(0.1)) {
      const [a, b] = random.pick(apart)
      world.heal(a, b)
    }
  }
  for (const [a, b] of apart) world.heal(a, b)
  for (let step = 0; step < 4; step++) {
    await type(random.below(size))
    await cluster.wait(random.below(5_000))
  }
  const whole = (text: string) => tokens.every((token) => text.split(token).length === 2)
  const agree = async () => {
    const texts = await cluster.texts()
    return texts.every((text) => text === texts[0]) && whole(texts[0] ?? '')
  }
  await cluster.until(agree, 600_000)
  const texts = await cluster.texts()
  const faults = tokens.filter((token) => texts[0]?.split(token).length !== 2)
  expect(faults, `seed ${seed}: words that are not there once`).toEqual([])
  for (const text of texts) expect(text, `seed ${seed}`).toBe(texts[0])
  for (const twin of twins) await twin.close()
  await cluster.close()
}
