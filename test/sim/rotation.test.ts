import { afterEach, describe, expect, it } from 'vitest'
import { fromHex } from '../../main/base/hex'
import { keysFromWrite } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { makeSuccessor } from '../../main/log/format/successor'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { keyOf } from '../../main/workspace/successors'
import { Cluster } from '../support/cluster'
import { HostileWriter } from '../support/hostile-writer'
import { SimNetwork } from '../support/sim-network'

let cluster: Cluster
const writers: HostileWriter[] = []
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close()))
  await cluster.close()
})

/** Three people write in one document. */
async function open(seed: number): Promise<void> {
  cluster = new Cluster(seed, 3)
  await cluster.open('The plan. ')
  for (const site of [1, 2]) await cluster.type(site, `Site ${site}. `)
  await cluster.settle()
  for (const site of [0, 1, 2])
    expect(await cluster.until(async () => cluster.document(site).writers().length === 2, 60_000)).toBe(true)
}

/** Waits for what needs the simulated clock to go on. */
async function done<T>(work: Promise<T>): Promise<T> {
  let ended = false
  const end = () => {
    ended = true
  }
  work.then(end, end)
  await cluster.until(async () => ended, 120_000)
  return work
}

const nameOf = (site: number) => `site ${site}`
const keyOfSite = (site: number) =>
  cluster
    .document(site === 0 ? 1 : 0)
    .writers()
    .find(({ name }) => name === nameOf(site))?.key ?? expect.fail()
const told = (site: number) => cluster.document(site).opened().successors
const hears = (site: number, count = 1) => cluster.until(async () => told(site).length === count, 60_000)
const replace = (site: number, receivers: string[], keepOld = true) =>
  done(cluster.workspace(site).rotation.replace(cluster.document(site).id, { receivers, keepOld }))
const follow = (site: number, index = 0) =>
  done(
    cluster
      .workspace(site)
      .rotation.follow(cluster.document(site).id, told(site)[index]?.key ?? expect.fail()),
  )

async function equal(...documents: SharedDocument[]): Promise<boolean> {
  const same = async () => new Set(await Promise.all(documents.map((document) => document.text()))).size === 1
  return cluster.until(same, 60_000)
}

/** Someone comes with the write link and puts notes into the document. */
async function comes(identity: number, notes: Uint8Array[], name = 'Mallory'): Promise<void> {
  const keys = keysFromLink(parseLink(await cluster.document(0).link('write')))
  const environment = { clock: cluster.clock, random: (size: number) => cluster.random.bytes(size) }
  const writer = new HostileWriter({ keys, environment, name, identity })
  writers.push(writer)
  await writer.open()
  for (const bytes of notes) await writer.note({ key: keyOf(bytes).slice(0, 32), bytes })
  await writer.share(new SimNetwork({ world: cluster.world, name: `hostile ${writers.length}` }))
}

describe('replacing the links (R1 to R5)', () => {
  it('whoever was picked is given the new document, whoever was not learns that much and no more', async () => {
    await open(1)
    const before = await cluster.document(0).text()
    const next = await replace(0, [keyOfSite(1)])
    expect(await next.text()).toBe(before)
    expect(next.id).not.toBe(cluster.document(0).id)
    expect([await hears(0), await hears(1), await hears(2)]).toEqual([true, true, true])
    expect(told(0)).toMatchObject([{ own: true, held: true, name: nameOf(0) }])
    expect(told(1)).toMatchObject([
      { own: false, held: false, offered: true, name: nameOf(0), sharesName: false },
    ])
    expect(told(2)).toMatchObject([{ own: false, held: false, offered: false, name: nameOf(0) }])
    expect(told(2)[0]?.fingerprint).toBe(cluster.workspace(0).profile().fingerprint)
    await expect(follow(2)).rejects.toMatchObject({ code: 'DOCUMENT_UNKNOWN' })

    const theirs = await follow(1)
    expect([theirs.id, theirs.role]).toEqual([next.id, 'write'])
    expect(await equal(next, theirs)).toBe(true)
    await theirs.edit([{ from: 0, to: 0, insert: 'Together: ' }])
    await next.edit([{ from: 0, to: 0, insert: 'New. ' }])
    expect(await equal(next, theirs)).toBe(true)
    expect(await next.text()).toContain('Together: ')
    // The old document goes on for whoever stays there.
    await cluster.type(2, 'On my own.')
    expect(new Set(await cluster.settle()).size).toBe(1)
    expect(await next.text()).not.toContain('On my own.')
    expect(
      cluster
        .workspace(1)
        .summaries()
        .map(({ replaced }) => replaced)
        .sort(),
    ).toEqual([false, true])
    for (const document of [next, theirs]) await done(document.close())
  })

  it('someone offline is told when they come back, and who replaced the links sees who was not', async () => {
    await open(2)
    await done(cluster.offline(1))
    const next = await replace(0, [keyOfSite(1), keyOfSite(2)])
    const untold = () => told(0)[0]?.untold
    expect(await cluster.until(async () => untold()?.length === 1, 60_000)).toBe(true)
    expect(untold()).toEqual([nameOf(1)])
    await done(cluster.online(1))
    expect(await hears(1)).toBe(true)
    expect(await cluster.until(async () => untold()?.length === 0, 60_000)).toBe(true)
    await done(next.close())
  })

  it('what is known of it is there again after a crash, before anyone else comes', async () => {
    await open(3)
    const next = await replace(0, [keyOfSite(1)])
    await done(next.close())
    await hears(1)
    for (const site of [0, 1]) cluster.crash(site)
    cluster.crash(2)
    await cluster.start(1)
    expect(told(1)).toMatchObject([{ offered: true, held: false }])
    const theirs = await follow(1)
    expect(theirs.id).toBe(next.id)
    expect(told(1)).toMatchObject([{ held: true }])
    await done(theirs.close())
    await cluster.start(0)
    expect(told(0)).toMatchObject([{ own: true, held: true }])
  })

  it('the old document is taken away when everyone who was picked has the record, and not before', async () => {
    await open(4)
    await done(cluster.offline(1))
    const old = cluster.document(0)
    const next = await replace(0, [keyOfSite(1)], false)
    await done(old.close())
    const ids = () =>
      cluster
        .workspace(0)
        .summaries()
        .map(({ id }) => id)
    await cluster.wait(30_000)
    expect(ids()).toContain(old.id)
    await done(cluster.online(1))
    expect(await cluster.until(async () => !ids().includes(old.id), 60_000)).toBe(true)
    expect(ids()).toEqual([next.id])
    // A document that is opened again is kept.
    const again = await done(cluster.workspace(0).openDocument(await cluster.document(1).link('write')))
    await done(again.close())
    await cluster.wait(30_000)
    expect(ids().sort()).toEqual([next.id, old.id].sort())
    expect(await hears(1)).toBe(true)
    await done(next.close())
  })

  it('is done also when the thread of the old document dies meanwhile', async () => {
    await open(10)
    const replacing = replace(0, [keyOfSite(1)])
    for (let count = 0; count < 6; count++) {
      for (let turn = 0; turn < 5 + count; turn++) await new Promise((resolve) => setImmediate(resolve))
      cluster.killReplica(0)
    }
    const next = await replacing
    expect(await hears(1)).toBe(true)
    expect(told(0)).toHaveLength(1)
    await done(next.close())
  })

  it('takes someone who writes here, and nobody else; nothing for a reader', async () => {
    await open(5)
    const { rotation } = cluster.workspace(0)
    const { id } = cluster.document(0)
    await expect(
      done(rotation.replace(id, { receivers: ['ab'.repeat(32)], keepOld: true })),
    ).rejects.toMatchObject({ code: 'RECEIVER_UNKNOWN' })
    expect(cluster.workspace(0).summaries()).toHaveLength(1)
    await expect(done(rotation.follow(id, 'ab'.repeat(32)))).rejects.toMatchObject({ code: 'REQUEST_LATE' })
  })
})

