import { beforeEach, describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { keysFromWrite } from '../../../main/keys/derive'
import { formatLink, parsePairingLink } from '../../../main/keys/link'
import { answerTime, JoinSide } from '../../../main/pairing/join-side'
import { OfferSide, type PairedContent } from '../../../main/pairing/offer-side'
import { encodeDocument, encodeEnd, encodeNo, encodePerson } from '../../../main/pairing/pairing-messages'
import { Sync } from '../../../main/sync/sync'
import type { PairingState } from '../../../preload/contract/pairing'
import { errorWords } from '../../../preload/messages/errors'
import { ManualNetwork, World } from '../sync/world'
import { content, documentOf, nothingWaits, said } from './content'
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

describe('the computer where the link is pasted', () => {
  let side: JoinSide
  let secret: Uint8Array
  let taken: PairedContent[]
  let failure: SwarmpadError | null
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
  /** One that knows this side's number. */
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
    expect(() => side.agree()).toThrow(nothingWaits)
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
    expect(state()).toEqual({ phase: 'failed', code: 'STORE_WRITE_FAILED', message: errorWords(failure) })
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
