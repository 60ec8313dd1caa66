import { afterEach, describe, expect, it } from 'vitest'
import { defaultLimits, sessionCharge } from '../../main/log/quota'
import { Cluster } from '../support/cluster'

let cluster: Cluster
afterEach(() => cluster.close())

const statusOf = (site: number) => cluster.document(site).opened().status
const isShort = (site: number, short: boolean) =>
  cluster.until(async () => (statusOf(site).shortage !== null) === short, 60_000)

describe('a document that has taken all the room that it may (rule S14)', () => {
  it('tells it, takes own edits, claims nothing false, and takes all when it may take more', async () => {
    cluster = new Cluster(1, 2)
    cluster.limits[1] = { ...defaultLimits, document: sessionCharge + 20_000 }
    await cluster.open('begun ')
    await cluster.settle()
    const heard: string[] = []
    cluster.document(1).on('error', ({ message }) => heard.push(message))
    for (let turn = 0; turn < 60 && !statusOf(1).shortage; turn++) {
      await cluster.type(0, cluster.random.bytes(600).toString('hex'))
      await cluster.wait(2_000)
    }
    expect(await isShort(1, true)).toBe(true)
    expect(heard[0]).toMatch(/^This document has reached the 1 MB that it may take on this computer/)
    await cluster.type(0, 'not taken yet ')
    await cluster.type(1, 'mine all the same ')
    await cluster.wait(70_000)
    const [one = '', two = ''] = await cluster.texts()
    expect(two).not.toContain('not taken yet')
    // Own edits are saved and reach the others, who do not think that theirs have arrived.
    expect(one).toContain('mine all the same')
    const { version, status } = cluster.document(1).opened()
    expect(status.savedVersion).toBe(version)
    expect(status.inSyncWith).toBe(0)
    expect(statusOf(0).inSyncWith).toBe(0)
    expect(statusOf(0).unshared).toBe(true)
    for (let more = 0; more < 8 && statusOf(1).shortage; more++) await cluster.takeMore(1)
    expect(statusOf(1).shortage).toBeNull()
    const texts = await cluster.settle()
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain('not taken yet')
    expect(
      await cluster.until(async () => statusOf(0).inSyncWith === 1 && statusOf(1).inSyncWith === 1, 60_000),
    ).toBe(true)
    // The raised limit survives a restart.
    cluster.crash(1)
    await cluster.start(1)
    await cluster.settle()
    expect(statusOf(1).shortage).toBeNull()
  })

  it('gives all documents together more when that is what is short, and keeps that', async () => {
    cluster = new Cluster(3, 2)
    cluster.limits[1] = { ...defaultLimits, profile: 1_000 }
    await cluster.open('begun ')
    expect(await isShort(1, true)).toBe(true)
    expect(statusOf(1).shortage?.text).toMatch(/^Your documents together have reached/)
    await cluster.takeMore(1)
    expect(statusOf(1).shortage).toBeNull()
    await cluster.type(0, 'more ')
    expect(await cluster.settle()).toEqual(['begun more ', 'begun more '])
    cluster.crash(1)
    await cluster.start(1)
    await cluster.settle()
    expect(statusOf(1).shortage).toBeNull()
  })

  it('goes on by itself when the disk has room again', async () => {
    cluster = new Cluster(2, 2)
    await cluster.open('begun ')
    await cluster.settle()
    cluster.sayFree(1, 1_000)
    expect(await isShort(1, true)).toBe(true)
    expect(statusOf(1).shortage).toMatchObject({ canTakeMore: false })
    await cluster.takeMore(1)
    await cluster.type(0, 'later ')
    await cluster.wait(60_000)
    expect(await cluster.document(1).text()).not.toContain('later')
    cluster.sayFree(1, 2 ** 40)
    expect(await isShort(1, false)).toBe(true)
    const texts = await cluster.settle()
    expect(texts).toEqual(['begun later ', 'begun later '])
  })
})
