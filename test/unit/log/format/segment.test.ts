import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../../../main/base/hex'
import { keysFromWrite } from '../../../../main/keys/derive'
import { keyPairFromSeed } from '../../../../main/keys/signature'
import { hashCertificate } from '../../../../main/log/format/certificate'
import { maxContentSize, maxSegmentChanges, maxSegmentSize } from '../../../../main/log/format/limits'
import { packChanges, unpackChanges } from '../../../../main/log/format/packing'
import {
  chainNext,
  chainStart,
  decodeSegment,
  decodeTipProof,
  openSegment,
  type Segment,
  sealSegment,
  verifySegment,
  verifyTipProof,
} from '../../../../main/log/format/segment'
import vector from '../../../vectors/segment.json'
import { codeOf, fixture, flipped } from '../fixture'

const { keys, session, change, random } = fixture(5)
const { documentId } = keys
const content = keys.content ?? expect.fail()
const texts = (segment: Segment, key = content) =>
  openSegment(key, segment).changes.map((bytes) => hex(bytes))

/** A segment with any plain text inside, as a cheating writer can make it. */
function cheat(packed: Uint8Array, seqTo = 1, seqFrom = 1): Uint8Array {
  const pair = keyPairFromSeed(Buffer.alloc(32, 3))
  const [prevChain, chain, nonce] = [Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(24)]
  return sealSegment({ documentId, content, session: pair, seqFrom, seqTo, prevChain, chain, packed, nonce })
    .bytes
}

/** The plain text of a segment, with any sizes stated. */
function frame(deflated: Buffer, plainLength: number, size = deflated.length): Buffer {
  const packed = Buffer.alloc(Math.ceil((8 + deflated.length) / 64) * 64)
  packed.writeUInt32LE(plainLength, 0)
  packed.writeUInt32LE(size, 4)
  deflated.copy(packed, 8)
  return packed
}

