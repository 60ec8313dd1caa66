import { beforeEach, describe, expect, it } from 'vitest'
import { parsePairingLink } from '../../../main/keys/link'
import { pairingCode, pairingProof } from '../../../main/keys/pairing'
import { OfferSide, pairingLife } from '../../../main/pairing/offer-side'
import {
  encodeNo,
  encodePairingHello,
  encodePerson,
  pairingVersion,
} from '../../../main/pairing/pairing-messages'
import { Sync } from '../../../main/sync/sync'
import type { PairingState } from '../../../preload/contract/pairing'
import { ManualNetwork, World } from '../sync/world'
import { content, nothingWaits, said } from './content'
import { PairingPeer } from './peer'

let world: World
let network: ManualNetwork
let sync: Sync
let states: PairingState[]
const state = (): PairingState => states.at(-1) ?? { phase: 'looking', computers: 0 }
const phase = () => state().phase

beforeEach(() => {
  world = new World(26)
  network = new ManualNetwork(world.random.bytes(32))
  sync = new Sync({ network, environment: world.environment })
  states = []
})

const twice = (work: () => void): void => {
  work()
  work()
}

describe('the computer that shows the link', () => {
  let side: OfferSide
  let leave: () => void
  let secret: Uint8Array
  beforeEach(() => {
    side = new OfferSide({
      random: (size) => world.random.bytes(size),
      clock: world.clock,
      content: () => content,
      onState: (next) => states.push(next),
    })
    secret = parsePairingLink(side.link)
    leave = sync.openSideChannel(side)
  })
  const guest = (options?: ConstructorParameters<typeof PairingPeer>[3]) =>
    new PairingPeer({ world, network }, secret, 'join', options)
  /** One that is being compared. */
  const compared = async (options?: { publicKey?: Uint8Array }) => {
    const peer = guest(options)
    const before = states.length
    await world.until(() => peer.hello !== null)
    peer.send('number', peer.number)
    await world.until(() => states.length > before && phase() === 'comparing')
    return peer
  }

  it('sends what is needed when the person allows it, and not before (P4 to P6)', async () => {
    const peer = await compared()
    await world.until(() => peer.heard.length === 1)
    expect(said(peer)).toEqual(['reveal'])
    const [reveal] = peer.heard
    const numbers = { offered: reveal?.body ?? Buffer.alloc(0), joined: peer.number }
    const code = pairingCode(secret, peer.handshakeHash, numbers)
    expect(state()).toEqual({ phase: 'comparing', code, agreed: false, computers: 1 })
    await world.clock.advance(60_000)
    expect(said(peer)).toEqual(['reveal'])
    // Its connection shares no document, and is let be all the same (W17).
    expect(peer.ended).toBe(false)
    side.agree()
    await world.until(() => said(peer).includes('end'))
    expect(said(peer)).toEqual(['reveal', 'person', 'document', 'document', 'end'])
    expect(peer.heard[1]?.body).toEqual(Uint8Array.from(encodePerson(content.person)))
    peer.send('taken')
    await world.until(() => phase() === 'done')
    expect(state()).toEqual({ phase: 'done', name: 'Ada', documents: 2 })
    leave()
    await world.clock.advance(31_000)
    expect(peer.ended).toBe(true)
  })

  it('is not met by who does not know the secret (P2)', async () => {
    const peer = new PairingPeer({ world, network }, Buffer.alloc(32, 1), 'join')
    peer.send('number', peer.number)
    await world.clock.advance(1_000)
    expect([peer.hello, peer.heard, phase()]).toEqual([null, [], 'looking'])
    await world.clock.advance(60_000)
    expect(peer.ended).toBe(true)
  })

  it.each<[string, (handshakeHash: Uint8Array) => Uint8Array]>([
    ['made with another secret', (hash) => pairingProof(Buffer.alloc(32, 1), 'join', hash)],
    ['of another connection', () => pairingProof(secret, 'join', Buffer.alloc(64, 1))],
    ['of the other side, as it was said to it', (hash) => pairingProof(secret, 'offer', hash)],
  ])('ends a connection with a proof %s, and refuses that peer (P3, W41)', async (_, proof) => {
    const hello = (hash: Uint8Array) =>
      encodePairingHello({ version: 1, proof: proof(hash), commitment: Buffer.alloc(0) })
    const peer = guest({ hello })
    peer.send('number', peer.number)
    await world.until(() => peer.ended)
    expect([peer.heard, phase()]).toEqual([[], 'looking'])
    const again = guest({ publicKey: peer.publicKey })
    await world.until(() => again.ended)
  })

  it.each<[string, (peer: PairingPeer) => void, 'fails'?]>([
    ['a number that is cut', (peer) => peer.send('number', Buffer.alloc(31))],
    ['a number that is too long', (peer) => peer.send('number', Buffer.alloc(33))],
    ['a second number', (peer) => twice(() => peer.send('number', peer.number)), 'fails'],
    ['that it has taken what was not sent', (peer) => peer.send('taken')],
    ['what the other side says', (peer) => peer.send('reveal', peer.number)],
    ['a person', (peer) => peer.send('person', encodePerson(content.person))],
    ['an empty reason', (peer) => peer.send('no', Buffer.alloc(0))],
    ['garbage without end', (peer) => peer.send('document', Buffer.alloc(400_000, 7))],
  ])('ends the connection of one that says %s (P5)', async (_, speak, fails) => {
    const peer = guest()
    await world.until(() => peer.hello !== null)
    speak(peer)
    await world.until(() => peer.ended)
    expect(said(peer).filter((type) => type !== 'reveal')).toEqual([])
    await world.until(() => phase() === (fails ? 'failed' : 'looking'))
  })

  it('hears nothing before the proof, and ends a hello that cannot be read (P3)', async () => {
    const peer = guest({ hello: () => Buffer.alloc(5, 1) })
    peer.send('number', peer.number)
    await world.until(() => peer.ended)
    expect([peer.heard, states]).toEqual([[], []])
  })

  it('turns a second computer away, whatever becomes of the first (P7)', async () => {
    const first = await compared()
    const second = guest()
    await world.until(() => second.hello !== null)
    second.send('number', second.number)
    await world.until(() => second.heard.length > 0)
    expect(said(second)).toEqual(['used'])
    side.agree()
    first.send('taken')
    await world.until(() => phase() === 'done')
    const third = guest()
    await world.until(() => third.heard.length > 0)
    expect(said(third)).toEqual(['used'])
    expect(said(first)).not.toContain('used')
  })

  it('keeps its letters when the same computer comes by a second connection (P7)', async () => {
    const first = await compared()
    const before = state()
    const second = guest({ publicKey: first.publicKey })
    await world.until(() => second.hello !== null)
    second.send('number', second.number)
    await world.until(() => said(second).includes('used'))
    expect(state()).toEqual(before)
    side.agree()
    await world.until(() => said(first).includes('end'))
  })

  it('ends when the connection is lost before anything was sent, and takes nobody after (P7)', async () => {
    const first = await compared()
    first.stream.destroy()
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({ code: 'CLOSED', message: expect.stringContaining('Nothing was sent') })
    expect(() => side.agree()).toThrow(nothingWaits)
    const second = guest()
    await world.until(() => said(second).includes('used'))
  })

  it('says so when the connection is lost while it sends', async () => {
    const peer = await compared()
    side.agree()
    peer.stream.destroy()
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({ code: 'CLOSED' })
    expect(state()).toHaveProperty('message', expect.stringContaining('The connection was lost'))
  })

  it('counts the computers that have the link, each once, and bounds the count (P7)', async () => {
    const first = await compared()
    const again = guest({ publicKey: first.publicKey })
    await world.until(() => again.hello !== null)
    expect(state()).toMatchObject({ phase: 'comparing', computers: 1 })
    const stranger = new PairingPeer({ world, network }, Buffer.alloc(32, 1), 'join')
    await world.clock.advance(100)
    expect([stranger.hello, state()]).toEqual([null, expect.objectContaining({ computers: 1 })])
    for (let count = 0; count < 120; count++) {
      const peer = guest()
      await world.until(() => peer.hello !== null)
      if (count === 0) expect(state()).toMatchObject({ phase: 'comparing', computers: 2 })
      peer.stream.destroy()
    }
    expect(state()).toMatchObject({ phase: 'comparing', computers: 99 })
    expect(states.length).toBeLessThan(110)
  })

  it.each(['looking', 'comparing'])(
    'ends when the other computer was left without letters: %s (P7)',
    async (at) => {
      const guested = at === 'comparing' ? await compared() : null
      const left = guest()
      await world.until(() => left.hello !== null)
      left.send('no', encodeNo('broken'))
      await world.until(() => phase() === 'failed')
      expect(state()).toMatchObject({
        code: 'PAIRING_REFUSED',
        message: expect.stringContaining('before there were letters to compare'),
      })
      if (guested) await world.until(() => said(guested).includes('used'))
    },
  )

  it('says no to the one that is compared when the person refuses or stops', async () => {
    const peer = await compared()
    side.stop()
    await world.until(() => said(peer).includes('stopped'))
    expect(() => side.agree()).toThrow(nothingWaits)
    await world.clock.advance(1_000)
    expect(said(peer)).toEqual(['reveal', 'stopped'])
  })

  it('ends when the other person stops, or cannot take it', async () => {
    const peer = await compared()
    peer.send('no', encodeNo('stopped'))
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({ code: 'PAIRING_REFUSED' })
    expect(() => side.agree()).toThrow(nothingWaits)
  })

  it('ends the link after ten minutes, and tells who comes then (P1)', async () => {
    expect(side.until - world.clock.now()).toBe(pairingLife)
    const peer = await compared()
    await world.clock.advance(pairingLife - 2_000)
    expect(phase()).toBe('comparing')
    await world.clock.advance(2_000)
    expect(state()).toMatchObject({ phase: 'failed', code: 'TIMEOUT' })
    expect(said(peer)).toEqual(['reveal', 'expired'])
    const late = guest()
    await world.until(() => late.heard.length > 0)
    expect(said(late)).toEqual(['expired'])
  })

  it('names a computer with another version, once it is proved to be meant (P3)', async () => {
    guest({ version: pairingVersion + 1 })
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({ code: 'LINK_UNSUPPORTED' })
  })
})
