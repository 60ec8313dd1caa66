import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../../../main/base/hex'
import { keysFromRead, keysFromWrite, makeManifest } from '../../../../main/keys/derive'
import { identityFromSeed } from '../../../../main/keys/identity'
import { openSealed, sealFor } from '../../../../main/keys/sealed-box'
import { sign } from '../../../../main/keys/signature'
import {
  makeSuccessor,
  maxSuccessorSize,
  openSuccessor,
  readSuccessor,
} from '../../../../main/log/format/successor'
import * as referenceLog from '../../../support/reference/log'
import * as reference from '../../../support/reference/primitives'
import vector from '../../../vectors/successor.json'
import { codeOf, fixture, flipped } from '../fixture'

const { random, keys, identity } = fixture(5)
const from = keys.documentId
const next = keysFromWrite(random.bytes(32))
const [ben, cem, dora] = [1, 2, 3].map(() => identityFromSeed(random.bytes(32)))
if (!ben || !cem || !dora) throw new Error('three people')
const bytesOf = (size: number) => random.bytes(size)
const make = (receivers = [ben, cem], author = identity, to = next) =>
  makeSuccessor({
    from,
    to,
    identity: author,
    receivers: receivers.map(({ publicKey }) => publicKey),
    random: bytesOf,
  })

describe('a record that links were replaced', () => {
  it('matches the frozen vector, made by libsodium alone and by the program (R1, R2)', () => {
    const seeds = vector.receivers.map(({ boxSeed }) => fromHex(boxSeed))
    const receivers = vector.receivers.map(({ authorKey }) => fromHex(authorKey))
    const author = reference.pairOf(fromHex(vector.authorSeed))
    const made = referenceLog.successor(reference.ladder(fromHex(vector.write)), {
      author,
      write: fromHex(vector.newWrite),
      receivers: receivers.map((key, place) => ({ key, seed: seeds[place] ?? expect.fail() })),
    })
    expect(hex(made)).toBe(vector.record)
    const own = makeSuccessor({
      from: fromHex(vector.documentId),
      to: keysFromWrite(fromHex(vector.newWrite)),
      identity: identityFromSeed(fromHex(vector.authorSeed)),
      receivers,
      random: () => Buffer.from(seeds.shift() ?? expect.fail()),
    })
    expect(hex(own)).toBe(vector.record)
    const record = readSuccessor(own, fromHex(vector.documentId))
    expect([hex(record.author), hex(record.documentId)]).toEqual([vector.authorKey, vector.newDocumentId])
    for (const [place, { authorSeed }] of vector.receivers.entries()) {
      const plain = reference.openBox(
        reference.pairOf(fromHex(authorSeed)),
        record.seals[place] ?? expect.fail(),
      )
      expect(hex(plain)).toBe(vector.authorKey + vector.newWrite)
      expect(hex(openSuccessor(record, identityFromSeed(fromHex(authorSeed))) ?? expect.fail())).toBe(
        vector.newWrite,
      )
    }
  })

  it('gives the new write secret to those it is sealed for, and to nobody else (R2, R3)', () => {
    const record = readSuccessor(make(), from)
    expect([hex(record.author), hex(record.documentId)]).toEqual([
      hex(identity.publicKey),
      hex(next.documentId),
    ])
    for (const person of [ben, cem])
      expect(hex(openSuccessor(record, person) ?? expect.fail())).toBe(hex(next.write ?? expect.fail()))
    for (const person of [dora, identity]) expect(openSuccessor(record, person)).toBeNull()
    expect(readSuccessor(make([]), from).seals).toEqual([])
  })

  it('does not say whom it is sealed for (R2)', () => {
    const text = hex(make())
    for (const { publicKey } of [ben, cem]) expect(text).not.toContain(hex(publicKey))
    expect(text).not.toContain(hex(next.write ?? expect.fail()))
  })

  it('is refused with any byte changed, cut or lengthened (R1)', () => {
    const record = make()
    for (let place = 0; place < record.length; place++)
      expect(codeOf(() => readSuccessor(flipped(record, place, 1), from))).toBe('MALFORMED')
    expect(codeOf(() => readSuccessor(record.subarray(1), from))).toBe('MALFORMED')
    expect(codeOf(() => readSuccessor(record.subarray(0, -1), from))).toBe('MALFORMED')
    expect(codeOf(() => readSuccessor(Buffer.concat([record, Buffer.of(0)]), from))).toBe('MALFORMED')
    expect(codeOf(() => readSuccessor(new Uint8Array(0), from))).toBe('MALFORMED')
  })

  it('serves no other document, and no other purpose (R1)', () => {
    const record = make()
    expect(codeOf(() => readSuccessor(record, dora.publicKey))).toBe('MALFORMED')
    const body = record.subarray(0, -64)
    const other = sign('signAuthor', [from, body], identity.secretKey)
    expect(codeOf(() => readSuccessor(Buffer.concat([body, other]), from))).toBe('MALFORMED')
    expect(codeOf(() => readSuccessor(make([ben], identity, keys), from))).toBe('MALFORMED')
  })

  it('opens no seal that someone took from another’s record, or that holds another secret (R3)', () => {
    const theirs = readSuccessor(make([ben]), from)
    const forged = (seals: readonly Uint8Array[]) => {
      const body = Buffer.concat([
        Buffer.of(1),
        dora.publicKey,
        next.documentId,
        Buffer.of(seals.length),
        ...seals,
      ])
      return readSuccessor(Buffer.concat([body, sign('signSuccessor', [from, body], dora.secretKey)]), from)
    }
    expect(openSuccessor(forged(theirs.seals), ben)).toBeNull()
    const wrong = Buffer.concat([dora.publicKey, random.bytes(32)])
    expect(openSuccessor(forged([sealFor(ben.publicKey, wrong, random.bytes(32))]), ben)).toBeNull()
    const right = Buffer.concat([dora.publicKey, next.write ?? expect.fail()])
    const seal = sealFor(ben.publicKey, right, random.bytes(32))
    expect(openSuccessor(forged([random.bytes(112), seal]), ben)).not.toBeNull()
  })

  it('is made for 255 people at most, for keys that are some, and by who may write in the new one (R1)', () => {
    const most = make(Array(255).fill(ben))
    expect(most.length).toBe(maxSuccessorSize)
    expect(readSuccessor(most, from).seals).toHaveLength(255)
    expect(codeOf(() => make(Array(256).fill(ben)))).toBe('RECEIVERS_TOO_MANY')
    expect(codeOf(() => sealFor(Buffer.alloc(32), Buffer.alloc(8), random.bytes(32)))).toBe('MALFORMED')
    const reader = keysFromRead(next.read ?? expect.fail(), makeManifest(next))
    expect(codeOf(() => make([ben], identity, reader))).toBe('ROLE_TOO_LOW')
  })

  it('a box that is too short, or garbage, opens to nothing', () => {
    for (const size of [0, 47, 48, 112]) expect(openSealed(ben, random.bytes(size))).toBeNull()
  })
})
