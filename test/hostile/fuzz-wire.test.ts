import { decode, encode } from 'dns-packet'
import fc from 'fast-check'
import type { DnsPacket } from 'multicast-dns'
import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../main/base/hex'
import { keysFromRead, keysFromWrite, makeManifest, readManifest } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { formatLink, keysFromLink, parseLink } from '../../main/keys/link'
import { maxNameSize } from '../../main/keys/name'
import { announce, asksForSwarmpad, readAnnouncements } from '../../main/network/neighbour-record'
import { formatNode, parseNode } from '../../main/network/node-address'
import { decodeCaret, encodeCaret } from '../../main/replica/caret'
import { decodeEntries, decodeTags, encodeEntries, listLengths } from '../../main/sync/matching/entries'
import {
  approveInstance,
  decodePresence,
  makePresence,
  maxCaretSize,
  maxPresenceSize,
  openPresence,
  passedOn,
  sealPresence,
  verifyPresence,
} from '../../main/sync/presence/presence'
import { readReplicaProof } from '../../main/sync/replicas/replica-proof'
import { decodeAsk, decodeSigned, encodeAsk, encodeSigned } from '../../main/sync/replicas/signed-receipt'
import { readHello } from '../../main/sync/wire/hello'
import { makeInstance } from '../../main/sync/wire/instance'
import { nameIn, readIntroduction, roleOf } from '../../main/sync/wire/introduction'
import {
  decodeCredit,
  decodeEnough,
  decodeFetch,
  decodeFull,
  decodeHave,
  decodeOffer,
  decodePart,
  decodeReceipt,
  decodeRelay,
  decodeRest,
  decodeVector,
  decodeWant,
  encodeCredit,
  encodeFetch,
  encodeFull,
  encodeHave,
  encodeOffer,
  encodePart,
  encodeReceipt,
  encodeRelay,
  encodeVector,
  encodeWant,
  maxEntries,
} from '../../main/sync/wire/messages'
import { duplexPair } from '../support/duplex-pair'
import { answer, anyBytes, fuzz, mutated } from '../support/fuzz'
import { randomFrom } from '../support/random'
import * as reference from '../support/reference/primitives'
import * as referenceWire from '../support/reference/wire'
import { listOf } from '../support/say-match'
import { unplaced } from '../support/sim-network'
import handshake from '../vectors/handshake.json'
import messages from '../vectors/messages.json'
import presenceVector from '../vectors/presence.json'
import receipts from '../vectors/receipts.json'

const random = randomFrom(8)
const keys = keysFromWrite(fromHex(handshake.write))
const { documentId } = keys
const [read, verify, presenceKey] = [keys.read, keys.verify, keys.presence].map((key) => key ?? expect.fail())
const connection = {
  stream: duplexPair()[0],
  isInitiator: false,
  remotePublicKey: Buffer.alloc(32),
  ...unplaced,
  handshakeHash: fromHex(handshake.handshakeHash),
}

