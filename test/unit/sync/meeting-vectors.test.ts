import c from 'compact-encoding'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../../../main/base/environment'
import { fromHex, hex } from '../../../main/base/hex'
import { keysFromRead, keysFromWrite, makeManifest } from '../../../main/keys/derive'
import { DocumentLog } from '../../../main/log/document-log'
import { MemoryStore } from '../../../main/storage/memory-store'
import { Sync } from '../../../main/sync/sync'
import { messageTypes } from '../../../main/sync/wire/messages'
import { duplexPair, type PairEnd } from '../../support/duplex-pair'
import { ManualClock, quiet } from '../../support/manual-clock'
import * as reference from '../../support/reference/primitives'
import { unplaced } from '../../support/sim-network'
import certificateVector from '../../vectors/certificate.json'
import handshakeVector from '../../vectors/handshake.json'
import keysVector from '../../vectors/keys.json'
import segmentVector from '../../vectors/segment.json'
import { ManualNetwork } from './world'

const keys = reference.ladder(fromHex(keysVector.write))
const own = keysFromWrite(fromHex(keysVector.write))
const { documentId } = keys
const sides = ['initiator', 'responder'] as const
const handshakeHash = fromHex(handshakeVector.handshakeHash)

/** A connection as one side sees it. */
const connectionOf = (isInitiator: boolean, stream: PairEnd) => ({
  stream,
  isInitiator,
  remotePublicKey: Buffer.alloc(32, isInitiator ? 2 : 1),
  handshakeHash,
  ...unplaced,
})

describe('two programs that meet', () => {
  it('send what the vector has, byte for byte (W3 to W9, W23, W32, W38, W74, W80)', async () => {
    const ends = duplexPair()
    const heard: Record<(typeof sides)[number], Uint8Array[]> = { initiator: [], responder: [] }
    for (const [index, name] of sides.entries())
      ends[1 - index]?.prependListener('data', (frame) =>
        heard[name].push(Uint8Array.from(frame as Uint8Array)),
      )
    const initiator = await side('initiator', ends[0])
    const responder = await side('responder', ends[1])
    const { segment } = segmentVector
    expect(initiator.log.accept(fromHex(segment), fromHex(certificateVector.certificate))).toBe('accepted')
    for (let turn = 0; turn < 100 && initiator.log.vector.size === 0; turn++) await quiet(1)
    responder.connect()
    initiator.connect()
    const { session } = certificateVector
    for (let turn = 0; turn < 500 && !responder.log.vector.has(session); turn++) await quiet(1)
    await quiet(20)
    for (const name of sides) {
      const all = messagesIn(heard[name])
      const opened = all.filter(({ channel }) => channel === 0)
      // Outside a batch, an opening has these two bytes before it.
      expect(opened.map(({ body }) => `0001${body}`)).toEqual([
        handshakeVector.match.opening,
        handshakeVector[name].opening,
      ])
      const matched = all.filter(({ channel }) => channel === 1)
      expect(matched.map(({ kind, body }) => [kind, body.length])).toEqual([[0, 256 * 32]])
      // The document's entry is one of 256, in the order of the tags.
      const entry = `${handshakeVector[name].tag}${handshakeVector[name].stateTag}`
      const entries = matched[0]?.body.match(/.{32}/g) ?? []
      expect(entries).toContain(entry)
      expect(entries.toSorted()).toEqual(entries)
      const said = handshakeVector.exchange.filter(({ from }) => from === name)
      expect(all.filter(({ channel }) => channel > 1)).toEqual(
        said.map(({ kind, body }) => ({ channel: 2, kind, body })),
      )
    }
    for (const { kind, message } of handshakeVector.exchange)
      expect(messageTypes[kind]?.toUpperCase()).toBe(message)
    expect(responder.log.vector.get(session)).toEqual({
      base: 0,
      tip: 2,
      mark: Uint8Array.from(fromHex(handshakeVector.mark)),
    })
    for (const end of ends) end.destroy()
  })
})

/** The messages in Protomux's frames, with their channel (0 for Protomux's own) and their number on it. */
function messagesIn(frames: readonly Uint8Array[]): { channel: number; kind: number; body: string }[] {
  return frames.flatMap((frame) => {
    const message = (channel: number, bytes: Uint8Array) => ({
      channel,
      kind: bytes[0] ?? 0,
      body: hex(bytes.subarray(1)),
    })
    const isBatch = frame[0] === 0 && frame[1] === 0
    if (!isBatch) return [message(frame[0] ?? 0, frame.subarray(1))]
    // In a batch each message has its size before it; a size of 0 stands before the number of another channel.
    const state = { start: 2, end: frame.length, buffer: frame }
    const found: ReturnType<typeof message>[] = []
    for (let channel = c.uint.decode(state); state.start < state.end; ) {
      const bytes = c.buffer.decode(state)
      if (bytes) found.push(message(channel, bytes))
      else channel = c.uint.decode(state)
    }
    return found
  })
}

type Role = 'write' | 'read' | 'keep'

/** One side of the vector's connection: the real sync, with the random numbers that the vector names. */
async function side(name: (typeof sides)[number], stream: PairEnd) {
  const { role, name: person, instanceSeed, nonce, presenceNonce } = handshakeVector[name]
  const given = [instanceSeed, nonce, presenceNonce].map(fromHex)
  let padding = 0
  const environment: Environment = {
    clock: new ManualClock(),
    random: (size) => {
      // Entries of the list that stand for no document (W80).
      if (size === 32 && given.length < 3) return Buffer.alloc(32, ++padding)
      const bytes = given.shift()
      if (bytes?.length !== size) throw new Error('random bytes that the vector does not name')
      return bytes
    },
  }
  const store = new MemoryStore()
  const sideKeys = role === 'write' ? own : keysFromRead(keys.read)
  const { verify } = sideKeys
  const log = new DocumentLog({ store, environment, documentId, verify })
  await log.open()
  const network = new ManualNetwork(Buffer.alloc(32))
  const sync = new Sync({ network, environment })
  const peers = sync.add({
    keys: sideKeys,
    log,
    store,
    role: role as Role,
    manifest: role === 'write' ? makeManifest(own) : null,
    onManifest: () => undefined,
    signer: null,
    isSound: null,
  })
  return {
    log,
    peers,
    /** Begins. The name is set while nobody is there yet to be told. */
    connect: () => {
      peers.setPresence({ name: person, identity: null, caret: null })
      network.emit('connection', connectionOf(name === 'initiator', stream))
    },
  }
}
