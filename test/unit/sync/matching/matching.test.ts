import { describe, expect, it, vi } from 'vitest'
import { hex } from '../../../../main/base/hex'
import type { DocumentKeys } from '../../../../main/keys/derive'
import { MemoryDisk } from '../../../../main/storage/memory-store'
import { DocumentSync } from '../../../../main/sync/document-sync'
import { decodeEntries, encodeEntries, listLengths } from '../../../../main/sync/matching/entries'
import { channelId, openChannel } from '../../../../main/sync/wire/channel'
import { HardenedMux } from '../../../../main/sync/wire/hardened-mux'
import { duplexPair, type PairEnd } from '../../../support/duplex-pair'
import { quiet } from '../../../support/manual-clock'
import { listOf, type MatchPort, openMatch } from '../../../support/say-match'
import { unplaced } from '../../../support/sim-network'
import { segmentsOf } from '../mallory'
import { type Site, World } from '../world'

/** Somebody without keys who is connected to a site, on either side. */
class Stranger {
  readonly stream: PairEnd
  readonly heard: { type: 'list' | 'more' | 'gone'; body: Uint8Array; at: number }[] = []
  readonly port: MatchPort
  readonly connection
  readonly mux: HardenedMux

  constructor(
    readonly site: Site,
    isInitiator: boolean,
    { saysList = true }: { saysList?: boolean } = {},
  ) {
    const { world } = site
    const handshakeHash = world.random.bytes(64)
    const [near, far] = duplexPair()
    this.stream = near
    this.connection = {
      ...unplaced,
      stream: near,
      isInitiator,
      remotePublicKey: site.network.publicKey,
      handshakeHash,
    }
    this.mux = new HardenedMux(near)
    site.network.emit('connection', {
      ...unplaced,
      stream: far,
      isInitiator: !isInitiator,
      remotePublicKey: world.random.bytes(32),
      handshakeHash,
    })
    const began = world.clock.now()
    this.port = openMatch(this.mux, this.connection, (type, body) =>
      this.heard.push({ type, body, at: world.clock.now() - began }),
    )
    if (saysList) this.sayList()
  }

  /** Says a list of documents that nobody else has. */
  sayList(): void {
    this.port.send('list', listOf([], this.connection, this.site.world.environment))
  }

  /** Sizes and times of all that was said to it, and how many bytes came in all. */
  get seen() {
    return {
      said: this.heard.map(({ type, body, at }) => [type, body.length, at]),
      sizes: this.stream.other?.sizes,
    }
  }
}

const tagsIn = (body: Uint8Array | undefined) => [
  ...decodeEntries(body ?? new Uint8Array(0), listLengths).keys(),
]

/** A site that shares some other documents besides the world's, which nobody looks at. */
async function busySite(world: World, name: string, count: number): Promise<Site> {
  const site = await world.site(name, 'write', { looks: false })
  for (let n = 0; n < count; n++) await site.share('write', world.newKeys(), { looks: false })
  return site
}

