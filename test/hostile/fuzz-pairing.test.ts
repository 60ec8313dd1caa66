import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../main/base/hex'
import { cleanName } from '../../main/keys/name'
import {
  decodeDocument,
  decodeEnd,
  decodeNo,
  decodeNumber,
  decodePairingHello,
  decodePerson,
  encodeDocument,
  encodePerson,
} from '../../main/pairing/pairing-messages'
import { answer, anyBytes, fuzz, mutated } from '../support/fuzz'
import vector from '../vectors/pairing.json'

describe('what computers that pair say, changed or made up', () => {
  it('hellos: both fixed parts or nothing (P3)', () => {
    let taken = 0
    for (const [from, sound] of [
      ['offer', vector.offerHello],
      ['join', vector.joinHello],
    ] as const)
      fuzz(3_000, mutated([fromHex(sound)]), ({ bytes }) => {
        const hello = answer(() => decodePairingHello(bytes, from), 'MISBEHAVED', 'MALFORMED')
        if (!hello) return
        taken++
        expect([hello.proof.length, hello.commitment.length]).toEqual([32, from === 'offer' ? 32 : 0])
      })
    expect(taken).toBeGreaterThan(100)
  })

  it('a person: a seed and a name as it may stand in a certificate (P5)', () => {
    let taken = 0
    fuzz(6_000, mutated([fromHex(vector.person.body)]), ({ bytes }) => {
      const person = answer(() => decodePerson(bytes), 'MISBEHAVED', 'MALFORMED')
      if (!person) return
      taken++
      expect(person.seed).toHaveLength(32)
      expect(person.name).not.toBe('')
      expect(cleanName(person.name)).toBe(person.name)
      expect(decodePerson(encodePerson(person))).toEqual(person)
    })
    expect(taken).toBeGreaterThan(100)
  })

  it('documents: keys that fit, and what a library can hold (P6)', () => {
    const sound = vector.documents.map(({ body }) => fromHex(body))
    let [taken, manifests] = [0, 0]
    fuzz(8_000, mutated(sound), ({ bytes }) => {
      const document = answer(() => decodeDocument(bytes), 'MISBEHAVED', 'MALFORMED')
      if (!document) return
      taken++
      // A signed manifest is accepted unchanged or not at all.
      if (document.manifest !== null && ++manifests > 0)
        expect(sound.some((one) => hex(one).includes(document.manifest ?? expect.fail()))).toBe(true)
      expect(document.title.length).toBeLessThanOrEqual(1_024)
      expect(new Date(document.editedAt ?? 0).getTime()).not.toBeNaN()
      expect(hex(decodeDocument(encodeDocument(document)).keys.documentId)).toBe(
        hex(document.keys.documentId),
      )
    })
    expect(taken).toBeGreaterThan(100)
    expect(manifests).toBeGreaterThan(10)
  })

  it('the small ones, and bytes that never were anything (P5)', () => {
    fuzz(4_000, anyBytes(), (bytes) => {
      for (const decode of [decodeDocument, decodePerson, decodeEnd, decodeNo, decodeNumber])
        answer<unknown>(() => decode(bytes), 'MISBEHAVED', 'MALFORMED')
      for (const side of ['offer', 'join'] as const)
        answer(() => decodePairingHello(bytes, side), 'MISBEHAVED', 'MALFORMED')
    })
  })
})
