import { ChangeSet } from '@codemirror/state'
import { afterEach, describe, expect, it } from 'vitest'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { Cluster } from '../support/cluster'
import { grounds } from '../support/ground'

let cluster: Cluster | null = null
afterEach(async () => {
  await cluster?.close()
  cluster = null
})

describe.each(grounds)('a cluster on a %s text', (ground) => {
  it('brings what one types to the other', async () => {
    cluster = new Cluster(1, 2, ground)
    await cluster.open('hello ')
    await cluster.settle()
    await cluster.type(0, 'world')
    expect(await cluster.settle()).toEqual(['hello world', 'hello world'])
    await cluster.type(1, '!')
    expect(await cluster.settle()).toEqual(['hello world!', 'hello world!'])
  })

  it('knows when others wrote, and does not count own words', async () => {
    cluster = new Cluster(3, 2, ground)
    await cluster.open('hello ')
    await cluster.settle()
    const times = () => [0, 1].map((site) => cluster?.document(site).times.lastOfOthers ?? 0)
    const [own = 0, others = 0] = times()
    await cluster.type(0, 'world')
    await cluster.settle()
    expect(times()[0]).toBe(own)
    expect(times()[1]).toBeGreaterThan(others)
  })

  it('ends lines with U+000A alone, however text is given (D7)', async () => {
    cluster = new Cluster(7, 2, ground)
    await cluster.open('one\r\ntwo\rthree\n')
    await cluster.settle()
    await cluster.type(0, 'four\r\n')
    await cluster.type(1, '\rzero\r', 0)
    const expected = '\nzero\none\ntwo\nthree\nfour\n'
    expect(await cluster.settle()).toEqual([expected, expected])
    let made: SharedDocument | null = null
    void cluster
      .workspace(0)
      .createDocument({ title: 'A', text: 'C\rD\r\n' })
      .then((document) => {
        made = document
      })
    const run = cluster
    expect(await run.until(async () => made !== null, 10_000)).toBe(true)
    expect((made as SharedDocument | null)?.opened().text).toBe('# A\n\nC\nD\n')
  })

  it('leaves U+000D in what others wrote and in what undo brings back (D7)', async () => {
    cluster = new Cluster(8, 2, ground)
    await cluster.open('text')
    await cluster.settle()
    const document = cluster.document(0)
    const { length } = document.opened().text
    const changes = ChangeSet.of({ from: 0, insert: 'from\rothers\r\n' }, length, '\n').toJSON()
    document.pushEdits(document.version, [{ clientID: 'page', changes }])
    await cluster.settle()
    const texts = [0, 1].map((site) => cluster?.document(site).opened().text.slice(0, 13))
    expect(texts).toEqual(['from\rothers\r\n', 'from\rothers\r\n'])
  })

  it('merges what two wrote apart', async () => {
    cluster = new Cluster(2, 2, ground)
    await cluster.open('middle')
    await cluster.settle()
    cluster.cut(0, 1)
    await cluster.type(0, 'first ', 0)
    await cluster.type(1, ' last')
    await cluster.wait(5_000)
    expect(await cluster.texts()).toEqual(['first middle', 'middle last'])
    cluster.heal(0, 1)
    expect(await cluster.settle()).toEqual(['first middle last', 'first middle last'])
  })

  it('loses nothing when a replica dies while someone types', async () => {
    cluster = new Cluster(3, 2, ground)
    await cluster.open('text')
    await cluster.settle()
    for (let key = 0; key < 20; key++) {
      await cluster.type(0, String(key % 10))
      if (key === 7 || key === 13) cluster.killReplica(0)
      await cluster.wait(7)
    }
    const expected = 'text01234567890123456789'
    expect(await cluster.settle()).toEqual([expected, expected])
  })

  it('is where the switch was put last, however fast it was turned', async () => {
    cluster = new Cluster(6, 2, ground)
    await cluster.open('text')
    await cluster.settle()
    const turns = [cluster.offline(0), cluster.online(0), cluster.offline(0), cluster.online(0)]
    await cluster.wait(20_000)
    await Promise.all(turns)
    await cluster.type(1, '!')
    expect(await cluster.settle()).toEqual(['text!', 'text!'])
  })

  it('passes on through the one in the middle', async () => {
    cluster = new Cluster(4, 3, ground)
    cluster.cut(0, 2)
    await cluster.open('a')
    await cluster.type(0, 'b')
    expect(await cluster.settle()).toEqual(['ab', 'ab', 'ab'])
    await cluster.type(2, 'c')
    expect(await cluster.settle()).toEqual(['abc', 'abc', 'abc'])
  })
})
