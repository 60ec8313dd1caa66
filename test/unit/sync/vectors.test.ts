import { inflateRawSync } from 'node:zlib'
import c from 'compact-encoding'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../../../main/base/environment'
import { fromHex, hex } from '../../../main/base/hex'
import { keysFromRead, keysFromWrite, makeManifest } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { contradict, makeForkProof, verifyForkProof } from '../../../main/log/format/fork'
import { compareHeaders } from '../../../main/log/format/fork-choice'
import { decodeSegment, nextMark, noMark } from '../../../main/log/format/segment'
import { bucketDigests } from '../../../main/log/format/version-vector'
import { MemoryStore } from '../../../main/storage/memory-store'
import { stateTag, tagsOf } from '../../../main/sync/matching/entries'
import {
  approveInstance,
  decodePresence,
  isApproved,
  makePresence,
  openPresence,
  type Presence,
  sealPresence,
  verifyPresence,
} from '../../../main/sync/presence/presence'
import { logDigest, stateDigest } from '../../../main/sync/state/log-digest'
import { Sync, wireVersion } from '../../../main/sync/sync'
import { channelId } from '../../../main/sync/wire/channel'
import { makeHello, readHello } from '../../../main/sync/wire/hello'
import { makeInstance } from '../../../main/sync/wire/instance'
import { makeIntroduction, nameIn, readIntroduction, roleOf } from '../../../main/sync/wire/introduction'
import {
  decodeCredit,
  decodeEnough,
  decodeHave,
  decodeReceipt,
  decodeRelay,
  decodeVector,
  decodeWant,
  type Entry,
  encodeCredit,
  encodeHave,
  encodeReceipt,
  encodeRelay,
  encodeVector,
  encodeWant,
  messageTypes,
} from '../../../main/sync/wire/messages'
import { duplexPair, type PairEnd } from '../../support/duplex-pair'
import { ManualClock, quiet } from '../../support/manual-clock'
import * as referenceLog from '../../support/reference/log'
import * as reference from '../../support/reference/primitives'
import * as referenceWire from '../../support/reference/wire'
import { unplaced } from '../../support/sim-network'
import certificateVector from '../../vectors/certificate.json'
import forkVector from '../../vectors/fork.json'
import handshakeVector from '../../vectors/handshake.json'
import keysVector from '../../vectors/keys.json'
import messagesVector from '../../vectors/messages.json'
import presenceVector from '../../vectors/presence.json'
import segmentVector from '../../vectors/segment.json'
import { ManualNetwork } from './world'

const keys = reference.ladder(fromHex(keysVector.write))
const own = keysFromWrite(fromHex(keysVector.write))
const { documentId } = keys
const pair = (seed: string) => reference.pairOf(fromHex(seed))
const sides = ['initiator', 'responder'] as const
const handshakeHash = fromHex(handshakeVector.handshakeHash)
const entries = messagesVector.entries.map(({ session, base, tip, mark }) => ({
  session: fromHex(session),
  base,
  tip,
  mark: fromHex(mark),
}))
const ownEntries = messagesVector.entries.map(
  ({ session, base, tip, mark }): Entry => [session, { base, tip, mark: fromHex(mark) }],
)

/** A connection as one side sees it. */
const connectionOf = (isInitiator: boolean, stream: PairEnd = duplexPair()[0]) => ({
  stream,
  isInitiator,
  remotePublicKey: Buffer.alloc(32, isInitiator ? 2 : 1),
  handshakeHash,
  ...unplaced,
})

/** Makes a presence as a vector describes it, for an instance with that public key. */
function presenceOf(
  { name, authorSeed, caret }: { name: string; authorSeed: string | null; caret: string | null },
  publicKey: Uint8Array,
): Presence {
  const identity = authorSeed === null ? null : identityFromSeed(fromHex(authorSeed))
  return {
    name,
    author: identity && approveInstance(identity, documentId, publicKey),
    caret: caret === null ? null : Uint8Array.from(Buffer.from(caret)),
  }
}

