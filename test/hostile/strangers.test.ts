import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fromHex } from '../../main/base/hex'
import { keysFromWrite } from '../../main/keys/derive'
import { HardenedMux } from '../../main/sync/wire/hardened-mux'
import { listOf, type MatchPort, openMatch } from '../support/say-match'
import type { Line } from './hostile-peer'
import { Stage } from './stage'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterEach(async () => {
  await stage.expectUnharmed()
  await stage.rest()
})
afterAll(() => stage?.close())

describe('a stranger who knows the topic', () => {
  it('W3 learns nothing: no channel opens to the keys of another document, and no word names this one', async () => {
    let opened = 0
    const peer = await stage.attack((line) =>
      line.open(keysFromWrite(Buffer.alloc(32, 1)), () => {
        opened++
      }),
    )
    await stage.expectUnharmed()
    expect(opened).toBe(0)
    const { writer } = stage
    const secrets = [
      writer.keep,
      writer.topic,
      writer.documentId,
      writer.read,
      writer.verify,
      writer.presence,
    ]
    for (const line of peer.lines) {
      const heard = Buffer.concat(line.bytes)
      for (const secret of secrets) expect(heard.includes(Buffer.from(secret ?? expect.fail()))).toBe(false)
      for (const word of ['Ada', 'Ben', 'Besieged']) expect(heard.includes(word)).toBe(false)
      expect(line.heard).toEqual([])
    }
  })

  it('W4 W80 is told neither name, nor role, nor documents by saying back all that it hears', async () => {
    const peer = await stage.attack((line) => {
      const { stream, isInitiator } = line.connection
      // The app says its list to whoever dialled only after theirs.
      if (isInitiator)
        openMatch(new HardenedMux(stream), line.connection).send(
          'list',
          listOf([], line.connection, { random: (size) => line.random.bytes(size) }),
        )
      let isOpen = !isInitiator
      stream.on('data', (data) => {
        if (isOpen) line.raw(data as Uint8Array)
        isOpen = true
      })
    })
    const sizes = new Set<string>()
    for (const [name, role] of [
      ['C', 'write'],
      ['Constantin with the long name', 'read'],
    ] as const) {
      const before = peer.lines.length
      await stage.enter(name, role)
      const later = () => peer.lines.slice(before).filter(({ bytes }) => bytes.length >= 3)
      await stage.until('it was met, and told what all are told', () => later().length > 0)
      for (const { bytes } of later()) sizes.add(String(bytes.slice(0, 3).map(({ length }) => length)))
    }
    // The opening of the channel for matching, a list and an addition: whoever says it, of whatever.
    expect([...sizes]).toEqual(['51,4103,4103'])
    for (const { bytes } of peer.lines) expect(Buffer.concat(bytes).includes('swarmpad/doc')).toBe(false)
  })

  it('W82 says lists that are too long, too many or in disorder: the connection ends', async () => {
    for (const say of [
      (port: MatchPort) => port.send('list', Buffer.alloc(300_000, 1)),
      (port: MatchPort) => port.send('more', Buffer.alloc(4_096, 1)),
      (port: MatchPort, line: Line) => {
        const list = listOf([], line.connection, { random: (size) => line.random.bytes(size) })
        for (let n = 0; n < 3; n++) port.send('list', list)
      },
      (port: MatchPort, line: Line) => {
        const list = () => listOf([], line.connection, { random: (size) => line.random.bytes(size) })
        port.send('list', list())
        for (let n = 0; n < 70; n++) port.send('more', list())
      },
    ]) {
      const peer = await stage.attack((line) =>
        say(openMatch(new HardenedMux(line.connection.stream), line.connection), line),
      )
      await stage.until('all ended', () => peer.lines.every((line) => line.ended))
      await stage.expectUnharmed()
      await stage.rest()
    }
  })

  it.each([
    ['W10 bytes that are no frame', Buffer.alloc(40, 0xff)],
    ['W10 a batch of batches of batches', Buffer.alloc(20_000)],
    ['W11 a frame over the limit', Buffer.alloc(600_000, 1)],
  ])('%s: the connection ends', async (_, bytes) => {
    const peer = await stage.attack((line) => line.raw(bytes))
    await stage.until('all ended', () => peer.lines.every((line) => line.ended))
  })

  it('W13 two hundred thousand openings: the connection ends long before', async () => {
    const opening = Buffer.concat([Buffer.of(0, 1, 7, 3), Buffer.from('abc'), Buffer.of(0)])
    const peer = await stage.attack((line) => {
      let sent = 0
      line.keepOn(1, () => {
        for (let count = 0; count < 2_000 && sent < 200_000; count++, sent++) line.raw(opening)
      })
    })
    await stage.until('all ended', () => peer.lines.every((line) => line.ended))
  })

  it('W17 says nothing but half a word, on ten connections: the two do not notice', async () => {
    await Promise.all(
      Array.from({ length: 5 }, (_, seed) => stage.attack((line) => line.raw(fromHex('00')), seed)),
    )
  })

  it('W5 who has the keep secret and proves it for the wrong side, or not at all: ended, and refused', async () => {
    for (const said of [
      { wrongSide: true as const },
      { hello: () => Buffer.alloc(0) },
      { hello: (own: Uint8Array) => Buffer.alloc(own.length, 7) },
    ]) {
      const peer = await stage.attack((line) => line.open(stage.keeper, () => undefined, said))
      await stage.until('all ended', () => peer.lines.every((line) => line.ended))
      expect(stage.people()).toEqual(['Ben'])
      await stage.rest()
    }
  })

  it('W41 once refused, is turned away before a word', async () => {
    let first = true
    const peer = await stage.attack((line) => {
      const hello = first ? () => Buffer.alloc(3) : undefined
      line.open(stage.keeper, () => undefined, hello ? { hello } : {})
    })
    await stage.until('all ended', () => peer.lines.every((line) => line.ended))
    first = false
    const { met, came } = peer
    await stage.until('it came again', () => peer.came > came)
    await stage.until('all ended again', () => peer.lines.every((line) => line.ended))
    expect(peer.lines.slice(met).flatMap((line) => line.heard)).toEqual([])
  })
})
