import { beforeEach, describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromRead, keysFromWrite } from '../../../main/keys/derive'
import { deviceChannel, deviceProof, deviceTopic } from '../../../main/keys/devices'
import type { LibraryEntry } from '../../../main/library/library-entry'
import { deviceKind } from '../../../main/pairing/device-channel'
import { Devices } from '../../../main/pairing/devices'
import { newEntryOf } from '../../../main/pairing/new-entry'
import {
  decodeDocument,
  encodeDocument,
  encodePairingHello,
  type PairedDocument,
} from '../../../main/pairing/pairing-messages'
import { Sync } from '../../../main/sync/sync'
import { openChannelOf, type Port } from '../../../main/sync/wire/channel'
import { HardenedMux } from '../../../main/sync/wire/hardened-mux'
import { duplexPair, type PairEnd } from '../../support/duplex-pair'
import * as reference from '../../support/reference/primitives'
import { unplaced } from '../../support/sim-network'
import { ManualNetwork, World } from '../sync/world'

const seed = Buffer.alloc(32, 12)
const documentOf = (place: number, title = `Title ${place}`): PairedDocument => ({
  keys: keysFromWrite(Buffer.alloc(32, place)),
  manifest: null,
  title,
  editedAt: null,
  shared: true,
})
const idOf = ({ keys }: PairedDocument) => hex(keys.documentId)

let world: World
let network: ManualNetwork
let library: Map<string, LibraryEntry>
let gone: Set<string>
let devices: Devices
/** Steps that were begun, and what they wait for. */
let steps: string[]
let gates: Map<string, Promise<void>>

beforeEach(() => {
  world = new World(27)
  network = new ManualNetwork(world.random.bytes(32))
  const sync = new Sync({ network, environment: world.environment })
  library = new Map()
  gone = new Set()
  steps = []
  gates = new Map()
  const put = async (entry: LibraryEntry) => {
    library.set(hex(entry.keys.documentId), entry)
  }
  const step = async (name: string) => {
    steps.push(name)
    await gates.get(name)
  }
  devices = new Devices(seed, {
    clock: world.clock,
    entries: () => library,
    isRemoved: (id) => gone.has(id),
    addEntry: async (entry) => {
      await step('adopt')
      return library.get(hex(entry.keys.documentId)) ?? put(entry)
    },
    put,
    keep: async () => {
      await step('keep')
    },
    meet: (meeting) => sync.openSideChannel(meeting),
    onFailure: (error) => expect.fail(String(error)),
  })
})

/** Another program on the channel, with some hello. */
function peer(proofOf = (hash: Uint8Array): Uint8Array => deviceProof(seed, true, hash), version = 1) {
  const [near, far] = duplexPair()
  const handshakeHash = world.random.bytes(64)
  const remotePublicKey = world.random.bytes(32)
  const mux = new HardenedMux(near)
  network.emit('connection', { stream: far, isInitiator: false, remotePublicKey, handshakeHash, ...unplaced })
  const heard: PairedDocument[] = []
  const hello = encodePairingHello({ version, proof: proofOf(handshakeHash), commitment: Buffer.alloc(0) })
  const id = deviceChannel(seed, handshakeHash)
  const port: Port<'document'> | null = openChannelOf(deviceKind, {
    mux,
    id,
    hello,
    listener: {
      onOpen: () => undefined,
      onMessage: (_type, body) => heard.push(decodeDocument(Uint8Array.from(body))),
      onDrain: () => undefined,
      onClose: () => undefined,
    },
  })
  const stream: PairEnd = near
  return { stream, heard, send: (body: Uint8Array) => port?.send('document', body) }
}
const add = (document: PairedDocument): void => {
  library.set(idOf(document), { ...newEntryOf(document), waiting: false })
  devices.changed(idOf(document))
}
const titles = () => [...library.values()].map(({ title }) => title)