describe('what a stranger sees', () => {
  it.each([true, false])(
    'W80 W82 is the same with 1 and with 200 documents, and while some are added, dialling %s',
    async (dials) => {
      const seen = []
      for (const [count, added] of [
        [0, 0],
        [199, 0],
        [3, 60],
      ] as const) {
        const world = new World()
        const site = await busySite(world, 'Ada', count)
        const stranger = new Stranger(site, dials)
        await world.clock.advance(700)
        for (let n = 0; n < added; n++) {
          await site.share('write', world.newKeys())
          await world.clock.advance(100)
        }
        await world.clock.advance(28_900 - 100 * added)
        seen.push(stranger.seen)
        expect(stranger.stream.destroyed).toBe(false)
        await world.clock.advance(1_000)
        expect(stranger.stream.destroyed).toBe(true)
      }
      expect(seen[1]).toEqual(seen[0])
      expect(seen[2]).toEqual(seen[0])
      expect(seen[0]?.said.length).toBe(15)
      expect(seen[0]?.said[0]).toEqual(['list', 4_096, 0])
      expect(seen[0]?.said[14]).toEqual(['more', 4_096, 28_000])
    },
  )

  it('W80 lists that have nothing in common on two connections, with tags in no order of the documents', async () => {
    const world = new World()
    const site = await busySite(world, 'Ada', 20)
    const strangers = [new Stranger(site, true), new Stranger(site, true), new Stranger(site, false)]
    await quiet()
    const tags = strangers.flatMap(({ heard }) => tagsIn(heard[0]?.body))
    expect(tags.length).toBe(3 * 256)
    expect(new Set(tags).size).toBe(tags.length)
  })

  it.each([true, false])(
    'W80 opens nothing to somebody who says back what was said, dialling %s',
    async (dials) => {
      const world = new World()
      const site = await busySite(world, 'Ada', 20)
      const stranger = new Stranger(site, dials)
      await quiet()
      const before = stranger.seen.sizes?.length
      stranger.port.send('list', stranger.heard[0]?.body ?? expect.fail())
      await quiet(20)
      expect(stranger.seen.sizes?.length).toBe(before)
      await world.clock.advance(30_000)
      expect(stranger.stream.destroyed).toBe(true)
    },
  )

  it('W80 opens nothing to somebody who says on one connection what was said on another', async () => {
    const world = new World()
    const [ada, bob] = [await busySite(world, 'Ada', 5), await busySite(world, 'Bob', 0)]
    const [toAda, toBob] = [
      new Stranger(ada, true, { saysList: false }),
      new Stranger(bob, false, { saysList: false }),
    ]
    await quiet()
    toAda.port.send('list', toBob.heard[0]?.body ?? expect.fail())
    await quiet()
    toBob.port.send('list', toAda.heard[0]?.body ?? expect.fail())
    await quiet(20)
    expect([...ada.peers.peers, ...bob.peers.peers]).toEqual([])
    await world.clock.advance(30_000)
    expect([toAda.stream.destroyed, toBob.stream.destroyed]).toEqual([true, true])
  })

  it('W8 answers no opening of a document that the opener has not said', async () => {
    const world = new World()
    const site = await busySite(world, 'Ada', 5)
    const stranger = new Stranger(site, true)
    await quiet()
    const before = stranger.seen.sizes?.length ?? 0
    let answered: string | null = null
    openChannel({
      mux: stranger.mux,
      id: channelId(world.keys.keep, stranger.connection),
      hello: Buffer.alloc(129),
      listener: {
        onOpen: () => {
          answered = 'opened'
        },
        onMessage: () => undefined,
        onDrain: () => undefined,
        onClose: () => {
          answered ??= 'rejected'
        },
      },
    })
    await world.until(() => answered !== null)
    expect(answered).toBe('rejected')
    expect(stranger.seen.sizes?.length).toBe(before + 1)
  })
})

describe('strangers who dial and say nothing', () => {
  it('W80 W17 cost a library no list each, and are let go after a minute', async () => {
    const world = new World()
    const library = await busySite(world, 'Ada', 1_999)
    const digests = vi.spyOn(DocumentSync.prototype, 'digest')
    const strangers = Array.from({ length: 60 }, () => new Stranger(library, true, { saysList: false }))
    await world.clock.advance(50_000)
    expect(digests).not.toHaveBeenCalled()
    expect(strangers.flatMap(({ heard }) => heard)).toEqual([])
    const [late, ...silent] = strangers
    late?.sayList()
    await world.until(() => late?.heard.length === 1)
    expect(digests).toHaveBeenCalledTimes(2_000)
    await world.clock.advance(10_000)
    expect(silent.every(({ stream }) => stream.destroyed)).toBe(true)
    expect(late?.stream.destroyed).toBe(false)
    // From its own list on, which came late, as long as anybody.
    await world.clock.advance(19_000)
    expect(late?.stream.destroyed).toBe(false)
    await world.clock.advance(1_500)
    expect(late?.stream.destroyed).toBe(true)
    digests.mockRestore()
  })

  it('W80 hear nothing of documents that are added meanwhile', async () => {
    const world = new World()
    const site = await busySite(world, 'Ada', 3)
    const stranger = new Stranger(site, true, { saysList: false })
    await world.clock.advance(1_000)
    await site.share('write', world.newKeys())
    await world.clock.advance(10_000)
    expect(stranger.heard).toEqual([])
  })
})

