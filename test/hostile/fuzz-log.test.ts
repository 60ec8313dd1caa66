import { createHash } from 'node:crypto'
import { ChangeSet } from '@codemirror/state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex } from '../../main/base/hex'
import { keysFromWrite } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { cleanName, maxNameSize } from '../../main/keys/name'
import { keyPairFromSeed } from '../../main/keys/signature'
import {
  certificateSize,
  decodeCertificate,
  makeCertificate,
  openCertificate,
  verifyCertificate,
} from '../../main/log/format/certificate'
import { contradict, makeForkProof, sessionOfFork, verifyForkProof } from '../../main/log/format/fork'
import { maxContentSize, maxSegmentChanges } from '../../main/log/format/limits'
import { packChanges, unpackChanges } from '../../main/log/format/packing'
import {
  decodeSegment,
  decodeTipProof,
  openSegment,
  sealSegment,
  verifySegment,
} from '../../main/log/format/segment'
import { decodeSnapshot, openSnapshot, sealSnapshot, unpackDocument } from '../../main/log/format/snapshot'
import { SessionLog } from '../../main/log/session-log'
import { readChangeHeader } from '../../main/replica/change-header'
import { maxOperations, readOperations } from '../../main/replica/change-operations'
import { checkDocumentChunk } from '../../main/replica/document-chunk'
import { insertedText } from '../../main/replica/inserted-text'
import { Replica } from '../../main/replica/replica'
import { salvageSegment } from '../../main/replica/salvage'
import { answer, anyBytes, fuzz, mutated } from '../support/fuzz'
import { ManualClock } from '../support/manual-clock'
import { randomFrom } from '../support/random'
import * as referenceLog from '../support/reference/log'
import * as reference from '../support/reference/primitives'

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const random = randomFrom(7)
const environment = { clock: new ManualClock(), random: (size: number) => random.bytes(size) }
const write = random.bytes(32)
const keys = keysFromWrite(write)
const { documentId } = keys
const [content, verify] = [keys.content ?? expect.fail(), keys.verify ?? expect.fail()]
const identity = identityFromSeed(random.bytes(32))
const session = new SessionLog({ documentId, keys, identity, name: 'Zoë 🐝', environment })

/** Real changes: typed, removed, in several pages, with marks of all planes. */
const changes = (() => {
  const replica = new Replica({ documentId, contentKey: content, actor: hex(session.session), now: () => 0 })
  const edits = [
    { from: 0, insert: '# Title\n\nSome text 😀 e\u0301' },
    { from: 3, to: 9, insert: 'x' },
    { from: 0, insert: 'long '.repeat(1_000) },
    { from: 100, to: 4_000, insert: '' },
  ]
  const made = edits.flatMap((edit) => {
    replica.edit(ChangeSet.of(edit, replica.text.length, '\n'))
    return replica.commit()
  })
  replica.free()
  return made
})()
const segments = [
  session.seal(changes.slice(0, 1)),
  session.seal(changes.slice(1)),
  session.seal([{ bytes: random.bytes(300), hash: random.bytes(32) }]),
]
const certificates = ['', 'Ada', 'x'.repeat(64)].map((name) =>
  makeCertificate({ keys, sessionKey: session.session, identity, name, environment }),
)

/** True for a code point that a name must not contain, by the table of rule C5. */
const isUnwanted = (point: number): boolean =>
  [
    [0x00, 0x1f],
    [0x7f, 0x9f],
    [0x2028, 0x2029],
    [0x061c, 0x061c],
    [0x200e, 0x200f],
    [0x202a, 0x202e],
    [0x2066, 0x2069],
    [0x00ad, 0x00ad],
    [0x034f, 0x034f],
    [0x115f, 0x1160],
    [0x200b, 0x200b],
    [0x2060, 0x206f],
    [0x3164, 0x3164],
    [0xfeff, 0xfeff],
    [0xffa0, 0xffa0],
    [0xfff9, 0xfffb],
    [0xe0000, 0xe0fff],
  ].some(([first = 0, last = 0]) => point >= first && point <= last)

const document = (() => {
  const replica = new Replica({ documentId, contentKey: content, actor: hex(session.session), now: () => 0 })
  const { packed } = replica.contents() ?? expect.fail()
  replica.free()
  return packed
})()
const snapshot = (() => {
  const [first] = segments
  const [certificate] = [session.certificate]
  const entry = { session: hex(session.session), seq: 1, certificate, mark: random.bytes(16) }
  const sessions = first ? [{ ...entry, tipProof: first.tipProof }] : []
  const made = { keys, sessions, packed: document, nonce: random.bytes(24), madeAt: 1 }
  return sealSnapshot(made)?.bytes ?? expect.fail()
})()