describe('segments', () => {
  it('match the frozen vector (S2, S4)', () => {
    const frozen = keysFromWrite(fromHex(vector.write))
    const segment = sealSegment({
      documentId: frozen.documentId,
      content: frozen.content ?? expect.fail(),
      session: keyPairFromSeed(fromHex(vector.sessionSeed)),
      seqFrom: 1,
      seqTo: 2,
      prevChain: fromHex(vector.prevChain),
      chain: fromHex(vector.chain),
      packed: fromHex(vector.packed),
      nonce: fromHex(vector.nonce),
    })
    expect(hex(segment.bytes)).toBe(vector.segment)
    expect(verifySegment(segment, frozen.documentId)).toBe(true)
    expect(texts(segment, frozen.content ?? expect.fail())).toEqual(vector.changes.map(({ bytes }) => bytes))
  })

  it('give back what was sealed, and chain on (S1, S5, S7)', () => {
    const lists = fc.array(fc.nat({ max: 2_000 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(fc.array(lists, { minLength: 1, maxLength: 4 }), (groups) => {
        const log = session()
        let chain = chainStart(documentId, log.session, hashCertificate(log.certificate))
        let seq = 0
        for (const sizes of groups) {
          const changes = sizes.map((size) => change(size))
          const segment = decodeSegment(log.seal(changes).bytes)
          expect([segment.seqFrom, segment.seqTo]).toEqual([seq + 1, seq + changes.length])
          expect(hex(segment.prevChain)).toBe(hex(chain))
          expect(texts(segment)).toEqual(changes.map(({ bytes }) => hex(bytes)))
          expect(verifySegment(segment, documentId)).toBe(true)
          for (const { hash } of changes) chain = chainNext(chain, hash)
          expect(hex(segment.chain)).toBe(hex(chain))
          seq = segment.seqTo
        }
      }),
      { numRuns: 30 },
    )
  })

  it('grow in steps of 64 bytes, whatever they hold (S5)', () => {
    const log = session()
    const sizes = Array.from({ length: 200 }, (_, size) => log.seal([change(size)]).bytes.length)
    for (const size of sizes) expect((size - (sizes[0] ?? 0)) % 64).toBe(0)
    expect(new Set(sizes).size).toBeLessThan(6)
  })

  it('are refused with any single byte changed, cut or lengthened (S2, S3)', () => {
    const { bytes } = session().seal([change(40), change(40)])
    const refused = (wrong: Uint8Array) =>
      codeOf(() => {
        if (verifySegment(decodeSegment(wrong), documentId)) throw new Error('taken')
      })
    for (let place = 0; place < bytes.length; place++)
      for (const mask of [0x01, 0x10, 0x80])
        expect(['MALFORMED', 'nothing']).toContain(refused(flipped(bytes, place, mask)))
    expect(refused(bytes.subarray(0, -1))).toBe('MALFORMED')
    expect(refused(Buffer.concat([bytes, Buffer.of(0)]))).toBe('MALFORMED')
  })

  it('of another document are refused (S3)', () => {
    const other = fixture(6)
    const segment = other.session().seal([change()])
    expect(verifySegment(segment, other.keys.documentId)).toBe(true)
    expect(verifySegment(segment, documentId)).toBe(false)
    expect(codeOf(() => openSegment(content, segment))).toBe('MALFORMED')
  })

  it('cannot have their sealed body put under another header (S4)', () => {
    const log = session()
    const [a, b] = [log.seal([change(30)]), log.seal([change(30)])]
    const body = a.bytes.subarray(a.tipProof.length)
    const swapped = Buffer.concat([b.tipProof, body])
    expect(codeOf(() => decodeSegment(swapped))).toBe('MALFORMED')
    expect(codeOf(() => openSegment(content, { ...b, bytes: swapped }))).toBe('MALFORMED')
  })

  it('prove their tip without the body (S3)', () => {
    const { tipProof, seqTo } = session().seal([change(), change()])
    expect(decodeTipProof(tipProof).seqTo).toBe(seqTo)
    expect(verifyTipProof(tipProof, documentId)).toBe(true)
    for (let place = 0; place < tipProof.length; place++)
      expect(['MALFORMED', 'nothing']).toContain(
        codeOf(() => {
          if (verifyTipProof(flipped(tipProof, place), documentId)) throw new Error('taken')
        }),
      )
  })

  it('with impossible numbers are refused (S6)', () => {
    const packed = packChanges([Buffer.from('x')]) ?? expect.fail()
    for (const [from, to] of [
      [0, 0],
      [0, 1],
      [2, 1],
      [1, 1_001],
    ] as const)
      expect(codeOf(() => cheat(packed, to, from))).toBe('MALFORMED')
    expect(decodeSegment(cheat(packed, 1_000)).seqTo).toBe(1_000)
  })
})

describe('limits (S6)', () => {
  it('a segment never passes 128 KiB, and a change that fits is taken', () => {
    const log = session()
    const room = maxSegmentSize - 138 - 64 - 24 - 16
    const segment = log.seal([change(room - 200)])
    expect(segment.bytes.length).toBeLessThanOrEqual(maxSegmentSize)
    expect(codeOf(() => log.seal([change(room)]))).toBe('EDIT_TOO_LARGE')
    expect(log.tip).toBe(1)
    expect(cheat(Buffer.alloc(room)).length).toBe(maxSegmentSize)
    expect(codeOf(() => cheat(Buffer.alloc(room + 1)))).toBe('MALFORMED')
  })

  it('changes that do not fit one segment go into several, with nothing lost', () => {
    const log = session()
    for (const changes of [
      Array.from({ length: 2_500 }, () => change(10)),
      Array.from({ length: 12 }, () => change(40_000)),
      Array.from({ length: 3 }, () => ({ bytes: Buffer.alloc(900_000, 65), hash: random.bytes(32) })),
    ]) {
      const from = log.tip
      const segments = log.sealAll(changes)
      expect(segments.length).toBeGreaterThan(2)
      expect(segments.flatMap((segment) => texts(segment))).toEqual(changes.map(({ bytes }) => hex(bytes)))
      segments.forEach((segment, index) => {
        expect(segment.seqFrom).toBe((segments[index - 1]?.seqTo ?? from) + 1)
      })
      expect(log.tip).toBe(from + changes.length)
    }
  })

  it('a change too big for any segment is refused with nothing signed', () => {
    const log = session()
    const huge = { bytes: Buffer.alloc(maxContentSize), hash: random.bytes(32) }
    expect(codeOf(() => log.sealAll([change(), huge]))).toBe('EDIT_TOO_LARGE')
    expect(codeOf(() => log.seal([]))).toBe('EDIT_TOO_LARGE')
    expect(log.tip).toBe(0)
    expect(log.seal([change()]).seqFrom).toBe(1)
  })

  it('bombs inside the seal are refused without being inflated', () => {
    const zeros = deflateRawSync(Buffer.alloc(64 * 1024 * 1024))
    expect(zeros.length).toBeLessThan(maxSegmentSize)
    for (const stated of [zeros.length, maxContentSize, maxContentSize + 1, 64 * 1024 * 1024, 0xffffffff]) {
      const before = process.memoryUsage().arrayBuffers
      expect(codeOf(() => openSegment(content, decodeSegment(cheat(frame(zeros, stated)))))).toBe('MALFORMED')
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
    }
  })

  it('plain text that states wrong sizes, or holds another number of changes, is refused', () => {
    const plain = Buffer.concat([Buffer.of(1, 65), Buffer.of(2, 66, 67)])
    const deflated = deflateRawSync(plain)
    const open =
      (packed: Uint8Array, seqTo = 2) =>
      () =>
        openSegment(content, decodeSegment(cheat(packed, seqTo)))
    expect(codeOf(open(frame(deflated, plain.length)))).toBe('nothing')
    expect(codeOf(open(frame(deflated, plain.length), 1))).toBe('MALFORMED')
    expect(codeOf(open(frame(deflated, plain.length), 3))).toBe('MALFORMED')
    for (const stated of [0, 1, plain.length - 1, plain.length + 1, maxContentSize])
      expect(codeOf(open(frame(deflated, stated)))).toBe('MALFORMED')
    for (const size of [0, deflated.length - 1, deflated.length + 64, 0xffffffff])
      expect(codeOf(open(frame(deflated, plain.length, size)))).toBe('MALFORMED')
    expect(codeOf(open(Buffer.concat([frame(deflated, plain.length), Buffer.alloc(64)])))).toBe('MALFORMED')
    expect(codeOf(open(frame(deflated, plain.length).fill(1, 60)))).toBe('MALFORMED')
    expect(codeOf(open(Buffer.alloc(0)))).toBe('MALFORMED')
    expect(codeOf(open(frame(deflateRawSync(Buffer.of(9, 1)), 2), 1))).toBe('MALFORMED')
    const many = Buffer.alloc(maxSegmentChanges + 1)
    expect(codeOf(() => unpackChanges(frame(deflateRawSync(many), many.length)))).toBe('MALFORMED')
  })
})
