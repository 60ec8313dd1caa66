import { beforeEach, describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { keysFromRead, keysFromWrite, makeManifest } from '../../../main/keys/derive'
import { formatLink, parsePairingLink } from '../../../main/keys/link'
import { pairingCode, pairingProof } from '../../../main/keys/pairing'
import { answerTime, JoinSide } from '../../../main/pairing/join-side'
import { OfferSide, type PairedContent, pairingLife } from '../../../main/pairing/offer-side'
import {
  decodeNo,
  encodeDocument,
  encodeEnd,
  encodeNo,
  encodePairingHello,
  encodePerson,
  type PairedDocument,
  pairingVersion,
} from '../../../main/pairing/pairing-messages'
import { Sync } from '../../../main/sync/sync'
import type { PairingState } from '../../../preload/contract'
import { ManualNetwork, World } from '../sync/world'
import { PairingPeer } from './peer'

let world: World
let network: ManualNetwork
let sync: Sync
let states: PairingState[]
const state = (): PairingState => states.at(-1) ?? { phase: 'looking', computers: 0 }
const phase = () => state().phase
const said = (peer: PairingPeer) =>
  peer.heard.map(({ type, body }) => (type === 'no' ? decodeNo(body) : type))

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

const documentOf = (seed: number): PairedDocument => ({
  keys: keysFromWrite(Buffer.alloc(32, seed)),
  manifest: null,
  title: `Title ${seed}`,
  editedAt: 1_700_000_000_000,
})
const content: PairedContent = {
  person: { seed: Buffer.alloc(32, 5), name: 'Ada', knowsAddressIsSeen: true },
  documents: [documentOf(1), documentOf(2)],
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
    await world.clock.advance(30_000)
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
    ['a reason that is none', (peer) => peer.send('no', Buffer.alloc(0))],
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
    expect(() => side.agree()).toThrow('No computer waits')
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
    expect(() => side.agree()).toThrow('No computer waits')
    await world.clock.advance(1_000)
    expect(said(peer)).toEqual(['reveal', 'stopped'])
  })

  it('ends when the other person stops, or cannot take it', async () => {
    const peer = await compared()
    peer.send('no', encodeNo('stopped'))
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({ code: 'PAIRING_REFUSED' })
    expect(() => side.agree()).toThrow(SwarmpadError)
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

describe('the computer where the link is pasted', () => {
  let side: JoinSide
  let secret: Uint8Array
  let taken: PairedContent[]
  let failure: Error | null
  beforeEach(() => {
    taken = []
    failure = null
    const { link } = new OfferSide({
      random: (size) => world.random.bytes(size),
      clock: world.clock,
      content: () => content,
      onState: () => undefined,
    })
    secret = parsePairingLink(link)
    side = new JoinSide({
      random: (size) => world.random.bytes(size),
      clock: world.clock,
      link,
      take: async (what) => {
        if (failure) throw failure
        taken.push(what)
      },
      onState: (next) => states.push(next),
    })
    sync.openSideChannel(side)
  })
  const host = (options?: ConstructorParameters<typeof PairingPeer>[3]) =>
    new PairingPeer({ world, network }, secret, 'offer', options)
  /** One that was told this side's number. */
  const asked = async () => {
    const peer = host()
    await world.within(5_000, () => said(peer).includes('number'))
    return peer
  }
  const compared = async () => {
    const peer = await asked()
    peer.send('reveal', peer.number)
    await world.until(() => phase() === 'comparing')
    return peer
  }

  it('takes over what comes when the person has agreed here too, whichever is first (P4, P6)', async () => {
    const peer = await compared()
    peer.bring(content)
    await world.clock.advance(1_000)
    expect([taken, phase()]).toEqual([[], 'comparing'])
    side.agree()
    await world.until(() => phase() === 'done')
    expect(taken).toHaveLength(1)
    expect(taken[0]?.person).toEqual({ ...content.person, seed: Uint8Array.from(content.person.seed) })
    expect(taken[0]?.documents.map(({ title }) => title)).toEqual(['Title 1', 'Title 2'])
    await world.until(() => said(peer).includes('taken'))
  })

  it.each<[string, (peer: PairingPeer) => void]>([
    ['a person before the letters', (peer) => peer.bring(content)],
    ['a number that it was not bound to', (peer) => peer.send('reveal', Buffer.alloc(32))],
    ['what this side says', (peer) => peer.send('taken')],
  ])('ends the connection of one that says %s (P4, P5)', async (_, speak) => {
    const peer = await asked()
    speak(peer)
    await world.until(() => peer.ended)
    await world.until(() => phase() === 'failed')
    expect(taken).toEqual([])
  })

  it.each<[string, (peer: PairingPeer) => void]>([
    ['two persons', (peer) => twice(() => peer.send('person', encodePerson(content.person)))],
    ['documents without a person', (peer) => peer.send('document', encodeDocument(documentOf(1)))],
    ['a person without a name', (peer) => peer.send('person', encodePerson({ ...content.person, name: '' }))],
    ['a person that cannot be read', (peer) => peer.send('person', Buffer.alloc(60_000, 0xff))],
    ['a document twice', (peer) => peer.bring({ ...content, documents: [documentOf(1), documentOf(1)] })],
    [
      'another number of documents',
      (peer) => {
        peer.send('person', encodePerson(content.person))
        peer.send('end', encodeEnd(1))
      },
    ],
    [
      'a document that cannot be read',
      (peer) => {
        peer.send('person', encodePerson(content.person))
        peer.send('document', Buffer.concat([encodeDocument(documentOf(1)), Buffer.of(0)]))
      },
    ],
    [
      'more behind the end',
      (peer) => {
        peer.bring(content)
        peer.send('document', encodeDocument(documentOf(3)))
      },
    ],
  ])('takes nothing of what is not sound: %s (P6)', async (_, speak) => {
    const peer = await compared()
    speak(peer)
    await world.until(() => peer.ended)
    expect(taken).toEqual([])
    await world.until(() => phase() === 'failed')
  })

  it('takes no more than 10,000 documents (P6)', async () => {
    const peer = await compared()
    peer.send('person', encodePerson(content.person))
    const keeper = documentOf(1)
    for (let count = 0; count <= 10_000; count++) {
      const secret = Buffer.alloc(32)
      secret.writeUInt32LE(count)
      const keys = { ...keeper.keys, role: 'keep' as const, write: null, read: null, keep: secret }
      peer.send('document', encodeDocument({ ...keeper, keys }))
    }
    await world.within(120_000, () => peer.ended)
    expect(phase()).toBe('failed')
    expect(taken).toEqual([])
  })

  it('goes on to nobody else once it showed letters (P7)', async () => {
    const first = await compared()
    // Somebody who has the link too waits for the first to go.
    const second = host()
    await world.until(() => second.hello !== null)
    first.stream.destroy()
    await world.until(() => phase() !== 'comparing')
    expect(state()).toMatchObject({
      phase: 'failed',
      code: 'CLOSED',
      message: expect.stringContaining('The other computer went away.'),
    })
    expect(() => side.agree()).toThrow('nothing to compare')
    const third = host()
    await world.until(() => third.hello !== null)
    await world.clock.advance(1_000)
    expect([second.heard, third.heard, phase(), taken]).toEqual([[], [], 'failed', []])
  })

  it('is as it was when the connection is lost half-way (P6)', async () => {
    const peer = await compared()
    side.agree()
    peer.send('person', encodePerson(content.person))
    peer.send('document', encodeDocument(documentOf(1)))
    await world.clock.advance(100)
    peer.stream.destroy()
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({ code: 'CLOSED', message: expect.stringContaining('half-way') })
    expect(taken).toEqual([])
  })

  it('says what the disk refused, to the other side too', async () => {
    failure = new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
    const peer = await compared()
    side.agree()
    peer.bring(content)
    await world.until(() => phase() === 'failed')
    expect(state()).toEqual({ phase: 'failed', code: 'STORE_WRITE_FAILED', message: 'The disk is full.' })
    await world.until(() => said(peer).includes('failed'))
  })

  it.each([
    ['stopped', 'PAIRING_REFUSED'],
    ['used', 'PAIRING_REFUSED'],
    ['expired', 'TIMEOUT'],
  ] as const)('says in plain words that the other side ends it: %s (P7)', async (reason, code) => {
    const peer = host()
    await world.until(() => peer.hello !== null)
    peer.send('no', encodeNo(reason))
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({ code })
  })

  it('asks the next computer when a connection ends before the number is said on it', async () => {
    const first = host()
    const second = host()
    await world.until(() => second.hello !== null)
    expect(state()).toMatchObject({ phase: 'looking', computers: 2 })
    first.stream.destroy()
    await world.within(5_000, () => said(second).includes('number'))
    expect(first.heard).toEqual([])
    // One that answers what it was not asked is no part of it.
    const third = host()
    await world.until(() => third.hello !== null)
    third.send('reveal', third.number)
    await world.until(() => third.ended)
    second.send('reveal', second.number)
    await world.until(() => phase() === 'comparing')
  })

  it('asks one computer only, and tells the others that its number came to nothing (P7)', async () => {
    const first = await asked()
    const second = host()
    await world.until(() => second.hello !== null)
    first.stream.destroy()
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({
      code: 'CLOSED',
      message: expect.stringContaining('before there were letters to compare'),
    })
    await world.until(() => said(second).length > 0)
    const third = host()
    await world.until(() => said(third).length > 0)
    await world.clock.advance(60_000)
    expect([said(second), said(third)]).toEqual([['broken'], ['broken']])
  })

  it('waits for the answer to its number for half a minute (P7)', async () => {
    await asked()
    await world.clock.advance(answerTime - 1_000)
    expect(phase()).toBe('looking')
    await world.clock.advance(1_000)
    expect(state()).toMatchObject({ phase: 'failed', code: 'CLOSED' })
  })

  it('names a computer with another version (P3)', async () => {
    host({ version: 7 })
    await world.until(() => phase() === 'failed')
    expect(state()).toMatchObject({ code: 'LINK_UNSUPPORTED' })
  })

  it('knows a link that opens a document from its own (L5)', () => {
    const random = (size: number) => world.random.bytes(size)
    const link = formatLink(keysFromWrite(Buffer.alloc(32, 7)), 'write')
    const join = () =>
      new JoinSide({
        random,
        clock: world.clock,
        link,
        take: async () => undefined,
        onState: () => undefined,
      })
    expect(join).toThrow(expect.objectContaining({ code: 'LINK_OTHER' }))
  })
})

describe('the letters', () => {
  it('hang on the secret, the connection and both numbers (P4)', () => {
    const [secret, hash, offered, joined] = [32, 64, 32, 32].map((size) => world.random.bytes(size))
    if (!secret || !hash || !offered || !joined) throw new Error('no bytes')
    const other = world.random.bytes(32)
    const codes = [
      pairingCode(secret, hash, { offered, joined }),
      pairingCode(other, hash, { offered, joined }),
      pairingCode(secret, world.random.bytes(64), { offered, joined }),
      pairingCode(secret, hash, { offered: other, joined }),
      pairingCode(secret, hash, { offered, joined: other }),
    ]
    expect(new Set(codes).size).toBe(5)
  })

  it('read links keep their manifest on the way (P6)', () => {
    const keys = keysFromWrite(Buffer.alloc(32, 7))
    const manifest = Buffer.from(makeManifest(keys))
    const reader = keysFromRead(keys.read ?? expect.fail(), manifest)
    expect(
      encodeDocument({ ...documentOf(1), keys: reader, manifest: manifest.toString('hex') }).length,
    ).toBe(1 + 32 + 1 + 1 + 169 + 8 + 9)
  })
})