describe('the vectors, recomputed with libsodium alone', () => {
  it('keys (K1, K5)', () => {
    const found = Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, hex(value)]))
    expect(keysVector.keys).toMatchObject(found)
    expect(hex(referenceLog.manifest(keys))).toBe(keysVector.manifest)
  })

  it('a certificate (C2)', () => {
    const { sessionSeed, authorSeed, name, nonce } = certificateVector
    const made = referenceLog.certificate(keys, {
      session: pair(sessionSeed).publicKey,
      author: pair(authorSeed),
      name,
      nonce: fromHex(nonce),
    })
    expect(hex(made)).toBe(certificateVector.certificate)
    expect(hex(reference.hash('certificate', made))).toBe(certificateVector.hash)
  })

  it('a segment (S1, S2)', () => {
    const { sessionSeed, nonce, packed, prevChain, chain, changes } = segmentVector
    const session = pair(sessionSeed)
    const start = referenceLog.chainStart(keys, session.publicKey, fromHex(certificateVector.certificate))
    const end = changes.reduce((before, { hash }) => reference.hash('chain', before, fromHex(hash)), start)
    expect([hex(start), hex(end)]).toEqual([prevChain, chain])
    const numbers = { seqFrom: 1, seqTo: 2, prevChain: start, chain: end }
    const sealed = { packed: fromHex(packed), nonce: fromHex(nonce) }
    expect(hex(referenceLog.segment(keys, { session, ...numbers, ...sealed }))).toBe(segmentVector.segment)
  })

  it('two histories and their proof (S8, S11, S12)', () => {
    const { sessionSeed, seqFrom, seqTo, prevChain, markBefore, one, other } = forkVector
    for (const side of [one, other]) {
      const plain = inflateRawSync(fromHex(side.packed).subarray(8))
      expect(hex(plain)).toBe(hex(reference.sized(fromHex(side.change))))
      const chain = reference.hash('chain', fromHex(prevChain), fromHex(side.changeHash))
      const made = referenceLog.segment(keys, {
        session: pair(sessionSeed),
        seqFrom,
        seqTo,
        prevChain: fromHex(prevChain),
        chain,
        packed: fromHex(side.packed),
        nonce: fromHex(side.nonce),
      })
      expect(hex(made)).toBe(side.segment)
      expect([hex(made.subarray(0, 202)), hex(chain)]).toEqual([side.tipProof, side.chain])
      expect(hex(referenceLog.mark(fromHex(markBefore), made))).toBe(side.mark)
    }
    expect([one.tipProof, other.tipProof].sort().join('')).toBe(forkVector.proof)
    expect(one.chain < other.chain ? 'one' : 'other').toBe(forkVector.goesOn)
  })

  it('a handshake (W3 to W6, W74)', () => {
    expect(hex(referenceWire.channel(keys, handshakeHash))).toBe(handshakeVector.channel)
    for (const side of sides) {
      const { role, name, instanceSeed, nonce, hello, introduction, opening, ...parts } =
        handshakeVector[side]
      const instance = pair(instanceSeed)
      const made = referenceWire.hello(keys, {
        version: handshakeVector.version,
        side,
        instance,
        handshakeHash,
      })
      expect(hex(made)).toBe(hello)
      expect(parts.instance).toBe(hex(instance.publicKey))
      expect(hello).toBe(`0${handshakeVector.version}${parts.proof}${parts.instance}${parts.signature}`)
      const said = { role, instance: instance.publicKey, name, nonce: fromHex(nonce), handshakeHash }
      expect(hex(referenceWire.introduction(keys, said))).toBe(introduction)
      for (const part of [parts.warrant, parts.sealedName]) expect(introduction).toContain(part)
      const frame = referenceWire.opening(2, referenceWire.channel(keys, handshakeHash), made)
      expect(hex(frame)).toBe(opening)
    }
  })

  it('tags and digests (W80, W81)', () => {
    const { session } = certificateVector
    const held = [
      { session: fromHex(session), base: 0, tip: 2, mark: fromHex(handshakeVector.mark), isForked: false },
    ]
    for (const side of sides) {
      const { tag, log, state, stateTag } = handshakeVector[side]
      const isInitiator = side === 'initiator'
      expect(hex(referenceWire.tag(keys, side, handshakeHash))).toBe(tag)
      expect(hex(referenceWire.logDigest(isInitiator ? held : []))).toBe(log)
      expect(hex(referenceWire.stateDigest(fromHex(log), isInitiator))).toBe(state)
      expect(hex(referenceWire.stateTag(keys, handshakeHash, fromHex(state), false))).toBe(stateTag)
    }
    const state = fromHex(handshakeVector.initiator.state)
    const { match } = handshakeVector
    expect(hex(referenceWire.stateTag(keys, handshakeHash, state, true))).toBe(match.stateTagWithSnapshot)
    expect(match.id).toBe(hex(handshakeHash.subarray(0, 32)))
  })

  it('messages (V2, W20)', () => {
    const { have, vector, lastVector, receipt, want, enough, credit, emptyHave } = messagesVector
    expect([hex(referenceWire.have(entries)), hex(referenceWire.have([]))]).toEqual([have, emptyHave])
    expect(hex(referenceWire.receipt(entries))).toBe(receipt)
    expect([`00${receipt}`, '0100']).toEqual([vector, lastVector])
    for (const { session, after, body } of want)
      expect(hex(reference.join(fromHex(session), reference.uint(after)))).toBe(body)
    expect(enough.body).toBe(enough.session)
    for (const { size, body } of credit) expect(hex(reference.uint(size))).toBe(body)
  })

  it('presence (W50, W54)', () => {
    for (const { message, instanceSeed, instance, shown, ...rest } of presenceVector.messages) {
      const { publicKey } = pair(instanceSeed)
      const seen = shown && {
        ...shown,
        author: shown.authorSeed === null ? null : pair(shown.authorSeed),
        nonce: fromHex(shown.nonce),
      }
      expect(hex(publicKey)).toBe(instance)
      expect(hex(referenceWire.presence(keys, { ...rest, instance: pair(instanceSeed), shown: seen }))).toBe(
        message,
      )
    }
  })
})

