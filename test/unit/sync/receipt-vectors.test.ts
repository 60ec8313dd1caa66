import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../../main/hex'
import { keysFromKeep, keysFromWrite } from '../../../main/keys/derive'
import { holderFor } from '../../../main/keys/identity'
import { makeHolderWord, readHolderWord } from '../../../main/sync/holder-word'
import { makeInstance } from '../../../main/sync/instance'
import { decodeSigned, encodeSigned, signReceipt, verifyReceipt } from '../../../main/sync/signed-receipt'
import * as reference from '../../support/reference'
import keysVector from '../../vectors/keys.json'
import vector from '../../vectors/receipts.json'

const keys = reference.ladder(fromHex(keysVector.write))
const own = keysFromWrite(fromHex(keysVector.write))
const instance = reference.pairOf(fromHex(vector.instanceSeed))
const holder = reference.holder(keys, fromHex(vector.holderSeed))

describe('receipts.json', () => {
  it('W70 is what libsodium makes', () => {
    const { name } = vector
    expect(hex(holder.publicKey)).toBe(vector.holder)
    const nonce = fromHex(vector.nonce)
    expect(hex(reference.holderWord(keys, { holder, instance, nonce, name: '' }))).toBe(vector.sealed)
    expect(hex(reference.holderWord(keys, { holder, instance, nonce: null, name }))).toBe(vector.open)
  })

  it('W71 is what libsodium makes', () => {
    for (const { session, tip, mark, at, signed } of vector.receipts) {
      const receipt = { instance, session: fromHex(session), tip, mark: fromHex(mark), at }
      expect(hex(reference.signedReceipt(keys, receipt))).toBe(signed)
    }
  })

  it('W70 is what the program says and reads', () => {
    const { publicKey } = instance
    const pair = holderFor(fromHex(vector.holderSeed), own.documentId)
    const random = () => Buffer.from(fromHex(vector.nonce))
    const make = (given: typeof own, name: string) =>
      makeHolderWord({
        holder: pair,
        name,
        keys: given,
        instance: makeInstance(given, given.role, fromHex(vector.instanceSeed)),
        random,
      })
    const keeper = keysFromKeep(own.keep, own.verify ?? Buffer.alloc(32))
    expect(hex(make(own, 'not told'))).toBe(vector.sealed)
    expect(hex(make(keeper, vector.name))).toBe(vector.open)
    const [sealed, open] = [fromHex(vector.sealed), fromHex(vector.open)]
    expect(hex(readHolderWord(sealed, own, publicKey, 'write')?.key ?? Buffer.alloc(0))).toBe(vector.holder)
    expect(readHolderWord(sealed, keeper, publicKey, 'read')).toBeNull()
    expect(readHolderWord(open, keeper, publicKey, 'keep')).toMatchObject({ name: vector.name })
  })

  it('W71 is what the program signs and checks', () => {
    const mine = makeInstance(own, 'write', fromHex(vector.instanceSeed))
    for (const { session, tip, mark, at, signed } of vector.receipts) {
      const receipt = signReceipt(mine, { session, tip, mark: fromHex(mark), at })
      expect(hex(encodeSigned([receipt]))).toBe(signed)
      const [read] = decodeSigned(fromHex(signed))
      expect(read && verifyReceipt(read, own.documentId, instance.publicKey)).toBe(true)
    }
  })
})
