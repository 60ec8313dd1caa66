import { afterEach, describe, expect, it } from 'vitest'
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