describe('what peers say, changed or made up', () => {
  it('hellos: refused as INVALID unless what proves the document is whole (W4, W5)', () => {
    const sound = [fromHex(handshake.initiator.hello), fromHex(handshake.responder.hello)]
    let taken = 0
    fuzz(8_000, mutated(sound), ({ bytes }) => {
      const hello = answer(() => readHello(bytes, keys, connection), 'MALFORMED')
      if (!hello) return
      taken++
      // Nothing but the version can have changed, and what later versions may add.
      const { proof, instance, signature } = handshake.initiator
      expect(hex(bytes)).toContain(`${proof}${instance}${signature}`)
      expect(hex(hello.instance)).toBe(instance)
    })
    expect(taken).toBeGreaterThan(100)
  })

  it('introductions: a writer only with the warrant, a name only as it was sealed (W6, W74)', () => {
    const { initiator, responder } = handshake
    let taken = 0
    fuzz(
      8_000,
      mutated([initiator, responder].map(({ introduction }) => fromHex(introduction))),
      ({ bytes }) => {
        const said = answer(() => readIntroduction(bytes), 'MALFORMED')
        if (!said) return
        taken++
        const role = roleOf(said, { instance: fromHex(initiator.instance), keys, connection })
        const name = nameIn(said, keys, connection)
        expect([initiator.name, responder.name, null]).toContain(name)
        expect(said.sealedName.length).toBeLessThanOrEqual(104)
        const isWriter = hex(said.warrant) === initiator.warrant && said.role === 'write' && name !== null
        expect(role).toBe(isWriter ? 'write' : said.role === 'keep' || name === null ? 'keep' : 'read')
      },
    )
    expect(taken).toBeGreaterThan(100)
  })

  it('manifests: taken only as they are (K5)', () => {
    const reader = keysFromRead(read ?? expect.fail())
    const manifest = makeManifest(keys)
    fuzz(5_000, mutated([manifest]), ({ bytes }) => {
      for (const holder of [reader, keys]) {
        const found = answer(() => readManifest(holder, bytes), 'MALFORMED')
        expect(found !== null).toBe(bytes.equals(manifest))
      }
    })
  })

  it('words of which computer a peer is: taken only as that computer said them (W70)', () => {
    const instance = reference.pairOf(fromHex(receipts.instanceSeed)).publicKey
    fuzz(5_000, mutated([fromHex(receipts.sealed), fromHex(receipts.open)]), ({ bytes }) => {
      for (const role of ['write', 'read', 'keep'] as const) {
        const word = answer(() => readReplicaProof(bytes, keys, instance, role), 'MALFORMED')
        if (!word) continue
        // A keeper chooses its own name; nothing else can differ.
        expect(hex(word.key)).toBe(receipts.holder)
        expect(Buffer.byteLength(word.name)).toBeLessThanOrEqual(role === 'keep' ? maxNameSize : 0)
      }
    })
  })

  /** Each message: sound bodies, reading, and writing what was read. */
  const forms: Record<string, { sound: string[]; again: (bytes: Buffer) => Uint8Array }> = {
    LIST: {
      sound: [hex(listOf([keys.keep], connection, { random: (size) => random.bytes(size) }))],
      again: (bytes) =>
        encodeEntries([...decodeEntries(bytes, listLengths)].map(([tag, digest]) => tag + digest)),
    },
    GONE: {
      sound: [hex(encodeEntries(['left dog', 'left cat']))],
      again: (bytes) => encodeEntries([...decodeTags(bytes)]),
    },
    rest: { sound: ['ab'.repeat(32)], again: (bytes) => decodeRest(bytes) },
    HAVE: { sound: [messages.have, messages.emptyHave], again: (bytes) => encodeHave(decodeHave(bytes)) },
    VECTOR: {
      sound: [messages.vector, messages.lastVector],
      again: (bytes) => encodeVector(decodeVector(bytes)),
    },
    RECEIPT: { sound: [messages.receipt], again: (bytes) => encodeReceipt(decodeReceipt(bytes)) },
    WANT: { sound: messages.want.map(({ body }) => body), again: (bytes) => encodeWant(decodeWant(bytes)) },
    ENOUGH: { sound: [messages.enough.body], again: (bytes) => fromHex(decodeEnough(bytes)) },
    CREDIT: {
      sound: messages.credit.map(({ body }) => body),
      again: (bytes) => encodeCredit(decodeCredit(bytes)),
    },
    RELAY: {
      sound: messages.relay.map(({ body }) => body),
      again: (bytes) => encodeRelay(decodeRelay(bytes)),
    },
    offer: {
      sound: ['', `${'ab'.repeat(32)}fd1027fe80969800`],
      again: (bytes) => encodeOffer(decodeOffer(bytes)),
    },
    fetch: { sound: [`${'ab'.repeat(32)}07`], again: (bytes) => encodeFetch(decodeFetch(bytes)) },
    full: { sound: ['00', '01'], again: (bytes) => encodeFull(decodeFull(bytes)) },
    ask: {
      sound: [receipts.question.body],
      again: (bytes) => encodeAsk(decodeAsk(bytes)),
    },
    signed: {
      sound: [receipts.answer.body],
      again: (bytes) => encodeSigned(decodeSigned(bytes)),
    },
    part: { sound: [`02${'cd'.repeat(300)}`], again: (bytes) => encodePart(decodePart(bytes)) },
  }

  it.each(Object.keys(forms))('%s: read within its bytes, and written again the same (W20, W21)', (kind) => {
    const { sound, again } = forms[kind] ?? expect.fail()
    let taken = 0
    fuzz(5_000, mutated(sound.map(fromHex)), ({ bytes }) => {
      const written = answer(() => again(bytes), 'MALFORMED')
      if (!written) return
      taken++
      // A `uint` may be written longer than it has to, and a bucket of zeros as none: never shorter.
      expect(written.length).toBeLessThanOrEqual(bytes.length)
      expect(hex(again(Buffer.from(written)))).toBe(hex(written))
      if (written.length === bytes.length) expect(hex(written)).toBe(hex(bytes))
    })
    expect(taken).toBeGreaterThan(100)
    fuzz(1_000, anyBytes(200), (bytes) => void answer(() => again(Buffer.from(bytes)), 'MALFORMED'))
  })

  it('entries: as many as there are bytes for, and never more than 1,000 (W21)', () => {
    const entry = referenceWire.receipt([
      { session: Buffer.alloc(32, 1), base: 0, tip: 1, mark: Buffer.alloc(16) },
    ])
    const counts = fc.oneof(fc.nat(2_000), fc.constantFrom(maxEntries, maxEntries + 1, 2 ** 31, 2 ** 53))
    fuzz(1_000, fc.tuple(counts, fc.nat(1_200)), ([count, real]) => {
      const body = Buffer.concat([reference.uint(count), ...Array<Buffer>(real).fill(entry.subarray(1))])
      const entries = answer(() => decodeReceipt(body), 'MALFORMED')
      expect(entries?.length ?? null).toBe(count === real && count <= maxEntries ? count : null)
    })
  })

  it('presence: the outside changed (W50, W52)', () => {
    const sound = presenceVector.messages.map(({ message }) => fromHex(message))
    fuzz(6_000, mutated(sound), ({ bytes, of }) => {
      const message = answer(() => decodePresence(bytes), 'MALFORMED')
      if (!message) return
      expect(bytes.length).toBeLessThanOrEqual(maxPresenceSize)
      // Hops are not signed, since they change on the way.
      const same = sound.some((one) => bytes.subarray(1).equals(one.subarray(1)))
      expect(verifyPresence(message, documentId, verify ?? expect.fail()), `of ${of}`).toBe(same)
      expect(passedOn(bytes)[0]).toBe(Math.max(0, message.hops - 1))
    })
  })

  it('presence: anything sealed inside by a reader (W50, W54)', () => {
    const instance = makeInstance(keys, 'write', Buffer.alloc(32, 3))
    const { publicKey } = instance.pair
    const identity = identityFromSeed(Buffer.alloc(32, 4))
    const nonce = Buffer.alloc(24, 5)
    const caret = Buffer.from(presenceVector.messages[0]?.shown?.caret ?? '')
    const { authorKey, signature } = approveInstance(identity, documentId, publicKey)
    const parts = (name: string, author: Uint8Array, place: Uint8Array) =>
      reference.join(...[Buffer.from(name), author, place].map(reference.sized))
    const sound = [
      parts('Zoë 🐝', reference.join(authorKey, signature), caret),
      parts('', Buffer.alloc(0), Buffer.alloc(0)),
      parts('x'.repeat(200), Buffer.alloc(0), Buffer.alloc(512, 1)),
    ]
    let opened = 0
    fuzz(5_000, mutated(sound), ({ bytes }) => {
      const key = presenceKey ?? expect.fail()
      const sealed = reference.join(nonce, reference.seal(key, bytes, publicKey, nonce))
      const shown = answer(() => openPresence(key, publicKey, sealed), 'MALFORMED')
      if (!shown) return
      opened++
      expect(Buffer.byteLength(shown.name)).toBeLessThanOrEqual(maxNameSize)
      expect(shown.caret?.length ?? 0).toBeLessThanOrEqual(maxCaretSize)
      expect([32, undefined]).toContain(shown.author?.authorKey.length)
      // Seen again as it was seen: what is passed to others is what was read.
      const again = sealPresence({ key, instance: publicKey, presence: shown, random: () => nonce })
      expect(openPresence(key, publicKey, again)).toEqual(shown)
      const message = makePresence({ instance, counter: 1, goodbye: false, sealed })
      expect(answer(() => decodePresence(message), 'MALFORMED') === null).toBe(
        message.length > maxPresenceSize,
      )
    })
    expect(opened).toBeGreaterThan(100)
  })

  it('carets: one form, and the same bytes again (D8)', () => {
    const id = (counter: number, fill: string) => `${counter}@${fill.repeat(32)}`
    const sound = [
      `${id(1, '00')} ${id(4_294_967_295, 'ab')} ${id(1, '00')} e`,
      `${id(77, 'cd')} e ${id(9, 'ef')} ${id(10, '12')}`,
    ].map((text) => Buffer.from(text))
    fuzz(6_000, mutated(sound), ({ bytes }) => {
      const caret = decodeCaret(bytes)
      if (caret) expect(hex(encodeCaret(caret))).toBe(hex(bytes))
    })
    fuzz(
      2_000,
      fc.string({ unit: fc.constantFrom('1', '@', 'a', ' ', 'e', '-', '0'), maxLength: 400 }),
      (text) => {
        expect(decodeCaret(Buffer.from(text))).toBeNull()
      },
    )
  })
})