describe('what others log, changed or made up', () => {
  it('snapshots: refused as INVALID unless not a bit differs (T1 to T3)', () => {
    let decoded = 0
    fuzz(4_000, mutated([snapshot]), ({ bytes }) => {
      const taken = answer(() => decodeSnapshot(bytes), 'MALFORMED')
      if (!taken) return
      decoded++
      const opened = answer(() => openSnapshot(content, taken), 'MALFORMED')
      if (opened)
        expect(hex(taken.header.subarray(0, -68))).toBe(hex(snapshot.subarray(0, taken.header.length - 68)))
    })
    expect(decoded).toBeGreaterThan(10)
  })

  it('documents inside of them: refused as INVALID, or looked through in time (T2, T7)', () => {
    const plain = unpackDocument(document)
    fuzz(4_000, mutated([document]), ({ bytes }) => {
      answer(() => unpackDocument(bytes), 'MALFORMED')
    })
    fuzz(8_000, mutated([plain]), ({ bytes }) => {
      answer(() => checkDocumentChunk(bytes), 'MALFORMED')
    })
  })

  it('segments: refused as INVALID unless not a bit differs (S2, S3, S6)', () => {
    const sound = segments.map(({ bytes }) => bytes)
    let decoded = 0
    fuzz(8_000, mutated(sound), ({ bytes }) => {
      const segment = answer(() => decodeSegment(bytes), 'MALFORMED')
      if (!segment) return
      decoded++
      expect(Buffer.from(segment.bytes).equals(bytes)).toBe(true)
      const taken = verifySegment(segment, documentId)
      expect(taken).toBe(sound.some((one) => bytes.equals(one)))
      answer(() => openSegment(content, segment), 'MALFORMED')
    })
    expect(decoded).toBeGreaterThan(100)
  })

  it('tip proofs and fork proofs (S3, S8)', () => {
    const [first, second, third] = segments.map(({ tipProof }) => tipProof)
    if (!first || !second || !third) return expect.fail()
    const twin = reference.pairOf(random.bytes(32))
    const two = [1, 2].map((n) =>
      referenceLog.segment(reference.ladder(write), {
        session: twin,
        seqFrom: 1,
        seqTo: n,
        prevChain: Buffer.alloc(32),
        chain: Buffer.alloc(32, n),
        packed: Buffer.alloc(64),
        nonce: Buffer.alloc(24),
      }),
    )
    const [a, b] = two.map((bytes) => bytes.subarray(0, 202))
    if (!a || !b) return expect.fail()
    fuzz(6_000, mutated([first, second, third]), ({ bytes }) => {
      const header = answer(() => decodeTipProof(bytes), 'MALFORMED')
      if (!header) return
      expect(header.seqTo - header.seqFrom).toBeLessThan(maxSegmentChanges)
      contradict(bytes, first)
    })
    const proof = makeForkProof(a, b)
    fuzz(6_000, mutated([proof, makeForkProof(first, second), Buffer.concat([a, a])]), ({ bytes }) => {
      const convicted = answer(() => verifyForkProof(bytes, documentId), 'MALFORMED')
      if (!convicted) return
      expect([hex(convicted), sessionOfFork(bytes)]).toEqual(Array(2).fill(hex(twin.publicKey)))
    })
  })

  it('certificates: refused as INVALID unless not a bit differs (C2, C3)', () => {
    fuzz(6_000, mutated(certificates), ({ bytes }) => {
      const taken = answer(() => verifyCertificate(bytes, documentId, verify), 'MALFORMED')
      expect(taken !== null).toBe(certificates.some((one) => bytes.equals(one)))
      const certificate = answer(() => decodeCertificate(bytes), 'MALFORMED')
      expect(certificate === null || bytes.length === certificateSize).toBe(true)
      answer(() => openCertificate({ content, documentId, certificate: bytes }), 'MALFORMED')
    })
  })

  it('certificates that a writer seals with anything inside (C3, C5)', () => {
    const author = reference.pairOf(random.bytes(32))
    const nonce = Buffer.alloc(24, 1)
    const head = reference.join(1, session.session, 0, nonce)
    const field = (name: string) =>
      reference.join(Buffer.byteLength(name), Buffer.from(name), Buffer.alloc(64 - Buffer.byteLength(name)))
    const fields = ['', 'Ada', 'Zoë 🐝', 'x'.repeat(64)].map(field)
    fuzz(3_000, mutated(fields), ({ bytes }) => {
      const named = Buffer.concat([bytes, Buffer.alloc(65)]).subarray(0, 65)
      const approval = reference.sign('signAuthor', author.secretKey, documentId, session.session, named)
      const plain = reference.join(author.publicKey, named, approval)
      const sealed = reference.seal(content, plain, reference.join(documentId, head), nonce)
      const certificate = reference.join(head, sealed, Buffer.alloc(64))
      const read = answer(() => openCertificate({ content, documentId, certificate }), 'MALFORMED')
      if (!read) return
      expect(Buffer.byteLength(read.name)).toBeLessThanOrEqual(maxNameSize)
      expect(cleanName(read.name)).toBe(read.name)
      // A name that is only unclean is cleaned; everything else is as it was written.
      const given = named.subarray(1, 1 + (named[0] ?? 0)).toString()
      expect([read.name, hex(field(given))]).toEqual([cleanName(given), hex(named)])
    })
  })

  it('names of any characters come out clean (C5)', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 100 }),
      fc.string({
        unit: fc.constantFrom(
          '\u202e',
          '\u0000',
          ' ',
          'a',
          '😀',
          '\ud800',
          '\udc00',
          '\u2028',
          '漢',
          '\u00ad',
          '\u3164',
          '\u2800',
          '\u0301',
        ),
      }),
      anyBytes(100).map((bytes) => Buffer.from(bytes).toString('utf16le')),
    )
    fuzz(6_000, text, (name) => {
      const clean = cleanName(name)
      expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(maxNameSize)
      expect([cleanName(clean), clean.isWellFormed()]).toEqual([clean, true])
      expect([...clean].filter((character) => isUnwanted(character.codePointAt(0) ?? 0))).toEqual([])
    })
  })

  it('contents: never more than was stated, and as they were packed (S5, S6)', () => {
    const lists = [
      [changes[0]?.bytes ?? expect.fail()],
      changes.map(({ bytes }) => bytes),
      Array.from({ length: 1_000 }, () => new Uint8Array(0)),
      [Buffer.alloc(900_000)],
    ]
    const sound = lists.map((list) => packChanges(list) ?? expect.fail())
    fuzz(8_000, mutated(sound), ({ bytes }) => {
      const unpacked = answer(() => unpackChanges(bytes), 'MALFORMED')
      if (!unpacked) return
      const total = unpacked.reduce((sum, change) => sum + (change?.length ?? 0), 0)
      expect(unpacked.length).toBeLessThanOrEqual(maxSegmentChanges)
      expect(total).toBeLessThanOrEqual(Math.min(maxContentSize, bytes.readUInt32LE(0)))
      // Each has what stays in memory of its own, and not a share of something large.
      for (const change of unpacked) expect(change).toBeInstanceOf(Uint8Array)
    })
    fuzz(500, fc.array(anyBytes(2_000), { minLength: 1, maxLength: 20 }), (list) => {
      const again = unpackChanges(packChanges(list) ?? expect.fail())
      expect(again.map(hex)).toEqual(list.map(hex))
    })
  })

  it('changes: read within their bytes (D2, D3)', () => {
    const sound = changes.map(({ bytes }) => bytes)
    let read = 0
    fuzz(10_000, mutated(sound), ({ bytes }) => {
      // A checksum that fits, as whoever makes a change would put there; else hardly one is read.
      if (bytes.length > 12) hash(bytes.subarray(8)).copy(bytes, 4, 0, 4)
      const header = answer(() => readChangeHeader(bytes), 'MALFORMED')
      expect(insertedText(bytes).length).toBeLessThanOrEqual(bytes.length)
      if (!header) return
      read++
      expect(header.dependencies.length * 32).toBeLessThanOrEqual(bytes.length)
      for (const number of [header.seq, header.startOp])
        expect(Number.isSafeInteger(number) && number >= 0).toBe(true)
      const operations = answer(() => readOperations(header), 'MALFORMED')
      if (operations) expect(operations.count).toBeLessThanOrEqual(Math.min(maxOperations, bytes.length * 64))
    })
    expect(read).toBeGreaterThan(100)
  })

  it('segments that a writer seals around anything are salvaged or not, and never break (D5)', () => {
    const pair = keyPairFromSeed(random.bytes(32))
    const sound = [
      packChanges(changes.map(({ bytes }) => bytes)) ?? expect.fail(),
      packChanges([changes[1]?.bytes ?? expect.fail()]) ?? expect.fail(),
    ]
    fuzz(3_000, mutated(sound), ({ bytes }) => {
      if (bytes.length > 100_000) return
      const made = { documentId, content, session: pair, seqFrom: 1, seqTo: 1 + (bytes[0] ?? 0) }
      const chains = { prevChain: Buffer.alloc(32), chain: Buffer.alloc(32), nonce: Buffer.alloc(24) }
      const segment = sealSegment({ ...made, ...chains, packed: bytes }).bytes
      const salvaged = salvageSegment({ contentKey: content, segment, first: 1 })
      for (const { text, bytes: change } of salvaged ?? [])
        expect(text.length).toBeLessThanOrEqual(change.length)
    })
  })
})
