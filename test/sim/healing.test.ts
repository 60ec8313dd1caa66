import { afterEach, describe, expect, it } from 'vitest'
import { fromHex } from '../../main/base/hex'
import { logRanges } from '../../main/log/format/store-keys'
import { Cluster } from '../support/cluster'
import { randomFrom } from '../support/random'

/** SWARMPAD_SEED plays one run again; SWARMPAD_RUNS sets how many random runs of all kinds there are. */
const only = process.env.SWARMPAD_SEED
const runs = Math.ceil(Number(process.env.SWARMPAD_RUNS ?? 500) / 20)
const seeds = only === undefined ? Array.from({ length: runs }, (_, index) => index) : [Number(only)]

let cluster: Cluster | null = null
afterEach(async () => {
  await cluster?.close()
  cluster = null
})

/** Names of a document's log records on a site's disk, selected by the letters of their kinds. */
function records(run: Cluster, site: number, id: string, kinds: string): string[] {
  const ranges = logRanges(fromHex(id)).map(({ gte, lt }) =>
    [gte, lt].map((key) => Buffer.from(key).toString('latin1')),
  )
  const values = run.sites[site]?.disk.values ?? new Map<string, Uint8Array>()
  return [...values.keys()]
    .filter(
      (name) =>
        kinds.includes(name[0] ?? '') && ranges.some(([gte = '', lt = '']) => name >= gte && name < lt),
    )
    .sort()
}

/** Changes a byte of a record on a site's disk. */
function spoil(run: Cluster, site: number, name: string, place: number): void {
  const values = run.sites[site]?.disk.values
  const value = Uint8Array.from(values?.get(name) ?? expect.fail())
  value[place % value.length] = (value[place % value.length] ?? 0) ^ 0x10
  values?.set(name, value)
}

/** Two who have written in turns, in three starts of the second; `onTurn` looks at that after each turn. */
async function written(
  seed: number,
  sites = 2,
  onTurn: (turn: number, run: Cluster) => void = () => undefined,
): Promise<{ run: Cluster; id: string }> {
  const run = new Cluster(seed, sites)
  cluster = run
  await run.open('begun\n')
  for (let turn = 0; turn < 6; turn++) {
    for (const site of [0, 1]) {
      await run.type(site, `word ${turn} of ${site}\n`)
      await run.wait(1_500)
    }
    onTurn(turn, run)
    if (turn % 2 === 0) continue
    await run.settle()
    run.crash(1)
    await run.start(1)
  }
  await run.settle()
  // So that the text last seen is on the disk too.
  await run.wait(40_000)
  return { run, id: run.document(0).id }
}

const statusOf = (run: Cluster, site: number) => run.document(site).opened().status

const isRepaired = (run: Cluster, site: number, limit = 300_000) =>
  run.until(async () => statusOf(run, site).problem === null && !statusOf(run, site).loading, limit)

/** Alters or takes away some records of a document on a site's disk, as if they had not been looked at for a week. */
async function spoilSome(run: Cluster, site: number, id: string, kinds: string, seed: number): Promise<void> {
  const random = randomFrom(seed)
  const names = records(run, site, id, kinds)
  const values = run.sites[site]?.disk.values
  for (let count = 1 + random.below(6); count > 0; count--) {
    const name = random.pick(names)
    if (random.chance(0.2)) values?.delete(name)
    else if ((values?.get(name)?.length ?? 0) > 0) spoil(run, site, name, random.below(4_000))
  }
  for (const name of records(run, site, id, 'k')) values?.delete(name)
}

/** Restarts a site and checks that everything on its disk is sound. */
async function isSoundAlone(run: Cluster, site: number, id: string, seed: number): Promise<void> {
  run.crash(site)
  for (const name of records(run, site, id, 'k')) run.sites[site]?.disk.values.delete(name)
  await run.start(site)
  await run.wait(150_000)
  expect(records(run, site, id, 'k').length, `seed ${seed}`).toBe(1)
  expect(records(run, site, id, 'h').length, `seed ${seed}`).toBe(0)
}

/** Starts the second of three, of whose disk something was lost: all come to one text, of `text` and what each types. */
async function wholeAgain(run: Cluster, text: string, seed: number): Promise<string> {
  await run.start(1)
  for (const site of [0, 1, 2]) await run.type(site, `after, ${site}\n`)
  await run.wait(150_000)
  expect(await isRepaired(run, 1), `seed ${seed}: ${statusOf(run, 1).problem}`).toBe(true)
  const texts = await run.settle()
  expect(new Set(texts).size, `seed ${seed}`).toBe(1)
  expect(texts[0]?.length).toBe(text.length + 3 * 'after, 0\n'.length)
  return texts[0] ?? ''
}