describe('what the local network says, changed or made up (N1)', () => {
  it('gives announcements of the right form or none', () => {
    const own = announce({ publicKey: random.bytes(32), port: 49_737, leaving: false })
    const others = [
      { name: 'printer.local', type: 'A', ttl: 120, data: '127.0.0.1' },
      { name: '_http._tcp.local', type: 'PTR', ttl: 10, data: 'x._http._tcp.local' },
      { name: `a.${own[0]?.name}`, type: 'TXT', ttl: 1, data: ['key=', 'other=1'] },
    ]
    const questions = [{ name: own[0]?.name, type: 'PTR' }]
    const sound = [
      encode({ type: 'response', answers: own }),
      encode({ type: 'response', answers: [...others, ...own] }),
      encode({ type: 'query', questions }),
      encode({ type: 'response', answers: Array(40).fill(own).flat() }),
    ]
    let [readable, found] = [0, 0]
    fuzz(8_000, mutated(sound), ({ bytes }) => {
      let packet: DnsPacket
      try {
        packet = decode(bytes) as unknown as DnsPacket
      } catch {
        return // multicast-dns drops it
      }
      readable++
      asksForSwarmpad(packet)
      const all = readAnnouncements(packet)
      expect(all.length).toBeLessThanOrEqual(64)
      for (const { publicKey, port } of all) {
        found++
        expect([publicKey.length, port > 0, port <= 65_535]).toEqual([32, true, true])
      }
    })
    expect(readable).toBeGreaterThan(1_000)
    expect(found).toBeGreaterThan(100)
  })
})

