import { describe, expect, it } from 'vitest'
import { fromHex, hex } from '../../../main/base/hex'
import {
  type DocumentKeys,
  keysFromKeep,
  keysFromRead,
  keysFromWrite,
  makeManifest,
} from '../../../main/keys/derive'
import { formatPairingLink, parsePairingLink } from '../../../main/keys/link'
import { pairingChannel, pairingCode, pairingTopic } from '../../../main/keys/pairing'
import { PairingChannel } from '../../../main/pairing/pairing-channel'
import {
  decodeDocument,
  decodeNo,
  decodePerson,
  encodeDocument,
  encodeEnd,
  encodeNo,
  encodePerson,
  type PairingNo,
} from '../../../main/pairing/pairing-messages'
import { duplexPair } from '../../support/duplex-pair'
import * as referencePairing from '../../support/reference/pairing'
import { unplaced } from '../../support/sim-network'
import vector from '../../vectors/pairing.json'

const [secret, handshakeHash, offered, joined] = [
  vector.secret,
  vector.handshakeHash,
  vector.offered,
  vector.joined,
].map(fromHex) as [Buffer, Buffer, Buffer, Buffer]
const keys = keysFromWrite(Buffer.alloc(32, 7))
const nothing = Buffer.alloc(0)

describe('the frozen bytes of pairing', () => {
  it('follow from what each side drew, worked out apart from the program (P1 to P4)', () => {
    const { topic, channel, offerHello, joinHello, code } = referencePairing.pairing({
      secret,
      handshakeHash,
      offered,
      joined,
    })
    expect([topic, channel, offerHello, joinHello].map(hex)).toEqual([
      vector.topic,
      vector.channel,
      vector.offerHello,
      vector.joinHello,
    ])
    expect(code).toBe(vector.code)
  })

  it('are what the program makes (L1, P1 to P4)', () => {
    expect(formatPairingLink(secret)).toBe(vector.link)
    expect(hex(parsePairingLink(vector.link))).toBe(vector.secret)
    expect(hex(pairingTopic(secret))).toBe(vector.topic)
    expect(hex(pairingChannel(secret, handshakeHash))).toBe(vector.channel)
    expect(pairingCode(secret, handshakeHash, { offered, joined })).toBe(vector.code)
    for (const [side, number, hello] of [
      ['offer', offered, vector.offerHello],
      ['join', joined, vector.joinHello],
    ] as const) {
      const visit = new PairingChannel({
        secret,
        side,
        connection: {
          stream: duplexPair()[0],
          isInitiator: true,
          remotePublicKey: Buffer.alloc(32),
          handshakeHash,
          ...unplaced,
        },
        random: () => number,
        events: {
          onProved: () => undefined,
          onOutdated: () => undefined,
          onMessage: () => undefined,
          onClose: () => undefined,
        },
        refuse: () => undefined,
      })
      expect(hex(visit.hello)).toBe(hello)
    }
  })

  it('of messages, by both (P5, P6)', () => {
    const { seed, name, knowsAddressIsSeen, body } = vector.person
    const person = { seed: Uint8Array.from(fromHex(seed)), name, knowsAddressIsSeen }
    expect(hex(referencePairing.pairedPerson(person.seed, name, knowsAddressIsSeen))).toBe(body)
    expect(hex(encodePerson(person))).toBe(body)
    expect(decodePerson(fromHex(body))).toEqual(person)
    const [write, read, keep] = [keys.write, keys.read, keys.keep].map((key) => key ?? nothing)
    const manifest = makeManifest(keys)
    const verify = keys.verify ?? nothing
    const forms: Record<string, [number, Uint8Array | undefined, DocumentKeys, Uint8Array, Uint8Array]> = {
      write: [0, write, keys, nothing, nothing],
      read: [1, read, keysFromRead(read ?? nothing, manifest), nothing, manifest],
      keep: [2, keep, keysFromKeep(keys.keep, verify), verify, manifest],
    }
    for (const { role, title, editedAt, body } of vector.documents) {
      const [place, key, held, verifyKey, shown] = forms[role] ?? expect.fail()
      const rest = { verify: verifyKey, manifest: shown, title, editedAt: editedAt ?? 0 }
      expect(hex(referencePairing.pairedDocument(place, key ?? nothing, rest))).toBe(body)
      const document = {
        keys: held,
        manifest: shown.length > 0 ? hex(shown) : null,
        title,
        editedAt,
        shared: true,
      }
      expect(hex(encodeDocument(document))).toBe(body)
      const found = decodeDocument(fromHex(body))
      expect(found).toMatchObject({ title, editedAt, shared: true, manifest: document.manifest })
      expect(hex(found.keys.documentId)).toBe(hex(keys.documentId))
      expect(found.keys.role).toBe(role)
    }
    expect(hex(encodeEnd(vector.end.count))).toBe(vector.end.body)
    for (const [reason, bytes] of Object.entries(vector.no)) {
      expect(hex(encodeNo(reason as PairingNo))).toBe(bytes)
      expect(decodeNo(fromHex(bytes))).toBe(reason)
    }
  })
})