describe('the program makes and reads the vectors', () => {
  it('of a handshake (W3 to W6, W74)', () => {
    for (const side of sides) {
      const { role, name, instanceSeed, nonce, hello, introduction } = handshakeVector[side]
      const connection = connectionOf(side === 'initiator')
      expect(hex(channelId(own.keep, connection))).toBe(handshakeVector.channel)
      const instance = makeInstance(own, role as Role, fromHex(instanceSeed))
      const random = () => fromHex(nonce)
      expect(hex(makeHello({ version: wireVersion, keys: own, instance, connection }))).toBe(hello)
      expect(hex(makeIntroduction({ keys: own, instance, name, connection, random }))).toBe(introduction)
      const other = connectionOf(side !== 'initiator')
      const read = readHello(fromHex(hello), own, other)
      expect([read.version, hex(read.instance)]).toEqual([wireVersion, handshakeVector[side].instance])
      expect(() => readHello(fromHex(hello), own, connection)).toThrow()
      const said = readIntroduction(fromHex(introduction))
      const known = { instance: read.instance, keys: own, connection: other }
      expect([roleOf(said, known), nameIn(said, own, other)]).toEqual([role, name])
    }
  })

  it('of tags and digests (W80, W81)', () => {
    const { session } = certificateVector
    const held = new Map([[session, { base: 0, tip: 2, mark: fromHex(handshakeVector.mark) }]])
    for (const side of sides) {
      const { tag, log, state, stateTag: expected } = handshakeVector[side]
      const isInitiator = side === 'initiator'
      const connection = connectionOf(isInitiator)
      expect(Buffer.from(tagsOf(own.keep, connection).own, 'latin1').toString('hex')).toBe(tag)
      expect(tagsOf(own.keep, connectionOf(!isInitiator)).remote).toBe(tagsOf(own.keep, connection).own)
      expect(hex(logDigest(isInitiator ? held : new Map(), new Map()))).toBe(log)
      expect(hex(stateDigest({ log: fromHex(log), hasManifest: isInitiator, parts: [] }))).toBe(state)
      const found = stateTag(own.keep, connection, { state: fromHex(state), hasSnapshot: false })
      expect(Buffer.from(found, 'latin1').toString('hex')).toBe(expected)
    }
    const forked = logDigest(held, new Map([[session, null]]))
    expect(hex(forked)).not.toBe(handshakeVector.initiator.log)
    const elsewhere = new Map([[certificateVector.session.replace(/^../, '00'), null]])
    expect(hex(logDigest(held, elsewhere))).toBe(handshakeVector.initiator.log)
  })

  it('of messages (V2, W20, N12)', () => {
    const { have, vector, lastVector, receipt, want, enough, credit, emptyHave, relay } = messagesVector
    const digests = bucketDigests(new Map(ownEntries))
    expect([hex(encodeHave(digests)), hex(decodeHave(fromHex(have)))]).toEqual([have, hex(digests)])
    expect(hex(encodeHave(bucketDigests(new Map())))).toBe(emptyHave)
    expect([hex(encodeReceipt(ownEntries)), decodeReceipt(fromHex(receipt))]).toEqual([receipt, ownEntries])
    const page = { last: false, entries: ownEntries }
    expect([hex(encodeVector(page)), decodeVector(fromHex(vector))]).toEqual([vector, page])
    expect(decodeVector(fromHex(lastVector))).toEqual({ last: true, entries: [] })
    for (const { session, after, body } of want)
      expect([hex(encodeWant({ session, after })), decodeWant(fromHex(body))]).toEqual([
        body,
        { session, after },
      ])
    expect(decodeEnough(fromHex(enough.body))).toBe(enough.session)
    for (const { size, body } of credit)
      expect([hex(encodeCredit(size)), decodeCredit(fromHex(body))]).toEqual([body, size])
    for (const { key, body } of relay) {
      expect(hex(encodeRelay(key === null ? null : fromHex(key)))).toBe(body)
      const read = decodeRelay(fromHex(body))
      expect(read && hex(read)).toBe(key)
    }
  })

  it('of presence (W50, W54)', () => {
    for (const { message, instanceSeed, role, hops, counter, shown } of presenceVector.messages) {
      const instance = makeInstance(own, role as Role, fromHex(instanceSeed))
      const { publicKey } = instance.pair
      const presence = shown && presenceOf(shown, publicKey)
      const random = () => fromHex(shown?.nonce ?? '')
      const sealed = presence
        ? sealPresence({ key: keys.presence, instance: publicKey, presence, random })
        : new Uint8Array(0)
      const made = makePresence({ instance, counter, goodbye: !presence, sealed })
      // It is made with two hops; passing it on leaves fewer.
      expect(hex(Buffer.concat([Buffer.of(hops), made.subarray(1)]))).toBe(message)
      const read = decodePresence(fromHex(message))
      expect([read.hops, read.counter, read.role, read.goodbye]).toEqual([hops, counter, role, !shown])
      expect(verifyPresence(read, documentId, keys.verify)).toBe(true)
      if (!presence) continue
      const opened = openPresence(keys.presence, read.instance, read.sealed)
      expect([opened.name, opened.caret]).toEqual([presence.name, presence.caret])
      if (presence.author)
        expect(opened.author && isApproved(opened.author, documentId, publicKey)).toBe(true)
    }
  })

  it('of two histories (S8, S11, S12)', () => {
    const [one, other] = [forkVector.one, forkVector.other].map(({ segment }) =>
      decodeSegment(fromHex(segment)),
    )
    if (!one || !other) throw new Error('a vector is missing')
    expect(contradict(one.tipProof, other.tipProof)).toBe(true)
    const proof = makeForkProof(one.tipProof, other.tipProof)
    expect(hex(proof)).toBe(forkVector.proof)
    expect(hex(verifyForkProof(proof, documentId))).toBe(certificateVector.session)
    const order = compareHeaders(one.tipProof, other.tipProof)
    expect(order < 0 ? 'one' : 'other').toBe(forkVector.goesOn)
    expect(hex(nextMark(fromHex(forkVector.markBefore), one.tipProof))).toBe(forkVector.one.mark)
    const first = decodeSegment(fromHex(segmentVector.segment))
    expect(hex(nextMark(noMark, first.tipProof))).toBe(forkVector.markBefore)
  })
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
