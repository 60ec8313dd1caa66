import { afterEach, describe, expect, it } from 'vitest'
import { Cluster } from '../support/cluster'
import { randomFrom } from '../support/random'

const only = process.env.SWARMPAD_SEED
const runs = Number(process.env.SWARMPAD_RUNS ?? 6)
const seeds = only === undefined ? Array.from({ length: runs }, (_, seed) => seed) : [Number(only)]
/** Records of own edits, by the first letter of their keys: segments, the journal, its base. */
const ownKinds = ['g', 'j', 'i']

/** Long ones: what a short one has in common with another text counts as chance when the two are compared. */
const lines = ['first', 'second', 'third', '']
  .map((name) => name && `${name} line, ${'with more words than are typed '.repeat(12)}\n`)
  .join('')

/** A disk as it was between two writes. */
interface Moment {
  readonly values: ReadonlyMap<string, Uint8Array>
  /** Words that were typed, with the number of the line that they were typed in, and those that were called saved. */
  readonly typed: ReadonlyMap<string, number>
  readonly saved: readonly string[]
}

const clusters: Cluster[] = []
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close()
})

const start = (seed: number, size: number): Cluster => {
  const cluster = new Cluster(seed, size)
  clusters.push(cluster)
  return cluster
}

const holdsJournal = (values: ReadonlyMap<string, Uint8Array>) =>
  [...values.keys()].some((name) => name.startsWith('j'))

/** A person types, alone and with another, while their replica loads, is busy, dies, or keeps up; between them they crash. */
async function typing(seed: number): Promise<{ link: string; moments: Moment[]; end: Moment }> {
  const cluster = start(seed, 2)
  const random = randomFrom(seed)
  await cluster.open(lines)
  await cluster.settle()
  // The text last seen is on the disk too by then.
  await cluster.type(0, ' ')
  await cluster.wait(31_000)
  const link = await cluster.document(0).link('write')
  const disk = cluster.sites[0]?.disk ?? expect.fail()
  const typed = new Map<string, number>()
  const saved = new Set<string>()
  let versions = new Map<string, number>()
  const look = () => {
    if (!cluster.isRunning(0)) return
    const { savedVersion } = cluster.document(0).opened().status
    for (const [word, version] of versions) if (version <= savedVersion) saved.add(word)
  }
  const moment = (): Moment => {
    look()
    return { values: new Map(disk.values), typed: new Map(typed), saved: [...saved] }
  }
  const moments: Moment[] = []
  cluster.onWrite = (site) => {
    if (site === 0) moments.push(moment())
  }
  const type = async () => {
    const text = await cluster.document(0).text()
    const word = `⟦${String(typed.size).padStart(2, '0')}⟧`
    const line = random.pick([0, 1, 3])
    typed.set(word, line)
    await cluster.type(0, word, [0, text.indexOf('second'), 0, text.length][line])
    versions.set(word, cluster.document(0).version)
  }
  let held = false
  const hold = (on: boolean) => {
    held = on
    if (on) cluster.holdReplica(0)
    else cluster.releaseReplica(0)
  }
  const restart = async () => {
    look()
    cluster.crash(0)
    versions = new Map()
    cluster.busy.clear()
    held = random.chance(0.5)
    if (held) cluster.busy.add(0)
    await cluster.start(0)
  }
  const act = async (step: number) => {
    const dice = random.below(100)
    // Some of it in any case.
    if (step === 4) hold(true)
    else if (dice < 45 || step === 5) await type()
    else if (dice < 60) await cluster.type(1, `⟨${step}⟩`, random.chance(0.5) ? 0 : undefined)
    else if (dice < 70) hold(!held)
    else if (dice < 76) cluster.killReplica(0)
    else if (dice < 82) await restart()
  }
  for (let step = 0; step < 30; step++) {
    await act(step)
    await cluster.wait(random.pick([20, 100, 400, 1_500]))
  }
  hold(false)
  await cluster.settle()
  await cluster.wait(2_000)
  const end = moment()
  await cluster.close()
  return { link, moments, end }
}

/** The text that a profile comes to that goes on from a disk, twice. */
async function goOn(seed: number, link: string, values: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const cluster = start(seed, 1)
  const disk = cluster.sites[0]?.disk ?? expect.fail()
  for (const [name, value] of values) disk.values.set(name, value)
  await cluster.openBy(link)
  const notices: string[] = []
  cluster.workspace(0).on('notice', ({ message }) => notices.push(message))
  await cluster.settle()
  expect(notices).toEqual([])
  const text = await cluster.document(0).text()
  await cluster.wait(2_000)
  expect(holdsJournal(disk.values), 'a journal after all is entered').toBe(false)
  cluster.crash(0)
  await cluster.start(0)
  await cluster.settle()
  expect(await cluster.document(0).text()).toBe(text)
  await cluster.close()
  return text
}

function check(text: string, { typed, saved }: Pick<Moment, 'typed' | 'saved'>, what: string): void {
  const count = (word: string) => text.split(word).length - 1
  const found = text.split('\n')
  for (const [word, line] of typed) {
    expect(count(word), `${what}: ${word}`).toBeLessThanOrEqual(1)
    // In front of the line that it was put in front of, or behind all.
    const before = found[line]?.split(/(?:first|second) line/)[0]
    if (count(word) === 1) expect(before, `${what}: ${word} in its place`).toContain(word)
  }
  for (const word of saved) expect(count(word), `${what}: ${word}, which was saved`).toBe(1)
}

describe('own edits and the journal (S19)', () => {
  it.each(seeds)(
    'a process that ends between any two writes leaves each word once, seed %i',
    async (seed) => {
      const { link, moments } = await typing(seed)
      const own = ({ values }: Moment) => [...values].filter(([name]) => ownKinds.includes(name[0] ?? ''))
      const stands = moments.filter((moment, index) => {
        const [before, now] = [moments[index - 1], own(moment)]
        return (
          !before ||
          own(before).length !== now.length ||
          now.some(([name, v]) => before.values.get(name) !== v)
        )
      })
      expect(stands.some(({ values }) => holdsJournal(values))).toBe(true)
      for (const [index, stand] of stands.entries())
        check(await goOn(seed, link, stand.values), stand, `seed ${seed}, write ${index}`)
    },
    300_000,
  )

  it.each(seeds)(
    'a journal of a copy, or one that came back, is not entered again, seed %i',
    async (seed) => {
      const { link, moments, end } = await typing(seed)
      const journals = new Map<string, Moment>()
      for (const moment of moments) {
        const parts = ['j', 'i'].flatMap((kind) =>
          [...moment.values].filter(([name]) => name.startsWith(kind)),
        )
        if (parts.length > 0)
          journals.set(parts.map(([, value]) => Buffer.from(value).toString('base64')).join(), moment)
      }
      for (const { values } of journals.values()) {
        const merged = new Map(end.values)
        for (const [name, value] of values) if ('ji'.includes(name[0] ?? '-')) merged.set(name, value)
        check(await goOn(seed, link, merged), end, `seed ${seed}`)
      }
    },
    300_000,
  )
})
