import { ChangeSet } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import type { Segment } from '../../../main/log/format/segment'
import { noMark } from '../../../main/log/format/segment'
import { packDocument, sealSnapshot } from '../../../main/log/format/snapshot'
import { SessionLog } from '../../../main/log/session-log'
import { checkDocumentChunk } from '../../../main/replica/document-chunk'
import { createHandle, genesisChange } from '../../../main/replica/genesis'
import { Replica } from '../../../main/replica/replica'
import type { LocalChange } from '../../../main/replica/replica-protocol'
import { checkSnapshot, type HeldChain } from '../../../main/replica/snapshot-check'
import { asLogged, badCases } from '../../support/bad-changes'
import { rewriteDocument } from '../../support/document-tables'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const random = randomFrom(5)
const environment = { clock: new ManualClock(), random: (size: number) => random.bytes(size) }
const keys = keysFromWrite(random.bytes(32))
const { documentId } = keys
const contentKey = keys.content ?? expect.fail()

/** Someone who writes: words, each a change and a segment of its own. */
class Writer {
  readonly session = new SessionLog({
    documentId,
    keys,
    identity: identityFromSeed(random.bytes(32)),
    name: 'Ada',
    environment,
  })
  readonly replica = new Replica({ documentId, contentKey, actor: this.id, now: () => 0 })
  readonly changes: LocalChange[] = []
  readonly segments: Segment[] = []

  get id(): string {
    return hex(this.session.session)
  }

  write(insert: string): this {
    const { length } = this.replica.text
    this.replica.edit(ChangeSet.of({ from: length, insert }, length, '\n'))
    for (const change of this.replica.commit()) {
      this.changes.push(change)
      this.segments.push(this.session.seal([change]))
    }
    return this
  }

  /** As a snapshot names it, up to a number. */
  settled(seq: number) {
    const { tipProof } = this.segments[seq - 1] ?? expect.fail()
    return { session: this.id, seq, certificate: this.session.certificate, tipProof, mark: noMark }
  }
}

/** A document of these changes, as it is saved. */
function documentOf(changes: readonly Uint8Array[], options: { compress?: boolean } = {}): Uint8Array {
  const handle = createHandle(hex(documentId))
  handle.applyChanges([...changes])
  const saved = options.compress ? handle.save() : handle.saveNoCompress()
  handle.free()
  return saved
}

const genesis = genesisChange(documentId)

function check(
  document: Uint8Array,
  sessions: ReturnType<Writer['settled']>[],
  held: ReadonlyMap<string, HeldChain> = new Map(),
): void {
  const packed = packDocument(document) ?? expect.fail()
  const made = { keys, sessions, packed, nonce: random.bytes(24), madeAt: 0 }
  const { bytes } = sealSnapshot(made) ?? expect.fail()
  checkSnapshot({ documentId, contentKey, snapshot: bytes, held })
}

const bytesOf = ({ changes }: Writer, count = changes.length) =>
  changes.slice(0, count).map(({ bytes }) => bytes)