describe('a document of which a part is damaged on the disk', () => {
  it('shows the text last seen, says that it is being mended, and is whole when others gave it (S15 to S17)', async () => {
    const { run, id } = await written(1)
    const before = (await run.texts())[0] ?? ''
    run.crash(1)
    run.cut(0, 1)
    const [first = expect.fail()] = records(run, 1, id, 'g')
    spoil(run, 1, first, 240)
    await run.start(1)
    await run.wait(5_000)
    expect(statusOf(run, 1).problem).toMatch(
      /^A part of this document is damaged on this computer’s disk. It is mended as soon as/,
    )
    expect(await run.document(1).text()).toBe(before)
    await run.type(1, 'typed meanwhile\n')
    const notices: string[] = []
    run.workspace(1).on('notice', ({ message }) => notices.push(message))
    run.heal(0, 1)
    expect(await isRepaired(run, 1)).toBe(true)
    const texts = await run.settle()
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toBe(`${before}typed meanwhile\n`)
    expect(notices.filter((message) => message.includes('damaged'))).toEqual([
      '“begun”: a part of it was damaged on this computer’s disk, and was mended with what others’ computers had.',
    ])
    run.crash(1)
    await run.start(1)
    expect((await run.settle())[1]).toBe(texts[0])
    expect(statusOf(run, 1).problem).toBeNull()
  })

  it('is found in the background and mended while it is open and written in', async () => {
    const { run, id } = await written(2)
    const names = records(run, 1, id, 'g')
    // Others of its session follow.
    const inside =
      names.find((name, index) => names[index + 1]?.slice(0, 65) === name.slice(0, 65)) ?? expect.fail()
    run.crash(1)
    // Of its signature: nobody who reads it for its text sees it.
    spoil(run, 1, inside, 170)
    for (const name of records(run, 1, id, 'k')) run.sites[1]?.disk.values.delete(name)
    await run.start(1)
    await run.settle()
    expect(statusOf(run, 1).problem).toBeNull()
    const problems: (string | null)[] = []
    run.document(1).on('status', () => problems.push(statusOf(run, 1).problem))
    const notices: string[] = []
    run.workspace(1).on('notice', ({ message }) => notices.push(message))
    for (let turn = 0; turn < 90; turn++) {
      await run.type(turn % 2, `w${turn} `)
      await run.wait(1_000)
    }
    expect(problems.find((problem) => problem)).toMatch(/damaged on this computer’s disk/)
    expect(await isRepaired(run, 1)).toBe(true)
    const texts = await run.settle()
    expect(new Set(texts).size).toBe(1)
    for (let turn = 0; turn < 90; turn++) expect(texts[0]?.split(`w${turn} `).length).toBe(2)
    expect(notices.filter((message) => message.includes('mended')).length).toBe(1)
    // All know again that all is with both.
    expect(
      await run.until(async () => [0, 1].every((site) => statusOf(run, site).inSyncWith === 1), 60_000),
    ).toBe(true)
  })

  it('in what this very run wrote, and no longer has in memory, goes on in a new session (S13, S17)', async () => {
    const run = new Cluster(6, 2)
    cluster = run
    await run.open('begun\n')
    const { id } = run.document(0)
    const before = new Set(records(run, 1, id, 'g'))
    await run.type(1, 'first of this run\n')
    await run.wait(1_500)
    const [own = expect.fail()] = records(run, 1, id, 'g').filter((name) => !before.has(name))
    // More than is remembered.
    for (let turn = 0; turn < 5; turn++) {
      await run.type(1, `${run.random.bytes(60_000).toString('base64')}\n`)
      await run.wait(1_000)
    }
    await run.settle()
    spoil(run, 1, own, 170)
    const sessions = () => records(run, 1, id, 'o').length
    const had = sessions()
    expect(await run.until(async () => statusOf(run, 1).problem !== null, 90_000)).toBe(true)
    await run.type(1, 'typed while it is mended\n')
    expect(await isRepaired(run, 1)).toBe(true)
    const texts = await run.settle()
    expect(new Set(texts).size).toBe(1)
    for (const words of ['first of this run\n', 'typed while it is mended\n'])
      expect(texts[0]?.split(words).length).toBe(2)
    expect(sessions()).toBe(had + 1)
  })

  /** Three sites, of which the last two hold most of the document as a snapshot alone; the first and the last have left. */
  async function snapshotted(seed: number): Promise<{ run: Cluster; id: string; before: string }> {
    const run = new Cluster(seed, 3)
    cluster = run
    await run.open()
    for (const site of [1, 2]) run.crash(site)
    // Enough for a snapshot.
    for (let word = 0; word < 1_050; word++) {
      await run.type(0, word % 12 === 11 ? '\n' : `w${word} `)
      void run.document(0).saved()
      await run.wait(1)
    }
    await run.settle()
    run.crash(0)
    await run.start(0)
    const { id } = run.document(0)
    const holds = (site: number) => run.until(async () => records(run, site, id, 'n').length === 1, 60_000)
    expect(await holds(0)).toBe(true)
    for (const site of [1, 2]) {
      await run.start(site)
      await run.settle()
      expect(await holds(site)).toBe(true)
      await run.type(site, `and ${site}`)
    }
    const [before = ''] = await run.settle()
    await run.wait(40_000)
    run.crash(0)
    run.crash(2)
    expect(records(run, 2, id, 'g').length).toBeLessThan(20)
    return { run, id, before }
  }

  it('in the snapshot that stands in place of segments fetches that again (T4, W62)', async () => {
    const { run, id, before } = await snapshotted(5)
    const [part = expect.fail()] = records(run, 2, id, 'q')
    spoil(run, 2, part, 2_000)
    await run.start(2)
    await run.type(2, ' again')
    expect(await isRepaired(run, 2)).toBe(true)
    const texts = await run.settle()
    expect(texts).toEqual([`${before} again`, `${before} again`])
    run.crash(1)
    run.crash(2)
    await run.start(2)
    expect(await run.settle()).toEqual([`${before} again`])
    expect(statusOf(run, 2).problem).toBeNull()
  })

  it.each(seeds.filter((seed) => only !== undefined || seed % 5 === 0))(
    'is whole after any records were altered or lost beside a snapshot, seed %i',
    async (seed) => {
      const { run, id, before } = await snapshotted(seed)
      await spoilSome(run, 2, id, 'bcfgnoqtz', seed)
      await run.start(2)
      await run.type(2, ' again')
      await run.wait(150_000)
      expect(await isRepaired(run, 2), `seed ${seed}: ${statusOf(run, 2).problem}`).toBe(true)
      expect(await run.settle(), `seed ${seed}`).toEqual([`${before} again`, `${before} again`])
      await isSoundAlone(run, 2, id, seed)
      expect((await run.settle())[1]).toBe(`${before} again`)
    },
  )

  /** As when blocks of a database's tables were lost: some records are gone, or are what they were before. */
  function loseSome(run: Cluster, site: number, before: Map<string, Uint8Array>, seed: number): void {
    const random = randomFrom(seed)
    const { disk } = run.sites[site] ?? expect.fail()
    // Of the person's record nothing is left then.
    const names = [...disk.values.keys()].filter((name) => name[0] !== 'p').sort()
    for (let count = 1 + random.below(4); count > 0; count--) {
      const from = random.below(names.length)
      for (const name of names.slice(from, from + 1 + random.below(8))) {
        const value = random.chance(0.7) ? before.get(name) : undefined
        if (value) disk.values.set(name, value)
        else disk.values.delete(name)
      }
    }
    disk.suspect = true
  }

  it.each(seeds)(
    'of which records are gone or older in a mended database is whole again, seed %i',
    async (seed) => {
      const diskOf = (run: Cluster) => (run.sites[1] ?? expect.fail()).disk
      let before = new Map<string, Uint8Array>()
      const { run, id } = await written(seed, 3, (turn, then) => {
        if (turn === seed % 5) before = new Map(diskOf(then).values)
      })
      const [text] = await run.settle()
      run.crash(1)
      loseSome(run, 1, before, seed)
      const whole = await wholeAgain(run, text ?? '', seed)
      expect(diskOf(run).suspect).toBe(false)
      await isSoundAlone(run, 1, id, seed)
      expect((await run.settle())[1]).toBe(whole)
    },
  )

  it('of which only the ends that were noted are older in a mended database is whole alone', async () => {
    const run = new Cluster(4, 2)
    cluster = run
    await run.open('begun\n')
    const { id } = run.document(0)
    await run.type(0, 'first\n')
    await run.settle()
    const { disk } = run.sites[1] ?? expect.fail()
    const before = new Map(disk.values)
    await run.type(0, 'second\n')
    const [text] = await run.settle()
    run.crash(0)
    run.crash(1)
    const tips = records(run, 1, id, 't').filter((name) => before.has(name))
    expect(tips.length).toBeGreaterThan(0)
    for (const name of tips) disk.values.set(name, before.get(name) ?? expect.fail())
    disk.suspect = true
    await run.start(1)
    expect(await isRepaired(run, 1)).toBe(true)
    expect(await run.settle()).toEqual([text])
    await run.wait(10_000)
    expect(disk.suspect).toBe(false)
    await isSoundAlone(run, 1, id, 4)
    expect(await run.settle()).toEqual([text])
  })

  it('that nobody else has says what to do, and shows the text last seen (S17)', async () => {
    const { run, id } = await written(3)
    const [before] = await run.texts()
    run.cut(0, 1)
    run.crash(1)
    for (const name of records(run, 1, id, 'g')) spoil(run, 1, name, 240)
    await run.start(1)
    await run.wait(400_000)
    expect(statusOf(run, 1).problem).toMatch(/if nobody has all of it, restore it from a backup/)
    expect(statusOf(run, 1).loading).toBe(true)
    expect(await run.document(1).text()).toBe(before)
  })

  it.each(seeds)('is whole after any records were altered or lost, seed %i', async (seed) => {
    const { run, id } = await written(seed, 3)
    const [before] = await run.texts()
    run.crash(1)
    await spoilSome(run, 1, id, 'bcfgotz', seed)
    const whole = await wholeAgain(run, before ?? '', seed)
    await isSoundAlone(run, 1, id, seed)
    expect((await run.settle())[1]).toBe(whole)
  })
})
