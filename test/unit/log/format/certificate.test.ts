import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../../../main/base/hex'
import { keysFromKeep, keysFromRead, keysFromWrite, makeManifest } from '../../../../main/keys/derive'
import { fingerprint, identityFromSeed } from '../../../../main/keys/identity'
import { cleanName } from '../../../../main/keys/name'
import { seal } from '../../../../main/keys/seal'
import { keyPairFromSeed, sign } from '../../../../main/keys/signature'
import {
  certificateSize,
  decodeCertificate,
  hashCertificate,
  makeCertificate,
  openCertificate,
  verifyCertificate,
} from '../../../../main/log/format/certificate'
import { ManualClock } from '../../../support/manual-clock'
import vector from '../../../vectors/certificate.json'
import { codeOf, fixture, flipped } from '../fixture'

const { keys, identity, environment, random } = fixture(3)
const { documentId } = keys
const content = keys.content ?? expect.fail()
const verify = keys.verify ?? expect.fail()
const pair = keyPairFromSeed(random.bytes(32))
const make = (name = 'Ada', sessionKey = pair.publicKey, of = keys) =>
  makeCertificate({ keys: of, sessionKey, identity, name, environment })
const read = (certificate: Uint8Array) => openCertificate({ content, documentId, certificate })

describe('certificates', () => {
  it('match the frozen vector (C2)', () => {
    const frozen = keysFromWrite(fromHex(vector.write))
    const certificate = makeCertificate({
      keys: frozen,
      sessionKey: keyPairFromSeed(fromHex(vector.sessionSeed)).publicKey,
      identity: identityFromSeed(fromHex(vector.authorSeed)),
      name: vector.name,
      environment: { clock: new ManualClock(), random: () => fromHex(vector.nonce) },
    })
    expect(hex(certificate)).toBe(vector.certificate)
    const { session, hash } = verifyCertificate(
      certificate,
      frozen.documentId,
      frozen.verify ?? expect.fail(),
    )
    expect([hex(session), hex(hash)]).toEqual([vector.session, vector.hash])
    const author = openCertificate({
      content: frozen.content ?? expect.fail(),
      documentId: frozen.documentId,
      certificate,
    })
    expect([hex(author.authorKey), author.name]).toEqual([vector.authorKey, vector.name])
    expect(fingerprint(author.authorKey)).toBe(vector.fingerprint)
  })

  it('name session and author, and are all of one size (C2, C3)', () => {
    for (const name of ['', 'Ada', 'Zoë 🐝', 'x'.repeat(64), '漢'.repeat(21)]) {
      const certificate = make(name)
      expect(certificate.length).toBe(certificateSize)
      expect(hex(verifyCertificate(certificate, documentId, verify).session)).toBe(hex(pair.publicKey))
      expect(hex(verifyCertificate(certificate, documentId, verify).hash)).toBe(
        hex(hashCertificate(certificate)),
      )
      expect(read(certificate)).toEqual({ authorKey: Uint8Array.from(identity.publicKey), name })
    }
  })

  it('can be made by writers only (C2)', () => {
    const reader = keysFromRead(keys.read ?? expect.fail(), makeManifest(keys))
    expect(codeOf(() => make('Ada', pair.publicKey, reader))).toBe('ROLE_TOO_LOW')
    expect(codeOf(() => make('Ada', pair.publicKey, keysFromKeep(keys.keep, verify)))).toBe('ROLE_TOO_LOW')
  })

  it('are refused with any byte changed, cut or lengthened (C2)', () => {
    const certificate = make()
    for (let place = 0; place < certificate.length; place++)
      for (const mask of [0x01, 0x80])
        expect(codeOf(() => verifyCertificate(flipped(certificate, place, mask), documentId, verify))).toBe(
          'MALFORMED',
        )
    expect(codeOf(() => verifyCertificate(certificate.subarray(1), documentId, verify))).toBe('MALFORMED')
    expect(codeOf(() => decodeCertificate(Buffer.concat([certificate, Buffer.of(0)])))).toBe('MALFORMED')
  })

  it('of another W or another document are refused (C4)', () => {
    const other = fixture(4).keys
    const otherVerify = other.verify ?? expect.fail()
    expect(codeOf(() => verifyCertificate(make(), documentId, otherVerify))).toBe('MALFORMED')
    expect(codeOf(() => verifyCertificate(make(), other.documentId, verify))).toBe('MALFORMED')
    expect(codeOf(() => verifyCertificate(make('Ada', pair.publicKey, other), documentId, verify))).toBe(
      'MALFORMED',
    )
    expect(
      codeOf(() => openCertificate({ content, documentId: other.documentId, certificate: make() })),
    ).toBe('MALFORMED')
  })

  it('forged by a reader, who has all keys but W, are refused (C2)', () => {
    const own = keyPairFromSeed(random.bytes(32))
    const forged = makeCertificate({
      keys: { ...keys, sign: own.secretKey },
      sessionKey: own.publicKey,
      identity,
      name: 'Ada',
      environment,
    })
    expect(codeOf(() => verifyCertificate(forged, documentId, verify))).toBe('MALFORMED')
  })

  it('cannot take another author’s approval along (C3)', () => {
    // A writer moves the sealed part of Ada's certificate, or her signature, to a session of his own.
    const ada = make()
    const { nonce, sealed } = decodeCertificate(ada)
    const own = keyPairFromSeed(random.bytes(32))
    const head = Buffer.concat([Buffer.of(1), own.publicKey, Buffer.of(0), nonce])
    const finish = (body: Uint8Array) => {
      const signed = Buffer.concat([head, body])
      return Buffer.concat([
        signed,
        sign('signCertificate', [documentId, signed], keys.sign ?? expect.fail()),
      ])
    }
    const moved = finish(sealed)
    expect(hex(verifyCertificate(moved, documentId, verify).session)).toBe(hex(own.publicKey))
    expect(codeOf(() => read(moved))).toBe('MALFORMED')
    const approval = sign('signAuthor', [documentId, pair.publicKey, named('Ada')], identity.secretKey)
    const plain = Buffer.concat([identity.publicKey, named('Ada'), approval])
    const resealed = finish(seal(content, plain, Buffer.concat([documentId, head]), nonce))
    expect(hex(verifyCertificate(resealed, documentId, verify).session)).toBe(hex(own.publicKey))
    expect(codeOf(() => read(resealed))).toBe('MALFORMED')
  })

  it('with a name that is malformed are refused, and one that is not clean is cleaned (C5)', () => {
    const withName = (field: Uint8Array) => {
      const nonce = random.bytes(24)
      const head = Buffer.concat([Buffer.of(1), pair.publicKey, Buffer.of(0), nonce])
      const approval = sign('signAuthor', [documentId, pair.publicKey, field], identity.secretKey)
      const plain = Buffer.concat([identity.publicKey, field, approval])
      const signed = Buffer.concat([head, seal(content, plain, Buffer.concat([documentId, head]), nonce)])
      return Buffer.concat([
        signed,
        sign('signCertificate', [documentId, signed], keys.sign ?? expect.fail()),
      ])
    }
    for (const [given, shown] of [
      ['Ada', 'Ada'],
      [' Ada', 'Ada'],
      ['A\nda', 'Ada'],
      ['A\u202eda', 'Ada'],
      ['Ada\u200b', 'Ada'],
      ['\u3164', ''],
    ] as const)
      expect(read(withName(named(given))).name).toBe(shown)
    expect(read(withName(named('Ada', 4))).name).toBe('Ada')
    const wrong = [named('Ada', 2), named('Ada', 65), named('Ada', 255)]
    const badUtf8 = named('Ada')
    badUtf8[1] = 0xff
    for (const field of [...wrong, badUtf8]) expect(codeOf(() => read(withName(field)))).toBe('MALFORMED')
  })
})