describe('what is inside a snapshot (T7)', () => {
  const ada = new Writer().write('# one\n').write('two ').write('three ')
  const bob = new Writer().write('four ').write('five ')
  const all = [genesis, ...bytesOf(ada), ...bytesOf(bob)]

  it('is just what the sessions have signed', () => {
    check(documentOf(all), [ada.settled(3), bob.settled(2)])
    check(documentOf([genesis, ...bytesOf(ada, 2)]), [ada.settled(2)])
    check(documentOf([genesis]), [])
  })

  it('gives the text of the segments, and takes what follows', () => {
    const packed = packDocument(documentOf([genesis, ...bytesOf(ada, 2), ...bytesOf(bob)])) ?? expect.fail()
    const sessions = [ada.settled(2), bob.settled(2)]
    const made = { keys, sessions, packed, nonce: random.bytes(24), madeAt: 0 }
    const snapshot = sealSnapshot(made)?.bytes ?? expect.fail()
    const start = (given: Uint8Array | null) =>
      new Replica({ documentId, contentKey, actor: '00'.repeat(32), now: () => 0, snapshot: given })
    const [with_, without] = [start(snapshot), start(null)]
    const log = [ada, bob].flatMap(({ segments, session: { certificate } }) =>
      segments.map(({ bytes }) => ({ segment: bytes, certificate })),
    )
    expect(with_.load(log)).toEqual([])
    expect(without.load(log)).toEqual([])
    expect(with_.text.toString()).toBe(without.text.toString())
    expect([with_.tail, without.tail]).toEqual([1, 5])
    for (const { id } of [ada, bob])
      for (const seq of [1, 2, 3]) expect(with_.reachOf(id)).toBe(without.reachOf(id) || seq)
    expect(with_.contents()?.tips).toEqual(
      new Map([
        [ada.id, 3],
        [bob.id, 2],
      ]),
    )
    for (const replica of [with_, without]) replica.free()
  })

  it.each([
    ['more than a tip covers', () => check(documentOf(all), [ada.settled(2), bob.settled(2)])],
    ['less than a tip covers', () => check(documentOf(all.slice(0, 3)), [ada.settled(3)])],
    ['a session that is not named', () => check(documentOf(all), [ada.settled(3)])],
    ['no genesis', () => check(documentOf([]), [])],
    ['the genesis of another document', () => check(documentOf([genesisChange(Buffer.alloc(32, 1))]), [])],
    [
      'another history than is held',
      () =>
        check(
          documentOf(all),
          [ada.settled(3), bob.settled(2)],
          new Map([[bob.id, { seq: 1, chain: random.bytes(32) }]]),
        ),
    ],
    [
      'columns deflated for themselves',
      () =>
        check(
          documentOf([genesis, ...bytesOf(new Writer().write('x'.repeat(3_000)))], { compress: true }),
          [],
        ),
    ],
    ['no document', () => check(random.bytes(200), [])],
    ['a change where a document should be', () => check(genesis, [])],
  ])('is refused with %s', (_, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ code: 'MALFORMED' }))
  })

  it('is refused with characters in another order than their changes make', () => {
    const [one, two] = [new Writer().write('X'), new Writer().write('Y')]
    const document = documentOf([genesis, ...bytesOf(one), ...bytesOf(two)])
    const swapped = rewriteDocument(document, (table, specification, data) => {
      // Values, and the actors that made them: X and Y are the last rows but one.
      if (table === 1 && specification === 0x57) data.subarray(0, 2).reverse()
      if (table === 1 && specification === 0x21) data.subarray(-3, -1).reverse()
      return data
    })
    expect(hex(swapped)).not.toBe(hex(document))
    const [honest, other] = [document, swapped].map((bytes) => {
      const handle = createHandle('00'.repeat(32))
      handle.loadIncremental(bytes)
      const seen = { text: handle.text(`1@${hex(documentId)}`), heads: handle.getHeads() }
      handle.free()
      return seen
    })
    expect(other?.heads).toEqual(honest?.heads)
    expect(other?.text).not.toBe(honest?.text)
    check(document, [one.settled(1), two.settled(1)])
    expect(() => check(swapped, [one.settled(1), two.settled(1)])).toThrow(/not what its changes make/)
  })

  it('is refused in a form that Automerge does not write', () => {
    const writer = new Writer()
    for (let count = 0; count < 8; count++) writer.write('x')
    const document = documentOf([genesis, ...bytesOf(writer)])
    let rewritten = 0
    const split = (table: number, wanted: number) =>
      rewriteDocument(document, (at, specification, data) => {
        const [run = 0, value = 0] = data.subarray(-2)
        if (at !== table || specification !== wanted || run < 4 || run > 63) return data
        rewritten++
        return Buffer.concat([data.subarray(0, -2), Buffer.of(2, value, run - 2, value)])
      })
    const documents = [split(0, 0x01), split(0, 0x03), split(1, 0x42)]
    expect(rewritten).toBe(3)
    for (const one of documents) expect(() => check(one, [writer.settled(8)])).toThrow()
  })

  it.each(badCases)('is refused with $name ($rule)', ({ make, why }) => {
    const cheat = new Writer()
    const [other = expect.fail()] = bytesOf(ada, 1)
    const changes = make({ documentId, actor: cheat.id, other })
    for (const bytes of changes) cheat.segments.push(cheat.session.seal([asLogged(bytes)]))
    let document: Uint8Array
    try {
      document = documentOf([genesis, other, ...changes])
    } catch {
      // Automerge by itself makes no document of it.
      return
    }
    const attempt = () => check(document, [ada.settled(1), cheat.settled(changes.length)])
    expect(attempt).toThrow()
    if (holds(document, 2 + changes.length)) expect(attempt).toThrow(why)
  })
})

/** Returns true if Automerge loads a saved document with so many changes: it may refuse ones it applied. */
function holds(document: Uint8Array, changes: number): boolean {
  const handle = createHandle(hex(documentId))
  try {
    handle.loadIncremental(document)
    return handle.getChanges([]).length === changes
  } catch {
    return false
  } finally {
    handle.free()
  }
}

describe('a document chunk', () => {
  const leb = (value: number): number[] =>
    value < 128 ? [value] : [(value % 128) | 128, ...leb(Math.floor(value / 128))]
  const signed = (value: number): number[] =>
    value < 64 ? [value] : [(value % 128) | 128, ...signed(Math.floor(value / 128))]
  /** A chunk with one column of operations. */
  const chunk = (specification: number, data: readonly number[]) => {
    const contents = [0, 0, 0, 1, ...leb(specification), ...leb(data.length), ...data]
    return Buffer.from([0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 0, ...leb(contents.length), ...contents])
  }

  it.each([
    ['a long run', (4 << 4) | 2, (count: number) => [...signed(count), 1]],
    ['a run of nothing', (4 << 4) | 1, (count: number) => [0, ...leb(count)]],
    ['a run of texts', (1 << 4) | 5, (count: number) => [...signed(count), 1, 65]],
    ['booleans', (3 << 4) | 4, (count: number) => leb(count)],
  ])('may not unfold without bound: %s', (_, specification, data) => {
    expect(() => checkDocumentChunk(chunk(specification, data(65_536)))).not.toThrow()
    for (const count of [65_537, 2 ** 40])
      expect(() => checkDocumentChunk(chunk(specification, data(count)))).toThrow(/too much|too large/)
  })
})