describe('a peer that breaks the rules of matching (W82)', () => {
  const many = (length: number) =>
    encodeEntries(Array.from({ length }, (_, n) => `${String(n).padStart(8, '0')}digested`))
  const twice = encodeEntries([...Array(255).keys(), 7].map((n) => `${String(n).padStart(8, '0')}digested`))
  const unsorted = Buffer.concat([many(256).subarray(16), many(256).subarray(0, 16)])

  it.each<[string, 'list' | 'more' | 'gone', Uint8Array[]]>([
    ['an empty list', 'list', [new Uint8Array(0)]],
    ['a list of another length', 'list', [many(257)]],
    ['a list that is cut', 'list', [many(256).subarray(1)]],
    ['a list that is too long', 'list', [many(16_384 + 256)]],
    ['a tag twice', 'list', [twice]],
    ['tags out of order', 'list', [unsorted]],
    ['an addition before a list', 'more', [many(256)]],
    ['a long addition', 'more', [many(1_024)]],
    ['three lists in a row', 'list', [many(256), many(256), many(256)]],
    ['more additions than fit', 'more', Array(70).fill(many(256))],
    ['leaving before a list', 'gone', [Buffer.alloc(8, 1)]],
    ['leaving nothing, and more', 'gone', [new Uint8Array(0)]],
    ['leaving half a document, and more', 'gone', [Buffer.alloc(12, 1)]],
    ['leaving out of order, and more', 'gone', [Buffer.from('87654321'.padEnd(16, '0'))]],
    ['leaving too many, and more', 'gone', [Buffer.alloc(8 * 257, 1)]],
    ['leaving too often, and more', 'gone', Array(70).fill(Buffer.alloc(8, 1))],
  ])('%s: ends the connection, and no other', async (name, type, bodies) => {
    const world = new World()
    const [ada, bob] = [await world.site('Ada'), await world.site('Bob')]
    world.connect(ada, bob)
    const stranger = new Stranger(ada, true, { saysList: false })
    if (name.endsWith('addition') || name.includes('more')) stranger.port.send('list', many(256))
    await quiet()
    expect(stranger.stream.destroyed).toBe(false)
    for (const body of bodies) stranger.port.send(type, body)
    await world.until(() => stranger.stream.destroyed)
    await ada.write()
    await world.converge([ada, bob])
  })

  it('bears a list of the greatest length whose tags are all unknown', async () => {
    const world = new World()
    const ada = await busySite(world, 'Ada', 10)
    const stranger = new Stranger(ada, true, { saysList: false })
    stranger.port.send('list', many(16_384))
    await quiet(10)
    expect(stranger.stream.destroyed).toBe(false)
    expect(ada.peers.peers).toEqual([])
  })
})