describe('records that someone made up', () => {
  const next = keysFromWrite(Buffer.alloc(32, 0x44))
  const recordBy = (identity: number, from = cluster.document(0).id, receivers: string[] = []) =>
    makeSuccessor({
      from: fromHex(from),
      to: next,
      identity: identityFromSeed(Buffer.alloc(32, identity)),
      receivers: receivers.map(fromHex),
      random: (size) => cluster.random.bytes(size),
    })

  it('are passed over: of another document, of nobody who writes here, changed, or garbage', async () => {
    await open(6)
    const sound = recordBy(1, undefined, [keyOfSite(1)])
    const changed = Uint8Array.from(sound)
    changed[40] = (changed[40] ?? 0) ^ 1
    await comes(1, [
      recordBy(9),
      recordBy(1, 'cc'.repeat(32)),
      changed,
      Buffer.alloc(500, 3),
      new Uint8Array(0),
    ])
    await cluster.until(async () => cluster.document(1).writers().length === 3, 60_000)
    await cluster.type(2, '!')
    await cluster.settle()
    expect([0, 1, 2].map((site) => told(site))).toEqual([[], [], []])
  })

  it('that are sound name who made them, and mark a name that someone else has', async () => {
    await open(7)
    await comes(1, [recordBy(1, undefined, [keyOfSite(1)])], nameOf(0))
    expect([await hears(1), await hears(2)]).toEqual([true, true])
    expect(told(1)).toMatchObject([{ name: nameOf(0), sharesName: true, offered: true }])
    expect(told(1)[0]?.fingerprint).not.toBe(cluster.workspace(0).profile().fingerprint)
    expect(told(2)).toMatchObject([{ sharesName: true, offered: false }])
  })

  it('are 64 at most, and leave the document as it was', async () => {
    await open(8)
    await comes(
      1,
      Array.from({ length: 80 }, () => recordBy(1, undefined, [keyOfSite(1)])),
    )
    expect(await hears(1, 64)).toBe(true)
    await cluster.type(1, 'on')
    expect(new Set(await cluster.settle()).size).toBe(1)
    expect(told(1)).toHaveLength(64)
  })
})

it('a reader cannot replace the links, and learns that they were (R4)', async () => {
  cluster = new Cluster(9, 3)
  cluster.readers.add(2)
  await cluster.open('The plan. ')
  await cluster.type(1, 'Site 1. ')
  await cluster.settle()
  await expect(replace(2, [])).rejects.toMatchObject({ code: 'ROLE_TOO_LOW' })
  const next = await replace(0, [keyOfSite(1)])
  expect(await hears(2)).toBe(true)
  expect(told(2)).toMatchObject([{ offered: false, held: false, name: nameOf(0) }])
  // Readers write nothing that could be sealed for them.
  expect(
    cluster
      .document(0)
      .writers()
      .map(({ name }) => name),
  ).toEqual([nameOf(1)])
  await done(next.close())
})
