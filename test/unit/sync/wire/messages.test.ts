import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SwarmpadError } from '../../../../main/base/errors'
import { hex } from '../../../../main/base/hex'
import { noMark } from '../../../../main/log/format/segment'
import { bucketDigests } from '../../../../main/log/format/version-vector'
import { decodePresence } from '../../../../main/sync/presence/presence'
import { readHello } from '../../../../main/sync/wire/hello'
import { readIntroduction } from '../../../../main/sync/wire/introduction'
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
  encodeVector,
  encodeWant,
  maxEntries,
  pagesOf,
} from '../../../../main/sync/wire/messages'
import { unplaced } from '../../../support/sim-network'
import { World } from '../world'

const session = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => hex(bytes))
const entry = fc
  .tuple(
    session,
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 1, max: 0xffff_0000 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  .map(([id, base, above, mark]): Entry => [id, { base, tip: base + above, mark: Buffer.from(mark) }])

describe('messages', () => {
  it('W21 are decoded as they were encoded', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 40 }),
        fc.boolean(),
        session,
        fc.nat(),
        (entries, last, id, after) => {
          expect(decodeReceipt(encodeReceipt(entries))).toEqual(entries)
          expect(decodeVector(encodeVector({ last, entries }))).toEqual({ last, entries })
          expect(decodeWant(encodeWant({ session: id, after }))).toEqual({ session: id, after })
          expect(decodeCredit(encodeCredit(after))).toBe(after)
          const digests = bucketDigests(new Map(entries))
          expect(Buffer.from(decodeHave(encodeHave(digests)))).toEqual(Buffer.from(digests))
        },
      ),
    )
  })

  it('W21 are cut into pages', () => {
    const entries = Array.from(
      { length: 2 * maxEntries + 1 },
      (_, n): Entry => [String(n), { base: 0, tip: 1, mark: noMark }],
    )
    expect(pagesOf(entries).map((page) => page.length)).toEqual([maxEntries, maxEntries, 1])
    expect(pagesOf(entries.slice(0, maxEntries)).length).toBe(1)
    expect(pagesOf([])).toEqual([[]])
  })

  it('W23 an empty document takes 32 bytes to compare', () => {
    expect(encodeHave(bucketDigests(new Map())).length).toBe(32)
  })

  it('W20 of any bytes are decoded, or refused as MALFORMED', () => {
    const world = new World()
    const connection = {
      stream: null as never,
      isInitiator: true,
      remotePublicKey: Buffer.alloc(32),
      handshakeHash: Buffer.alloc(64),
      ...unplaced,
    }
    const readers = [
      decodeCredit,
      decodeEnough,
      decodeHave,
      decodeReceipt,
      decodeRelay,
      decodeVector,
      decodeWant,
      decodePresence,
      readIntroduction,
      (bytes: Uint8Array) => readHello(bytes, world.keys, connection),
    ]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const read of readers)
          try {
            read(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(SwarmpadError)
            expect((error as SwarmpadError).code).toBe('MALFORMED')
          }
      }),
      { numRuns: 1_000 },
    )
  })
})