describe('peers who share documents', () => {
  it.each([true, false])(
    'W8 open the channels of the three of many that both have, dialling %s',
    async (dials) => {
      const world = new World()
      const [ada, bob] = [
        await world.site('Ada', 'write', { looks: false }),
        await busySite(world, 'Bob', 40),
      ]
      for (let n = 0; n < 300; n++) await ada.share('write', world.newKeys(), { looks: false })
      const both: DocumentKeys[] = [world.newKeys(), world.newKeys()]
      const there = await Promise.all(both.map((keys) => bob.share('read', keys, { looks: false })))
      for (const keys of both) {
        const { log } = await ada.share('write', keys, { looks: false })
        await log.append(ada.newSession(keys), [
          { bytes: world.random.bytes(9), hash: world.random.bytes(32) },
        ])
      }
      await ada.write()
      if (dials) world.connect(ada, bob)
      else world.connect(bob, ada)
      await world.within(
        5_000,
        () => there.every(({ log }) => log.vector.size === 1) && bob.log.vector.size === 1,
      )
    },
  )

  it('W81 open no channel where both hold the same, until one of them writes or looks', async () => {
    const world = new World()
    const disks = [new MemoryDisk(), new MemoryDisk()]
    const quietly = { looks: false }
    let sites = await Promise.all(
      ['Ada', 'Bob'].map((name, n) =>
        world.site(name, 'write', { disk: disks[n] as MemoryDisk, ...quietly }),
      ),
    )
    const meet = () => world.connect(sites[0] ?? expect.fail(), sites[1] ?? expect.fail())
    meet()
    await sites[0]?.write(3)
    await world.converge(sites)
    await world.within(10_000, () => sites.every(({ peers }) => !peers.unshared))
    for (const site of sites) {
      await site.sync.close()
      await site.log.close()
    }
    sites = await Promise.all(
      ['Ada', 'Bob'].map((name, n) =>
        world.site(name, 'write', { disk: disks[n] as MemoryDisk, ...quietly }),
      ),
    )
    const [ada = expect.fail(), bob = expect.fail()] = sites
    await quiet(10)
    const [line] = meet()
    await world.clock.advance(40_000)
    expect(line.destroyed).toBe(false)
    expect([...ada.peers.peers, ...bob.peers.peers]).toEqual([])
    // Only what all see was sent.
    expect(line.sizes.every((size) => size === 51 || size === 4_103)).toBe(true)
    const session = hex((await bob.write(1, 100, bob.newSession())).session)
    await world.until(() => ada.log.tip(session) === 1)
    await world.within(120_000, () => ada.peers.peers.length === 0 && bob.peers.peers.length === 0)
    const stop = ada.peers.watch()
    await world.until(() => ada.peers.peers.length === 1 && bob.peers.peers.length === 1)
    await world.clock.advance(200_000)
    expect([ada.peers.peers.length, bob.peers.peers.length]).toEqual([1, 1])
    stop()
    await world.within(120_000, () => ada.peers.peers.length === 0 && bob.peers.peers.length === 0)
    await ada.write()
    await world.within(1_000, () => bob.log.vector.size === ada.log.vector.size && bob.log.vector.size > 0)
  })

  it('W82 find many documents soon that are shared after they met, by a list where that may be', async () => {
    const world = new World()
    const quietly = { looks: false }
    const [ada, bob] = [await world.site('Ada', 'write', quietly), await world.site('Bob', 'keep', quietly)]
    const all = Array.from({ length: 1_400 }, () => world.newKeys())
    for (const keys of all) await bob.share('keep', keys, quietly)
    const [near] = world.connect(ada, bob)
    await world.clock.advance(100)
    for (const keys of all) await ada.share('write', keys, quietly)
    const countMatched = () => {
      const [meeting] = Reflect.get(ada.sync, 'connections').values()
      return Reflect.get(meeting, 'matched').size
    }
    await world.within(6_000, () => countMatched() === 1 + all.length)
    expect(near.destroyed).toBe(false)
  })

  it('W83 lose nothing that is written at the moment when a channel closes', async () => {
    const world = new World(3)
    const [ada, bob] = [
      await world.site('Ada', 'write', { looks: false }),
      await world.site('Bob', 'write', { looks: false }),
    ]
    const [near, far] = world.connect(ada, bob)
    await ada.write()
    await world.converge([ada, bob])
    for (let round = 0; round < 6; round++) {
      const [line, closer, writer] = round % 2 === 0 ? [far, bob, ada] : [near, ada, bob]
      await world.clock.advance(40_000)
      // One side closes the channel, and the other does not hear of it.
      line.hold()
      await world.within(120_000, () => closer.peers.peers.length === 0)
      expect(writer.peers.peers.length).toBe(1)
      // Somebody else's, which it would ask nobody to confirm.
      const session = writer.newSession()
      for (const { bytes } of segmentsOf(world, session, 1))
        expect(writer.log.accept(bytes, session.certificate)).toBe('accepted')
      await world.clock.advance(500)
      line.release()
      await world.within(2_000, () => {
        const tips = [ada, bob].map(({ log }) => [...log.vector].map(([id, { tip }]) => id + tip).sort())
        return String(tips[0]) === String(tips[1])
      })
    }
    expect(near.destroyed).toBe(false)
  })

  it('W83 keep a channel open until what was written here is confirmed', async () => {
    const world = new World()
    const [ada, bob] = [
      await world.site('Ada', 'write', { looks: false }),
      await world.site('Bob', 'write', { looks: false }),
    ]
    await ada.write()
    world.connect(ada, bob)
    await world.within(200_000, () => ada.peers.peers.length === 1)
    await world.within(200_000, () => ada.peers.peers.length === 0)
    expect(ada.peers.unshared).toBe(false)
    expect(ada.peers.replicas.length).toBe(1)
  })
})
