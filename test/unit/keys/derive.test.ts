import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { sameBytes } from '../../../main/keys/bytes'
import {
  keysFromKeep,
  keysFromRead,
  keysFromWrite,
  makeManifest,
  manifestSize,
  readManifest,
} from '../../../main/keys/derive'
import { kdf } from '../../../main/keys/hash'
import { sealDeterministic } from '../../../main/keys/seal'
import { keyPairFromSeed, sign } from '../../../main/keys/signature'
import vector from '../../vectors/keys.json'
import { codeOf, flipped } from '../log/fixture'

const secret = (byte: number) => Buffer.alloc(32, byte)
const write = keysFromWrite(secret(7))
const read = write.read ?? expect.fail()
const verify = write.verify ?? expect.fail()

describe('the key ladder (K1)', () => {
  it('matches the frozen vector', () => {
    const keys = keysFromWrite(Buffer.from(vector.write, 'hex'))
    const found = Object.fromEntries(
      Object.entries(keys).map(([name, value]) => [name, value instanceof Uint8Array ? hex(value) : value]),
    )
    expect(found).toEqual(vector.keys)
    expect(hex(makeManifest(keys))).toBe(vector.manifest)
  })

  it('gives a reader and a keeper the same keys as far as their role goes (K2)', () => {
    const reader = keysFromRead(read, makeManifest(write))
    for (const name of [
      'content',
      'presence',
      'manifest',
      'salt',
      'documentId',
      'topic',
      'keep',
      'verify',
    ] as const)
      expect(hex(reader[name] ?? expect.fail())).toBe(hex(write[name] ?? expect.fail()))
    const keeper = keysFromKeep(write.keep, verify)
    for (const name of ['documentId', 'topic', 'keep', 'verify'] as const)
      expect(hex(keeper[name] ?? expect.fail())).toBe(hex(write[name] ?? expect.fail()))
  })

  it('gives no key above the role (K2)', () => {
    const reader = keysFromRead(read, makeManifest(write))
    expect([reader.role, reader.write, reader.sign]).toEqual(['read', null, null])
    expect(keysFromRead(read).verify).toBeNull()
    const {
      role,
      read: r,
      write: w,
      sign: s,
      content,
      presence,
      manifest,
      salt,
    } = keysFromKeep(write.keep, verify)
    expect([role, r, w, s, content, presence, manifest, salt]).toEqual(['keep', ...Array(7).fill(null)])
  })

  it('makes all keys of a document and of two documents different', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const all = [keysFromWrite(bytes), keysFromWrite(flipped(bytes, 31))].flatMap((keys) =>
          Object.values(keys).flatMap((value) => (value instanceof Uint8Array ? [hex(value)] : [])),
        )
        expect(new Set(all).size).toBe(all.length)
      }),
      { numRuns: 50 },
    )
  })

  it('refuses secrets of another size', () => {
    for (const size of [0, 31, 33]) {
      expect(codeOf(() => keysFromWrite(Buffer.alloc(size)))).toBe('MALFORMED')
      expect(codeOf(() => keysFromRead(Buffer.alloc(size)))).toBe('MALFORMED')
      expect(codeOf(() => keysFromKeep(Buffer.alloc(size), verify))).toBe('MALFORMED')
      expect(codeOf(() => keysFromKeep(write.keep, Buffer.alloc(size)))).toBe('MALFORMED')
    }
  })
})

describe('the manifest (K5)', () => {
  const manifest = makeManifest(write)
  const reader = keysFromRead(read)
  const keeper = keysFromKeep(write.keep, verify)

  it('is the same bytes each time, and gives W to every role', () => {
    expect(sameBytes(makeManifest(keysFromWrite(secret(7))), manifest)).toBe(true)
    for (const keys of [write, reader, keeper]) expect(hex(readManifest(keys, manifest))).toBe(hex(verify))
  })

  it('can be made by writers only', () => {
    expect(codeOf(() => makeManifest(keysFromRead(read, manifest)))).toBe('ROLE_TOO_LOW')
    expect(codeOf(() => makeManifest(keeper))).toBe('ROLE_TOO_LOW')
  })

  it('is refused by every role with any byte changed, cut or lengthened', () => {
    for (const keys of [write, reader, keeper]) {
      for (let place = 0; place < manifestSize; place++)
        expect(codeOf(() => readManifest(keys, flipped(manifest, place)))).toBe('MALFORMED')
      expect(codeOf(() => readManifest(keys, manifest.subarray(1)))).toBe('MALFORMED')
      expect(codeOf(() => readManifest(keys, Buffer.concat([manifest, Buffer.of(0)])))).toBe('MALFORMED')
    }
  })

  it('of another document is refused', () => {
    const other = makeManifest(keysFromWrite(secret(8)))
    for (const keys of [write, reader, keeper])
      expect(codeOf(() => readManifest(keys, other))).toBe('MALFORMED')
  })

  it('forged by a reader, with his own W and all keys that he has, is refused', () => {
    const own = keyPairFromSeed(secret(9))
    const forge = (salt: Uint8Array) => {
      const head = Buffer.concat([Buffer.of(1), own.publicKey])
      const body = Buffer.concat([head, sealDeterministic(write.manifest ?? expect.fail(), salt, head)])
      return Buffer.concat([body, sign('signManifest', [write.documentId, body], own.secretKey)])
    }
    for (const salt of [write.salt ?? expect.fail(), kdf(secret(9), 'salt')])
      for (const keys of [write, reader, keeper])
        expect(codeOf(() => readManifest(keys, forge(salt)))).toBe('MALFORMED')
  })
})
