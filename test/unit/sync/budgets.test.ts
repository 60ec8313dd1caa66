import c from 'compact-encoding'
import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { ProfileQuota, sessionCharge } from '../../../main/log/quota'
import type { SessionLog } from '../../../main/log/session-log'
import { creditWindow } from '../../../main/sync/budget/credit'
import { maxDuplicateRate } from '../../../main/sync/transfer/segment-receiver'
import { HardenedMux, maxUnsent } from '../../../main/sync/wire/hardened-mux'
import { encodeCredit, encodeWant } from '../../../main/sync/wire/messages'
import { duplexPair } from '../../support/duplex-pair'
import { quiet } from '../../support/manual-clock'
import { Mallory } from './mallory'
import { type Site, World } from './world'

/** Someone with the write link who has said hello to a site. */
async function meeting(options: Parameters<World['site']>[2] = {}) {
  const world = new World()
  const ada = await world.site('Ada', 'write', options)
  const mallory = new Mallory(ada, world.keys)
  await world.until(() => mallory.all('have').length > 0)
  mallory.vector()
  await world.until(() => ada.peers.peers.length === 1)
  return { world, ada, mallory }
}

const segmentsOf = (world: World, session: SessionLog, count: number, size = 50) =>
  Array.from({ length: count }, () =>
    session.seal([{ bytes: world.random.bytes(size), hash: world.random.bytes(32) }]),
  )

/** Counts what a site's log is asked. */
function counted(site: Site) {
  const count = { judged: 0, read: 0 }
  const { log } = site
  const [accept, segments] = [log.accept.bind(log), log.signedSegments.bind(log)]
  log.accept = (...given) => {
    count.judged++
    return accept(...given)
  }
  log.signedSegments = (...given) => {
    count.read++
    return segments(...given)
  }
  return count
}

describe('a peer that asks for work', () => {
  it('W25 has a limited number of segments behind the tip examined each second; new ones are accepted meanwhile', async () => {
    const { world, ada, mallory } = await meeting()
    const session = ada.newSession(world.keys)
    const [first, ...rest] = segmentsOf(world, session, 3)
    if (!first) throw new Error('no segment')
    for (const segment of [first, ...rest]) mallory.segment(segment, session.certificate)
    await world.until(() => ada.log.tip(hex(session.session)) === 3)
    const count = counted(ada)
    for (let round = 0; round < 2_000; round++) mallory.segment(first)
    const other = ada.newSession(world.keys)
    for (const segment of segmentsOf(world, other, 1)) mallory.segment(segment, other.certificate)
    await world.until(() => ada.log.tip(hex(other.session)) === 1)
    expect(count.judged).toBe(maxDuplicateRate + 1)
    await world.clock.advance(1_000)
    mallory.segment(first)
    await world.until(() => count.judged === maxDuplicateRate + 2)
    expect(mallory.closed).toBe(false)
  })

  it('W30 causes no read of the store with a request for what is not there, or with too little credit', async () => {
    const { world, ada, mallory } = await meeting()
    const session = await ada.write(60, 20_000)
    await world.until(() => mallory.all('segment').length > 0)
    // Uses up the available credit.
    await world.until(() => mallory.all('segment').length >= Math.floor(creditWindow / 21_000))
    await quiet(20)
    const count = counted(ada)
    for (let round = 0; round < 500; round++) mallory.send('credit', encodeCredit(1))
    for (let after = 60; after < 560; after++)
      mallory.send('want', encodeWant({ session: hex(session.session), after }))
    await quiet(50)
    expect(count.read).toBe(0)
    mallory.send('want', encodeWant({ session: hex(session.session), after: 40 }))
    const before = mallory.all('segment').length
    mallory.send('credit', encodeCredit(creditWindow))
    await world.until(() => mallory.all('segment').length >= before + 20, 'what is there is sent')
    expect(mallory.closed).toBe(false)
  })

  it('W19 is disconnected when it reads nothing of what it is sent', async () => {
    const [near, far] = duplexPair()
    const mux = new HardenedMux(near)
    const channel = mux.createChannel({
      protocol: 'doc',
      id: Buffer.alloc(32),
      unique: true,
      handshake: c.raw as never,
      messages: [{ encoding: c.raw as never, onmessage: () => undefined }],
      onopen: () => undefined,
      onclose: () => undefined,
      ondrain: () => undefined,
    })
    channel?.open(Buffer.alloc(0))
    const say = (size: number) => {
      channel?.messages[0]?.send(Buffer.alloc(size))
      mux.sent(size)
    }
    far.resume()
    // A peer that reads may be sent any amount.
    for (let sent = 0; sent < 2 * maxUnsent; sent += 256 * 1024) {
      say(256 * 1024)
      await quiet(2)
    }
    expect(near.destroyed).toBe(false)
    far.pause()
    let waiting = 0
    for (; waiting < 2 * maxUnsent && !near.destroying; waiting += 256 * 1024) say(256 * 1024)
    expect(near.destroying).toBe(true)
    expect(waiting).toBeLessThan(maxUnsent + 1024 * 1024)
  })
})

