import { describe, expect, it, vi } from 'vitest'
import { fromHex, hex } from '../../../../main/base/hex'
import { keysFromKeep, keysFromWrite } from '../../../../main/keys/derive'
import { holderFor } from '../../../../main/keys/identity'
import { DocumentLog } from '../../../../main/log/document-log'
import { MemoryStore } from '../../../../main/storage/memory-store'
import { ReceiptSigning } from '../../../../main/sync/replicas/receipt-signing'
import { makeReplicaProof, readReplicaProof } from '../../../../main/sync/replicas/replica-proof'
import {
  decodeAsk,
  encodeAsk,
  encodeReceiptOf,
  signReceipt,
  verifyReceipt,
} from '../../../../main/sync/replicas/signed-receipt'
import { LocalState } from '../../../../main/sync/state/local-state'
import { RemoteState } from '../../../../main/sync/state/remote-state'
import { makeInstance } from '../../../../main/sync/wire/instance'
import { ManualClock } from '../../../support/manual-clock'
import * as reference from '../../../support/reference/primitives'
import * as referenceReceipts from '../../../support/reference/receipts'
import certificateVector from '../../../vectors/certificate.json'
import handshakeVector from '../../../vectors/handshake.json'
import keysVector from '../../../vectors/keys.json'
import vector from '../../../vectors/receipts.json'
import segmentVector from '../../../vectors/segment.json'

const keys = reference.ladder(fromHex(keysVector.write))
const own = keysFromWrite(fromHex(keysVector.write))
const instance = reference.pairOf(fromHex(vector.instanceSeed))
const holder = referenceReceipts.holder(keys, fromHex(vector.holderSeed))

describe('receipts.json', () => {
  it('W70 is what libsodium makes', () => {
    const { name } = vector
    expect(hex(holder.publicKey)).toBe(vector.holder)
    const nonce = fromHex(vector.nonce)
    expect(hex(referenceReceipts.holderWord(keys, { holder, instance, nonce, name: '' }))).toBe(vector.sealed)
    expect(hex(referenceReceipts.holderWord(keys, { holder, instance, nonce: null, name }))).toBe(vector.open)
  })

  it('W71 is what libsodium makes', () => {
    for (const { session, tip, mark, at, signed } of vector.receipts) {
      const receipt = { instance, session: fromHex(session), tip, mark: fromHex(mark), at }
      expect(hex(referenceReceipts.signedReceipt(keys, receipt))).toBe(signed)
    }
  })

  it('W70 is what the program makes and reads', () => {
    const { publicKey } = instance
    const pair = holderFor(fromHex(vector.holderSeed), own.documentId)
    const random = () => Buffer.from(fromHex(vector.nonce))
    const make = (given: typeof own, name: string) =>
      makeReplicaProof({
        replica: pair,
        name,
        keys: given,
        instance: makeInstance(given, given.role, fromHex(vector.instanceSeed)),
        random,
      })
    const keeper = keysFromKeep(own.keep, own.verify ?? Buffer.alloc(32))
    expect(hex(make(own, 'not told'))).toBe(vector.sealed)
    expect(hex(make(keeper, vector.name))).toBe(vector.open)
    const [sealed, open] = [fromHex(vector.sealed), fromHex(vector.open)]
    expect(hex(readReplicaProof(sealed, own, publicKey, 'write')?.key ?? Buffer.alloc(0))).toBe(vector.holder)
    expect(readReplicaProof(sealed, keeper, publicKey, 'read')).toBeNull()
    expect(readReplicaProof(open, keeper, publicKey, 'keep')).toMatchObject({ name: vector.name })
  })

  it('W71 is what the program signs and checks', () => {
    const mine = makeInstance(own, 'write', fromHex(vector.instanceSeed))
    for (const { session, tip, mark, at, signed } of vector.receipts) {
      const receipt = signReceipt(mine, { session, tip, mark: fromHex(mark), at })
      expect(hex(encodeReceiptOf(receipt))).toBe(signed)
      expect(verifyReceipt(receipt, own.documentId, instance.publicKey)).toBe(true)
    }
  })

  it('W71 W73 is what libsodium makes of a question and its answer', () => {
    const { question, answer } = vector
    const nonce = fromHex(question.nonce)
    const spots = question.spots.map((spot) => ({ ...spot, session: fromHex(spot.session) }))
    expect(hex(referenceReceipts.ask({ nonce, signed: question.signed, spots }))).toBe(question.body)
    const segment = fromHex(segmentVector.segment)
    const session = fromHex(certificateVector.session)
    const held = { session, tip: 2, tipProof: segment.subarray(0, 202), segments: [segment] }
    const proof = referenceReceipts.possession(nonce, instance.publicKey, [held])
    expect(hex(proof)).toBe(answer.proof)
    const { at, tips } = answer
    const receipt = { instance, session, tip: 2, mark: fromHex(handshakeVector.mark), at }
    const receipts = [referenceReceipts.signedReceipt(keys, receipt)]
    expect(hex(referenceReceipts.answer(nonce, { proof, tips, receipts }))).toBe(answer.body)
  })

  it('W71 W73 is what the program asks and answers', async () => {
    const { question, answer } = vector
    expect(hex(encodeAsk(decodeAsk(fromHex(question.body))))).toBe(question.body)
    expect(decodeAsk(fromHex(question.body)).spots).toEqual(question.spots)
    const environment = { clock: new ManualClock(), random: (size: number) => Buffer.alloc(size) }
    await environment.clock.advance(answer.at - environment.clock.now())
    const { documentId, verify } = own
    const log = new DocumentLog({ store: new MemoryStore(), environment, documentId, verify })
    await log.open()
    expect(log.accept(fromHex(segmentVector.segment), fromHex(certificateVector.certificate))).toBe(
      'accepted',
    )
    await log.idle()
    const said: string[] = []
    const signing = new ReceiptSigning({
      instance: makeInstance(own, 'write', fromHex(vector.instanceSeed)),
      log,
      local: new LocalState(log),
      remote: new RemoteState(new LocalState(log)),
      environment,
      keys: () => own,
      port: () => ({
        drained: true,
        send: (_, body) => said.push(hex(body)),
        together: (work) => work(),
        close: () => undefined,
        destroy: () => undefined,
      }),
      onChange: () => undefined,
    })
    signing.takeQuestion(fromHex(question.body))
    await vi.waitFor(() => expect(said).toEqual([answer.body]))
  })
})