describe('names (C5)', () => {
  it('lose controls and blanks around them, and keep the rest', () => {
    expect(cleanName('  Ada\u0000 Love\u200elace\r\n')).toBe('Ada Lovelace')
    expect(cleanName('👩‍👩‍👧')).toBe('👩‍👩‍👧')
    expect(cleanName(' \n ')).toBe('')
    expect(cleanName('x'.repeat(100))).toBe('x'.repeat(64))
    expect(cleanName('🐝'.repeat(20))).toBe('🐝'.repeat(16))
    for (const name of ['Zoë', 'Zoe\u0308', '李', 'می\u200cخواهم', '❤\ufe0f', '?', '4', 'O’Neill', '⠠⠁⠙⠁⠀⠠⠇'])
      expect(cleanName(name)).toBe(name)
  })

  it('lose what cannot be seen', () => {
    for (const hidden of [
      '\u200b',
      '\u00ad',
      '\u034f',
      '\u2060',
      '\ufeff',
      '\u3164',
      '\u115f',
      '\u180e',
      '\u{e0041}',
    ])
      for (const name of [`Ben${hidden}`, `${hidden}Ben`, `B${hidden}en`]) expect(cleanName(name)).toBe('Ben')
    for (const end of ['\u2800', '\u00a0', '\u2003', '\u200d', '\u200c'])
      expect(cleanName(`${end}Ben${end}`)).toBe('Ben')
  })

  it('in which nothing can be seen are none', () => {
    const blank = [
      '\u3164',
      '\u2800',
      '\u115f',
      '\u1160',
      '\uffa0',
      '\u200b',
      '\u200d',
      '\ufe0f',
      '\u0301',
      '\u00a0',
      '\u{e0100}',
    ]
    for (const a of blank)
      for (const b of blank)
        for (const name of [a, a + b, `${a} ${b}`, b.repeat(20)]) expect(cleanName(name)).toBe('')
    expect(cleanName('\ue000')).toBe('')
  })

  it('are clean after cleaning once, and at most 64 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), fc.string({ maxLength: 80 }), (a, b) => {
        for (const name of [a, b, ` \u0000${a} `]) {
          const clean = cleanName(name)
          expect(cleanName(clean)).toBe(clean)
          expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(64)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

function named(name: string, size = Buffer.byteLength(name)): Buffer {
  const field = Buffer.alloc(65)
  field[0] = size
  field.write(name, 1)
  return field
}
