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

/** A run of a seed under way. */
class RandomRun {
  readonly tokens: Token[] = []
  private readonly cluster: Cluster
  private readonly seed: number

  constructor(cluster: Cluster, seed: number) {
    this.cluster = cluster
    this.seed = seed
  }

  get sites(): number[] {
    return [...this.cluster.sites.keys()]
  }

  /** Lets one thing happen at one site. */
  async step(): Promise<void> {
    const { cluster, sites } = this
    const { random } = cluster
    const site = random.pick(sites)
    const other = random.pick(sites)
    const dice = random.below(100)
    if (cluster.isRunning(site)) await this.disturb(dice, site, other)
    else if (dice < 40) await cluster.start(site)
  }

  /** Ends all trouble, and returns what every site has at last. */
  async end(): Promise<readonly string[]> {
    const { cluster, sites } = this
    for (const site of sites) cluster.freeDisk(site)
    for (const site of sites) {
      if (!cluster.isRunning(site)) await cluster.start(site)
      for (const other of sites) cluster.heal(site, other)
    }
    return cluster.settle()
  }

  private async disturb(dice: number, site: number, other: number): Promise<void> {
    const { cluster } = this
    const { random } = cluster
    if (dice < 62) await this.edit(site)
    else if (dice < 67 && site !== other) cluster.cut(site, other)
    else if (dice < 74 && site !== other) cluster.heal(site, other)
    else if (dice < 78) cluster.killReplica(site)
    else if (dice < 82) this.crash(site)
    else if (dice < 85) cluster.fillDisk(site)
    else await cluster.wait(random.below(random.chance(0.2) ? 20_000 : 600))
  }

  private async edit(site: number): Promise<void> {
    const { cluster, seed, tokens } = this
    const document = cluster.document(site)
    const text = await document.text()
    const change = randomEdit(cluster.random, text)
    // Of one width, so that no edit makes one token of another.
    const number = String(tokens.length).padStart(3, '0')
    const token = { text: `⟦${seed}:${number}⟧`, site, confirmed: false, touched: false }
    for (const other of tokens) if (breaks(change, text, other.text)) other.touched = true
    const withToken = cluster.random.chance(0.5)
    if (withToken) tokens.push(token)
    const insert = withToken ? change.insert + token.text : change.insert
    // As a window does it, for which U+000D is a character like any other.
    const changes = ChangeSet.of({ ...change, insert }, text.length, '\n').toJSON()
    document.pushEdits(document.version, [{ clientID: 'page', changes }])
  }

  private crash(site: number): void {
    const { cluster } = this
    const own = this.tokens.filter((token) => token.site === site)
    const { version, status } = cluster.document(site).opened()
    if (status.savedVersion === version) for (const token of own) token.confirmed = true
    cluster.crash(site)
    for (const token of own) if (!token.confirmed) token.touched = true
  }
}

/** A part of a token is deleted, or text put inside: then nothing can be expected of it. */
function breaks({ from, to }: { from: number; to: number }, text: string, token: string): boolean {
  const start = text.indexOf(token)
  const end = start + token.length
  return start >= 0 && from < end && to > start
}

/**
 * One run of a seed: 2 to 8 people edit at random while the network is cut and healed, delays, doubles
 * and reorders, replicas die, and sites crash and come back. At the end all must hold the same text, with
 * everything in it that was shown as saved and that nobody deleted.
 */
export async function randomRun(seed: number, steps: number, ground: Ground): Promise<void> {
  const cluster = new Cluster(seed, 2 + (seed % 7), ground)
  const { random } = cluster
  if (seed % 3 > 0)
    cluster.world.weather = {
      delay: { least: 1, most: 400 },
      duplicate: 0.1,
      reorder: seed % 3 === 2 ? 0.1 : 0,
    }
  await cluster.open('shared text\n'.repeat(random.below(4)))
  const run = new RandomRun(cluster, seed)
  for (let step = 0; step < steps; step++) await run.step()
  const texts = await run.end()
  for (const text of texts) expect(text, `seed ${seed}`).toBe(texts[0])
  for (const token of run.tokens) {
    if (token.touched) continue
    expect(texts[0]?.split(token.text).length, `seed ${seed}: ${token.text}`).toBe(2)
  }
  await cluster.close()
}
