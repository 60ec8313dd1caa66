import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint, identityFromSeed } from '../../../main/keys/identity'
import { namespaces } from '../../../main/keys/namespaces'
import { open, openDeterministic, seal, sealDeterministic } from '../../../main/keys/seal'
import { keyPairFromSeed, sign, verify } from '../../../main/keys/signature'
import { codeOf, flipped } from '../log/fixture'

const key = Buffer.alloc(32, 1)
const nonce = Buffer.alloc(24, 2)
const bytes = fc.uint8Array({ maxLength: 300 })

describe('seals (K3)', () => {
  it('open to what was sealed, the empty too', () => {
    fc.assert(
      fc.property(bytes, bytes, (plain, associated) => {
        expect(Buffer.from(open(key, seal(key, plain, associated, nonce), associated, nonce))).toEqual(
          Buffer.from(plain),
        )
        const fixed = sealDeterministic(key, plain, associated)
        expect(sealDeterministic(key, plain, associated)).toEqual(fixed)
        expect(Buffer.from(openDeterministic(key, fixed, associated))).toEqual(Buffer.from(plain))
      }),
    )
  })

  it('do not open with a byte of anything changed', () => {
    const plain = Buffer.from('plain text')
    const associated = Buffer.from('bound to this')
    const sealed = seal(key, plain, associated, nonce)
    for (let place = 0; place < sealed.length; place++)
      expect(codeOf(() => open(key, flipped(sealed, place), associated, nonce))).toBe('MALFORMED')
    expect(codeOf(() => open(flipped(key, 0), sealed, associated, nonce))).toBe('MALFORMED')
    expect(codeOf(() => open(key, sealed, flipped(associated, 0), nonce))).toBe('MALFORMED')
    expect(codeOf(() => open(key, sealed, associated, flipped(nonce, 0)))).toBe('MALFORMED')
    expect(codeOf(() => open(key, sealed.subarray(1), associated, nonce))).toBe('MALFORMED')
    expect(codeOf(() => open(key, Buffer.alloc(15), associated, nonce))).toBe('MALFORMED')
    expect(codeOf(() => openDeterministic(key, Buffer.alloc(30), associated))).toBe('MALFORMED')
  })

  it('with a derived nonce have another nonce for other text or binding', () => {
    const nonces = [
      sealDeterministic(key, Buffer.from('ab'), Buffer.from('c')),
      sealDeterministic(key, Buffer.from('a'), Buffer.from('bc')),
      sealDeterministic(key, Buffer.from('abc'), Buffer.from('')),
    ].map((sealed) => Buffer.from(sealed.subarray(0, 24)).toString('hex'))
    expect(new Set(nonces).size).toBe(3)
  })
})

describe('signatures (K3)', () => {
  const pair = keyPairFromSeed(Buffer.alloc(32, 5))
  const message = Buffer.from('message')

  it('hold for their purpose, message and key alone', () => {
    const signature = sign('signSegment', [message], pair.secretKey)
    expect(verify('signSegment', [message], signature, pair.publicKey)).toBe(true)
    expect(verify('signSegment', [Buffer.from('mess'), Buffer.from('age')], signature, pair.publicKey)).toBe(
      true,
    )
    expect(verify('signCertificate', [message], signature, pair.publicKey)).toBe(false)
    expect(verify('signSegment', [flipped(message, 0)], signature, pair.publicKey)).toBe(false)
    expect(verify('signSegment', [message], signature, keyPairFromSeed(Buffer.alloc(32, 6)).publicKey)).toBe(
      false,
    )
    for (let place = 0; place < 64; place++)
      expect(verify('signSegment', [message], flipped(signature, place), pair.publicKey)).toBe(false)
    expect(verify('signSegment', [message], signature.subarray(1), pair.publicKey)).toBe(false)
    expect(verify('signSegment', [message], signature, pair.publicKey.subarray(1))).toBe(false)
  })

  it('have a namespace for each purpose', () => {
    const all = Object.values(namespaces).map((bytes) => bytes.toString('hex'))
    expect(new Set(all).size).toBe(all.length)
  })

  it('refuse a seed of another size', () => {
    expect(codeOf(() => keyPairFromSeed(Buffer.alloc(31)))).toBe('MALFORMED')
  })
})

describe('fingerprints', () => {
  it('are short, readable and differ', () => {
    const all = Array.from({ length: 200 }, (_, seed) =>
      fingerprint(identityFromSeed(Buffer.alloc(32, seed)).publicKey),
    )
    for (const text of all) expect(text).toMatch(/^[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{4}$/)
    expect(new Set(all).size).toBe(200)
    expect(all[1]).toBe(fingerprint(identityFromSeed(Buffer.alloc(32, 1)).publicKey))
  })
})
