import { afterEach, describe, expect, it } from 'vitest'
import { fromHex } from '../../main/base/hex'
import { allSegmentsRange, snapshotKey } from '../../main/log/format/store-keys'
import { retention } from '../../main/log/snapshots/snapshot-store'
import { Cluster } from '../support/cluster'

let cluster: Cluster | null = null
afterEach(async () => {
  await cluster?.close()
  cluster = null
})

/** So many changes are more than those from which on a snapshot is made and fetched. */
const many = 1_050

const writeMany = async (run: Cluster, site: number, count: number): Promise<void> => {
  for (let word = 0; word < count; word++) {
    await run.type(site, word % 12 === 11 ? '\n' : `w${word} `)
    // Closes each into a change of its own.
    void run.document(site).saved()
    await run.wait(1)
  }
  await run.settle()
}

/** Ends a site in order and starts it again. */
const reopen = async (run: Cluster, site: number): Promise<void> => {
  run.crash(site)
  await run.start(site)
  await run.settle()
}

const stored = async (run: Cluster, site: number) => {
  const id = fromHex(run.document(site).id)
  const store = run.sites[site]?.running?.store
  let segments = 0
  for await (const _ of store?.entries(allSegmentsRange(id)) ?? []) segments++
  return { segments, snapshot: Boolean(await store?.get(snapshotKey(id))) }
}

const holds = (run: Cluster, site: number, test: (held: Awaited<ReturnType<typeof stored>>) => boolean) =>
  run.until(async () => test(await stored(run, site)), 60_000)

describe('a document with much in its log', () => {
  it('is kept as a snapshot too, which someone new gets instead of the segments (T1 to T7, W60 to W62)', async () => {
    const run = new Cluster(41, 3)
    cluster = run
    await run.open()
    run.crash(2)
    await writeMany(run, 0, many)
    expect((await stored(run, 0)).snapshot).toBe(false)
    await reopen(run, 0)
    expect(await holds(run, 0, ({ snapshot }) => snapshot)).toBe(true)
    expect((await stored(run, 0)).segments).toBeGreaterThanOrEqual(many)
    // One who never was there, from one who has both.
    run.crash(1)
    await run.start(2)
    const texts = await run.settle()
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain(`w${many - 2} `)
    const fresh = await stored(run, 2)
    expect(fresh.snapshot).toBe(true)
    expect(fresh.segments).toBeLessThan(10)
    // A site that got the snapshot passes it on, and everyone goes on writing.
    run.crash(0)
    await run.start(1)
    await run.type(1, 'one more')
    await run.type(2, 'and another')
    expect(new Set(await run.settle()).size).toBe(1)
    await reopen(run, 2)
    expect((await run.texts())[1]).toBe((await run.texts())[0])
    expect((await run.texts())[0]).toContain('and another')
    await run.start(0)
    expect(new Set(await run.settle()).size).toBe(1)
    expect((await run.texts())[0]).toContain('one more')
  })

  it('gives up old segments after a month, and nothing of the text (T5)', async () => {
    const run = new Cluster(42, 2)
    cluster = run
    await run.open()
    await writeMany(run, 0, many)
    await reopen(run, 0)
    expect(await holds(run, 0, ({ snapshot }) => snapshot)).toBe(true)
    run.crash(1)
    run.clock.jump(retention)
    await writeMany(run, 0, many)
    const before = (await stored(run, 0)).segments
    await reopen(run, 0)
    expect(await holds(run, 0, ({ segments }) => segments < 20)).toBe(true)
    expect(before).toBeGreaterThan(2 * many - 20)
    const [text] = await run.texts()
    expect(text).toContain(`w${many - 2} `)
    // One who has only what is older than what is left.
    await run.start(1)
    expect(new Set(await run.settle()).size).toBe(1)
    expect((await run.texts())[1]).toBe(text)
    for (const site of [0, 1]) await run.type(site, `last of ${site}`)
    expect(new Set(await run.settle()).size).toBe(1)
    for (const site of [0, 1]) await reopen(run, site)
    const texts = await run.settle()
    expect(new Set(texts).size).toBe(1)
    for (const site of [0, 1]) expect(texts[0]).toContain(`last of ${site}`)
  })
})