describe('what people are given, changed or made up', () => {
  const codes = ['LINK_UNKNOWN', 'LINK_DAMAGED', 'LINK_UNSUPPORTED'] as const
  const links = (['write', 'read', 'keep'] as const).map((role) => formatLink(keys, role))

  it('links: one that opens is one that was made (L1 to L4)', () => {
    fuzz(10_000, mutated(links.map((link) => Buffer.from(link))), ({ bytes }) => {
      const link = answer(() => parseLink(bytes.toString('latin1')), ...codes)
      if (link) expect(links).toContain(formatLink(keysFromLink(link), link.role))
    })
  })

  it('links: any text, alone and around a link (L2)', () => {
    const letters = fc.constantFrom(
      's',
      'p',
      'w',
      '1',
      'q',
      ':',
      '/',
      ' ',
      '\n',
      '?',
      '#',
      '<',
      '"',
      '\u200b',
      'İ',
      '😀',
      '\ud800',
    )
    const text = fc.oneof(
      fc.string({ unit: letters, maxLength: 60 }),
      fc.string({ unit: 'binary', maxLength: 60 }),
    )
    fuzz(8_000, fc.tuple(text, text, fc.nat(2), fc.nat(3)), ([before, after, which, way]) => {
      const inner = way === 0 ? '' : (links[which] ?? '')
      const whole = way === 1 ? before + inner : way === 2 ? inner + after : before + inner + after
      const link = answer(() => parseLink(whole), ...codes)
      if (link) expect(links).toContain(formatLink(keysFromLink(link), link.role))
    })
    // Long text costs no more than reading it.
    for (const long of [
      'swarmpad:'.repeat(400),
      ' '.repeat(3_200),
      `spw1${'q'.repeat(3_196)}`,
      '"'.repeat(3_200),
      'spw1'.repeat(10_000),
    ])
      expect(answer(() => parseLink(long), ...codes)).toBeNull()
  })

  it('addresses of nodes', () => {
    const sound = ['127.0.0.1:49737', 'node.example.org:1', 'a:65535'].map((text) => Buffer.from(text))
    fuzz(4_000, mutated(sound), ({ bytes }) => {
      const node = answer(() => parseNode(bytes.toString('latin1')), 'NODE_INVALID')
      if (!node) return
      expect(parseNode(formatNode(node))).toEqual(node)
      expect([node.port > 0, node.port <= 65_535, /^[a-z0-9.-]+$/i.test(node.host)]).toEqual(
        Array(3).fill(true),
      )
    })
  })
})