describe('a writer without measure (rule S14)', () => {
  it('fills its quota and no more with segments; honest peers get nothing false and go on', async () => {
    const quota = new ProfileQuota().document(sessionCharge * 4)
    const { world, ada, mallory } = await meeting({ quota })
    const ben = await world.site('Ben')
    world.connect(ada, ben)
    await world.until(() => ben.peers.peers.length > 0)
    const session = ada.newSession(world.keys)
    let sent = 0
    for (const segment of segmentsOf(world, session, 60, 8_000)) {
      mallory.segment(segment, session.certificate)
      sent += segment.bytes.length
    }
    await world.until(() => ada.log.shortage !== null)
    await world.clock.advance(40_000)
    let stored = 0
    for await (const { bytes } of ada.log.all()) stored += bytes.length
    expect(stored).toBeLessThan(3 * sessionCharge + 10_000)
    expect(stored).toBeLessThan(sent / 2)
    // Credit for dropped segments is withheld, so that no more of them arrive.
    const granted = mallory.granted
    await ada.write(5)
    await world.clock.advance(40_000)
    expect(mallory.granted).toBe(granted)
    // Ada's changes reach Ben; Ben's changes are not receipted.
    await ben.write(1)
    await world.clock.advance(40_000)
    await world.until(() => ben.log.vector.size >= 2)
    expect(ben.peer(ada)?.coversMine).toBe(false)
    expect(ada.peer(ben)?.upToDate).toBe(false)
    quota.setLimit(sessionCharge * 100)
    await world.within(120_000, () => ben.peer(ada)?.coversMine === true && ada.peer(ben)?.upToDate === true)
  })

  it('fills it with sessions too: each counts for what it costs in memory', async () => {
    const quota = new ProfileQuota().document(sessionCharge * 20)
    const { world, ada, mallory } = await meeting({ quota })
    for (let count = 0; count < 100; count++) {
      const session = ada.newSession(world.keys)
      for (const segment of segmentsOf(world, session, 1)) mallory.segment(segment, session.certificate)
    }
    await world.until(() => ada.log.shortage !== null)
    await world.clock.advance(100)
    expect(ada.log.vector.size).toBe(20)
    expect(mallory.closed).toBe(false)
  })

  it('W36 a peer announces that it is out of room, and that it has room again', async () => {
    const world = new World()
    const profile = new ProfileQuota({ document: 50_000, profile: 1_000_000, floor: 0 })
    const quota = profile.document()
    const ada = await world.site('Ada')
    const kim = await world.site('Kim', 'keep', { quota })
    world.connect(ada, kim)
    await world.converge([ada, kim])
    expect(ada.peer(kim)?.full).toBe(false)
    await ada.write(30, 1_000)
    await world.within(5_000, () => ada.peer(kim)?.full === true)
    quota.setLimit(1_000_000)
    await world.within(5_000, () => ada.peer(kim)?.full === false)
    await world.converge([ada, kim])
  })
})