describe('computers of one author', () => {
  it('find and prove each other by what only the seed gives (P8)', () => {
    const hash = Buffer.alloc(64, 3)
    expect(hex(deviceTopic(seed))).toBe(hex(reference.kdf(seed, 'deviceTopic')))
    expect(hex(deviceChannel(seed, hash))).toBe(hex(reference.kdf(seed, 'deviceChannel', hash)))
    expect(hex(deviceProof(seed, true, hash))).toBe(hex(reference.kdf(seed, 'deviceInitiator', hash)))
    expect(hex(deviceProof(seed, false, hash))).toBe(hex(reference.kdf(seed, 'deviceResponder', hash)))
    expect(network.topics).toEqual(new Set([hex(deviceTopic(seed))]))
  })

  it('say what their libraries show, and later what changed, each once (P9)', async () => {
    add(documentOf(1))
    const other = peer()
    await world.within(1_000, () => other.heard.length === 1)
    add(documentOf(2, ''))
    await world.within(1_000, () => other.heard.length === 2)
    add(documentOf(2, 'Named by now'))
    await world.within(1_000, () => other.heard.length === 3)
    devices.changed(idOf(documentOf(2)))
    const hidden = documentOf(3)
    library.set(idOf(hidden), { ...newEntryOf(hidden), removedAt: 1 })
    devices.changed(idOf(hidden))
    await world.clock.advance(5_000)
    expect(other.heard.map(({ title }) => title)).toEqual(['Title 1', '', 'Named by now'])
  })

  it('say again what was removed and restored, which the other may have deleted (P9)', async () => {
    const document = documentOf(1)
    add(document)
    const other = peer()
    await world.within(1_000, () => other.heard.length === 1)
    library.set(idOf(document), { ...newEntryOf(document), removedAt: 1 })
    devices.changed(idOf(document))
    await world.clock.advance(1_000)
    expect(other.heard).toHaveLength(1)
    add(document)
    await world.within(1_000, () => other.heard.length === 2)
  })

  it('give each other titles that changed, those of a later edit (P9)', async () => {
    const begun = { ...documentOf(8, 'Tr'), editedAt: 1_000 }
    const other = peer()
    other.send(encodeDocument(begun))
    await world.within(1_000, () => titles().includes('Tr'))
    other.send(encodeDocument({ ...begun, title: 'Train', editedAt: 2_000 }))
    await world.within(1_000, () => titles().includes('Train'))
    other.send(encodeDocument({ ...begun, title: 'Older', editedAt: 1_500 }))
    other.send(encodeDocument(documentOf(9)))
    await world.within(1_000, () => titles().includes('Title 9'))
    expect(titles()).toEqual(['Train', 'Title 9'])
    expect(library.get(idOf(begun))?.editedAt).toBe(2_000)
    library.set(idOf(begun), { ...newEntryOf(begun), title: 'Train journeys', editedAt: 3_000 })
    devices.changed(idOf(begun))
    await world.within(1_000, () => other.heard.some(({ title }) => title === 'Train journeys'))
  })

  it('add what they lack, and nothing that was removed (P9)', async () => {
    const removed = documentOf(4)
    library.set(idOf(removed), { ...newEntryOf(removed), removedAt: 1 })
    gone.add(idOf(documentOf(5)))
    const named = documentOf(6, '')
    library.set(idOf(named), newEntryOf(named))
    const other = peer()
    for (const document of [documentOf(4), documentOf(5), documentOf(6, 'Named'), documentOf(7)])
      other.send(encodeDocument(document))
    await world.within(1_000, () => titles().includes('Title 7'))
    expect(titles()).toEqual(['Title 4', 'Named', 'Title 7'])
    expect(library.get(idOf(removed))?.removedAt).toBe(1)
    expect(library.get(idOf(documentOf(7)))).toMatchObject({ waiting: true, removedAt: null })
  })

  it('add what came while it was removed once it is restored (P9)', async () => {
    gone.add(idOf(documentOf(5)))
    const other = peer()
    for (const document of [documentOf(5), documentOf(6)]) other.send(encodeDocument(document))
    await world.within(1_000, () => titles().includes('Title 6'))
    devices.restored()
    await world.clock.advance(1_000)
    expect(titles()).toEqual(['Title 6'])
    gone.clear()
    devices.restored()
    await world.within(1_000, () => titles().includes('Title 5'))
  })

  it.each(['adopt', 'keep'])(
    'take no step more once they are closed, and wait for the one under way: %s',
    async (at) => {
      let open = (): void => undefined
      const gate = new Promise<void>((resolve) => {
        open = resolve
      })
      gates.set(at, gate)
      const other = peer()
      for (const document of [documentOf(7), documentOf(8)]) other.send(encodeDocument(document))
      await world.within(1_000, () => steps.includes(at))
      const before = [...steps]
      let closed = false
      const closing = devices.close().then(() => {
        closed = true
      })
      await world.clock.advance(1_000)
      expect(closed).toBe(false)
      open()
      await closing
      await world.clock.advance(1_000)
      expect(steps).toEqual(before)
    },
  )

  it.each<[string, (hash: Uint8Array) => Uint8Array]>([
    ['of another person', (hash) => deviceProof(Buffer.alloc(32, 1), true, hash)],
    ['of this side, said back', (hash) => deviceProof(seed, false, hash)],
    ['of another connection', () => deviceProof(seed, true, Buffer.alloc(64, 1))],
  ])('end a connection with a proof %s, and tell it nothing (P8)', async (_, proof) => {
    add(documentOf(1))
    const other = peer(proof)
    other.send(encodeDocument(documentOf(2)))
    await world.within(1_000, () => other.stream.destroyed)
    expect(other.heard).toEqual([])
    expect(titles()).toEqual(['Title 1'])
  })

  it('end a connection with a document that cannot be read, and are silent to another version (P8, P9)', async () => {
    add(documentOf(1))
    const later = peer(undefined, 2)
    later.send(encodeDocument(documentOf(2)))
    const broken = peer()
    broken.send(Buffer.alloc(300, 9))
    await world.within(1_000, () => broken.stream.destroyed)
    await world.clock.advance(40_000)
    expect([later.heard, titles(), later.stream.destroyed]).toEqual([[], ['Title 1'], false])
  })

  it('give a read link on as one, with no more than it holds (P9)', async () => {
    const { read } = documentOf(1).keys
    const keys = keysFromRead(read ?? expect.fail())
    add({ ...documentOf(1), keys })
    const other = peer()
    await world.within(1_000, () => other.heard.length === 1)
    expect(other.heard[0]?.keys).toMatchObject({ role: 'read', write: null, verify: null })
  })
})
