import { ChangeSet } from '@codemirror/state'
import { expect } from 'vitest'
import { Cluster } from '../support/cluster'
import type { Ground } from '../support/ground'
import { randomEdit } from '../support/random'

/** A piece of text that was put in once, and what became of it. */
interface Token {
  readonly text: string
  readonly site: number
  /** Was it durable at some time, as far as the status said? */
  confirmed: boolean
  /** Has anyone deleted a part of it? */
  touched: boolean
}

/**
 * One run of a seed: 2 to 8 people edit at random while the network is cut and healed, delays, doubles
 * and reorders, replicas die, and sites crash and come back. At the end all must hold the same text, with
 * everything in it that was shown as saved and that nobody deleted.
 */
export async function randomRun(seed: number, steps: number, ground: Ground): Promise<void> {
  const cluster = new Cluster(seed, 2 + (seed % 7), ground)
  const { random } = cluster
  const sites = [...cluster.sites.keys()]
  const tokens: Token[] = []
  if (seed % 3 > 0)
    cluster.world.weather = {
      delay: { least: 1, most: 400 },
      duplicate: 0.1,
      reorder: seed % 3 === 2 ? 0.1 : 0,
    }
  await cluster.open('shared text\n'.repeat(random.below(4)))

  const edit = async (site: number) => {
    const document = cluster.document(site)
    const text = await document.text()
    const change = randomEdit(random, text)
    // Of one width, so that no edit makes one token of another.
    const number = String(tokens.length).padStart(3, '0')
    const token = { text: `⟦${seed}:${number}⟧`, site, confirmed: false, touched: false }
    // A part may be gone, or text put inside: then nothing can be expected of it.
    for (const other of tokens) {
      const start = text.indexOf(other.text)
      if (start >= 0 && change.from < start + other.text.length && change.to > start) other.touched = true
      if (
        start >= 0 &&
        change.from === change.to &&
        change.from > start &&
        change.from < start + other.text.length
      )
        other.touched = true
    }
    const withToken = random.chance(0.5)
    if (withToken) tokens.push(token)
    const insert = withToken ? change.insert + token.text : change.insert
    // As a window does it, for which U+000D is a character like any other.
    const changes = ChangeSet.of({ ...change, insert }, text.length, '\n').toJSON()
    document.pushEdits(document.version, [{ clientID: 'page', changes }])
  }
  const confirm = (site: number) => {
    const { version, status } = cluster.document(site).opened()
    if (status.savedVersion === version)
      for (const token of tokens) if (token.site === site) token.confirmed = true
  }

  for (let step = 0; step < steps; step++) {
    const site = random.pick(sites)
    const other = random.pick(sites)
    const dice = random.below(100)
    if (!cluster.isRunning(site)) {
      if (dice < 40) await cluster.start(site)
    } else if (dice < 62) await edit(site)
    else if (dice < 67 && site !== other) cluster.cut(site, other)
    else if (dice < 74 && site !== other) cluster.heal(site, other)
    else if (dice < 78) cluster.killReplica(site)
    else if (dice < 82) {
      confirm(site)
      cluster.crash(site)
      for (const token of tokens) if (token.site === site && !token.confirmed) token.touched = true
    } else if (dice < 85) cluster.fillDisk(site)
    else await cluster.wait(random.below(random.chance(0.2) ? 20_000 : 600))
  }

  for (const site of sites) cluster.freeDisk(site)
  for (const site of sites) {
    if (!cluster.isRunning(site)) await cluster.start(site)
    for (const other of sites) cluster.heal(site, other)
  }
  const texts = await cluster.settle()
  for (const text of texts) expect(text, `seed ${seed}`).toBe(texts[0])
  for (const token of tokens) {
    if (token.touched) continue
    expect(texts[0]?.split(token.text).length, `seed ${seed}: ${token.text}`).toBe(2)
  }
  await cluster.close()
}
