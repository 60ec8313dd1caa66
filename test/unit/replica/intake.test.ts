import { createHash } from 'node:crypto'
import * as Automerge from '@automerge/automerge'
import { ChangeSet } from '@codemirror/state'
import { beforeEach, describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { hex } from '../../../main/base/hex'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { nonceSize } from '../../../main/keys/seal'
import { keyPairFromSeed } from '../../../main/keys/signature'
import { pack, packChanges } from '../../../main/log/format/packing'
import { sealSegment } from '../../../main/log/format/segment'
import { type LoggedChange, SessionLog } from '../../../main/log/session-log'
import { readChangeHeader } from '../../../main/replica/change-header'
import type { Fault, SealedSegment } from '../../../main/replica/intake'
import { Replica } from '../../../main/replica/replica'
import type { FaultCode } from '../../../preload/messages/codes'
import { asLogged, badCases } from '../../support/bad-changes'

let keys: DocumentKeys
beforeEach(() => {
  keys = keysFromWrite(Buffer.alloc(32, 7))
})

const content = () => {
  if (!keys.content) throw new Error('these keys read nothing')
  return keys.content
}

/** A replica with the genesis alone. */
const fresh = (actor = 'ff'.repeat(32)) =>
  new Replica({ documentId: keys.documentId, contentKey: content(), actor, now: () => 0 })

/** Someone who holds the write key, and signs and seals whatever is put in. */
class Writer {
  readonly session = new SessionLog({
    documentId: keys.documentId,
    keys,
    identity: identityFromSeed(Buffer.alloc(32, 1)),
    name: 'Mallory',
    environment: systemEnvironment,
  })
  private readonly replica = fresh(this.actor)

  get actor(): string {
    return hex(this.session.session)
  }

  /** An honest change that types at the start of the text. */
  type(text: string): LoggedChange {
    this.replica.edit(ChangeSet.of({ from: 0, insert: text }, this.replica.text.length))
    const [change] = this.replica.commit()
    if (!change) throw new Error('nothing was typed')
    return change
  }

  take(segments: readonly SealedSegment[]): void {
    this.replica.receive(segments)
  }

  seal(...changes: readonly LoggedChange[]): SealedSegment {
    return { segment: this.session.seal(changes).bytes, certificate: this.session.certificate }
  }
}

/** A change whose bytes were changed, with its checksum made right again. */
function forge(change: LoggedChange, alter: (bytes: Buffer) => void): LoggedChange {
  const bytes = Buffer.from(change.bytes)
  alter(bytes)
  const digest = createHash('sha256').update(bytes.subarray(8)).digest()
  digest.copy(bytes, 4, 0, 4)
  return { bytes, hash: digest }
}

/** Loads segments at once, and one by one, and in the opposite order: the text must not depend on it. */
function read(...segments: readonly SealedSegment[]): { text: string; faults: Fault[] } {
  const loaded = fresh()
  const faults = loaded.load(segments)
  const text = loaded.text.toString()
  const received = fresh()
  for (const segment of segments) received.receive([segment])
  expect(received.text.toString()).toBe(text)
  const careful = fresh()
  careful.load(segments, () => undefined)
  expect(careful.text.toString()).toBe(text)
  return { text, faults }
}

describe('what a writer may not do (rules D2 to D5)', () => {
  it('is not what an honest one does', () => {
    const ada = new Writer()
    const segments = [ada.seal(ada.type('world')), ada.seal(ada.type('Hello '))]
    expect(read(...segments)).toEqual({ text: 'Hello world', faults: [] })
  })

  it.each<[string, (writer: Writer) => LoggedChange, FaultCode, string]>([
    [
      'bytes that are no change',
      () => ({ bytes: Buffer.alloc(40), hash: Buffer.alloc(32) }),
      'NOT_AS_SIGNED',
      'change: not the changes that were signed',
    ],
    [
      'a compressed chunk',
      (writer) => forge(writer.type('x'), (bytes) => bytes.writeUInt8(2, 8)),
      'CHANGE_MALFORMED',
      'change: a chunk of another type',
    ],
    [
      'a checksum that is wrong',
      (writer) => {
        const { bytes, hash } = writer.type('x')
        return { bytes: Buffer.concat([bytes.subarray(0, -1), Buffer.of(0xff)]), hash }
      },
      'NOT_AS_SIGNED',
      'change: not the changes that were signed',
    ],
    [
      'a change of someone else',
      () => new Writer().type('x'),
      'FOREIGN_ACTOR',
      'change: made by another actor',
    ],
    [
      'a change under another number',
      (writer) => {
        writer.type('x')
        return writer.type('x')
      },
      'OUT_OF_SEQUENCE',
      'change: out of sequence',
    ],
    [
      'a hash that is another one than was signed',
      (writer) => ({ bytes: writer.type('x').bytes, hash: Buffer.alloc(32, 1) }),
      'NOT_AS_SIGNED',
      'change: not the changes that were signed',
    ],
  ])('%s', (_name, make, code, why) => {
    const ada = new Writer()
    const mallory = new Writer()
    const honest = ada.seal(ada.type('kept'))
    const wrong = mallory.seal(make(mallory))
    const { text, faults } = read(honest, wrong)
    expect(text).toBe('kept')
    expect(faults).toEqual([
      { session: mallory.actor, seq: 1, code, why, lacksContent: code === 'NOT_AS_SIGNED' },
    ])
    expect(read(wrong, honest).text).toBe('kept')
  })

  it.each(badCases)('$name ($rule)', ({ make, code, why }) => {
    const ada = new Writer()
    const mallory = new Writer()
    const kept = ada.type('kept')
    const changes = make({ documentId: keys.documentId, actor: mallory.actor, other: kept.bytes })
    const honest = ada.seal(kept)
    const before = changes.slice(0, -1).map((bytes) => mallory.seal(asLogged(bytes)))
    const wrong = changes.slice(-1).map((bytes) => mallory.seal(asLogged(bytes)))
    const { text } = read(honest, ...before)
    expect(read(honest, ...before, ...wrong)).toEqual({
      text,
      faults: [{ session: mallory.actor, seq: changes.length, code, why, lacksContent: false }],
    })
    expect(read(...before, ...wrong, honest).text).toBe(text)
  })

  it('one bad change leaves its whole segment out, so that all that is read ends where a segment does (D5)', () => {
    const [ada, ben] = [new Writer(), new Writer()]
    const mallory = new Writer()
    const first = mallory.type('good')
    const bad = asLogged(
      badCases[3]?.make({
        documentId: keys.documentId,
        actor: mallory.actor,
        other: ada.type('x').bytes,
      })[0] ?? expect.fail(),
    )
    expect(read(ben.seal(ben.type('kept')), mallory.seal(first, bad)).text).toBe('kept')
  })

  it('and what came before it counts, what comes after it does not', () => {
    const mallory = new Writer()
    const first = mallory.seal(mallory.type('before'))
    const stolen = mallory.seal(new Writer().type('x'))
    const after = mallory.seal(mallory.type('after '))
    expect(read(first, stolen, after)).toMatchObject({
      text: 'before',
      faults: [{ session: mallory.actor, seq: 2, code: 'FOREIGN_ACTOR' }],
    })
  })
})

describe('a change whose operations are scrambled (D3)', () => {
  /** Scrambles the columns and makes the checksum right again. */
  const poison = (writer: Writer) =>
    forge(writer.type('poison'), (bytes) => bytes.fill(0x7e, bytes.length - 6))

  it('is left out with all that builds on it, and the rest is read', () => {
    const ada = new Writer()
    const mallory = new Writer()
    const honest = ada.seal(ada.type('kept'))
    mallory.take([honest])
    const early = mallory.seal(mallory.type('early '))
    const bad = mallory.seal(poison(mallory))
    const late = mallory.seal(mallory.type('late '))
    const { text, faults } = read(honest, early, bad, late)
    expect(text).toBe('early kept')
    expect(faults).toMatchObject([{ session: mallory.actor, seq: 2, code: 'CHANGE_MALFORMED' }])
    const replica = fresh()
    replica.receive([honest, early, bad, late])
    ada.take([early, bad, late])
    replica.receive([ada.seal(ada.type('and on, '))])
    expect(replica.text.toString()).toBe('and on, early kept')
  })
})

it('a change named as left out ends its session there, whatever it is', () => {
  const ada = new Writer()
  const ben = new Writer()
  const segments = [ada.seal(ada.type('a1 ')), ada.seal(ada.type('a2 ')), ben.seal(ben.type('b1'))]
  const replica = new Replica({
    documentId: keys.documentId,
    contentKey: content(),
    actor: 'ff'.repeat(32),
    now: () => 0,
    leftOut: new Map([[ada.actor, 2]]),
  })
  const faults = replica.load(segments)
  expect(faults).toMatchObject([{ session: ada.actor, seq: 2, code: 'READER_ENDED', lacksContent: false }])
  expect(replica.text.toString()).not.toContain('a2')
  expect(replica.text.toString()).toContain('a1')
  expect(replica.text.toString()).toContain('b1')
})

describe('a segment whose content is not what its header was signed for (D5)', () => {
  const faultsOf = (segment: Uint8Array, certificate: Uint8Array, contentKey = content()) =>
    new Replica({
      documentId: keys.documentId,
      contentKey,
      actor: 'ff'.repeat(32),
      now: () => 0,
    }).load([{ segment, certificate }])

  /** Seals packed bytes as a session's first segment, which is signed for one change. */
  const sealing = (packed: Uint8Array | null) =>
    sealSegment({
      documentId: keys.documentId,
      content: content(),
      session: keyPairFromSeed(Buffer.alloc(32, 3)),
      seqFrom: 1,
      seqTo: 1,
      prevChain: Buffer.alloc(32),
      chain: Buffer.alloc(32),
      packed: packed ?? expect.fail(),
      nonce: Buffer.alloc(nonceSize),
    }).bytes

  it('is sealed with another key', () => {
    const ada = new Writer()
    const { segment, certificate } = ada.seal(ada.type('x'))
    expect(faultsOf(segment, certificate, Buffer.alloc(32, 9))).toMatchObject([
      { code: 'SEALED_OTHERWISE', lacksContent: true },
    ])
  })

  it.each<[string, () => Uint8Array | null, FaultCode]>([
    ['holds what cannot be unpacked', () => Buffer.alloc(64, 0xff), 'CONTENT_DAMAGED'],
    ['holds what is no list of changes', () => pack(Buffer.of(200)), 'CONTENT_DAMAGED'],
    ['holds another number of changes', () => packChanges([Buffer.of(1), Buffer.of(2)]), 'COUNT_WRONG'],
    ['holds other changes', () => packChanges([Buffer.of(1)]), 'NOT_AS_SIGNED'],
  ])('%s', (_name, packed, code) => {
    const ada = new Writer()
    expect(faultsOf(sealing(packed()), ada.session.certificate)).toMatchObject([
      { seq: 1, code, lacksContent: true },
    ])
  })
})

it('a segment that is left out leaves nothing of its changes behind (D5)', () => {
  const [ada, mallory] = [new Writer(), new Writer()]
  const kept = ada.type('kept')
  const bad =
    badCases[0]?.make({ documentId: keys.documentId, actor: mallory.actor, other: kept.bytes }) ?? []
  const replica = fresh()
  replica.load([ada.seal(kept), mallory.seal(...bad.map(asLogged))])
  expect([replica.reachOf(ada.actor), replica.reachOf(mallory.actor)]).toEqual([10, 0])
})

it('a change that is built on one that is left out is left out too (D5)', () => {
  const [ada, mallory] = [new Writer(), new Writer()]
  const kept = ada.type('kept')
  const bad =
    badCases[0]?.make({ documentId: keys.documentId, actor: mallory.actor, other: kept.bytes }) ?? []
  const { hash } = readChangeHeader(bad[0] ?? expect.fail())
  const ben = new Writer()
  const built = Automerge.encodeChange({
    actor: ben.actor,
    seq: 1,
    startOp: 8,
    time: 0,
    message: null,
    author: null,
    deps: [hash],
    ops: [],
  })
  const { text, faults } = read(ada.seal(kept), mallory.seal(...bad.map(asLogged)), ben.seal(asLogged(built)))
  expect(text).toBe('kept')
  expect(faults).toMatchObject([
    { session: mallory.actor, seq: 1, code: 'PLACE_WRONG' },
    { session: ben.actor, seq: 1, code: 'BUILT_ON_LEFT_OUT' },
  ])
})
