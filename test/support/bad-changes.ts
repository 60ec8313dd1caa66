import { createHash } from 'node:crypto'
import { hex } from '../../main/base/hex'
import type { LoggedChange } from '../../main/log/session-log'
import { readChangeHeader } from '../../main/replica/change-header'
import { genesisChange, type PartRoot, partRoots } from '../../main/replica/genesis'
import { maxDepth } from '../../main/replica/references'
import { type BadCase, bodyOf, type Context, deletion, encode, insert, one, written } from './bad-case'
import { badGivenCases } from './bad-given'

/** A change with a note under its right key in the map of a root, and maybe some text. */
function withNote(
  context: Context,
  note: Uint8Array,
  text = '',
  root: PartRoot = 'spare',
  key = createHash('sha256').update(note).digest('hex').slice(0, 32),
): Uint8Array {
  const [change] = written(context, (handle, body) => {
    handle.splice(body, 0, 0, text)
    handle.put(`${partRoots[root]}@${hex(context.documentId)}`, key, note, 'bytes')
  })
  return change ?? new Uint8Array()
}

/** Each rule about what a change holds, broken once, in a form that Automerge by itself would take or choke on. */
export const badCases: readonly BadCase[] = [
  {
    rule: 'D4',
    name: 'a second change that is not built on the first and repeats its operations',
    make: (context) => [
      encode(context, [insert(context, 'a')]),
      encode(context, [insert(context, 'b')], { seq: 2 }),
    ],
    code: 'PLACE_WRONG',
    why: 'change: not built on what its session made before',
  },
  {
    rule: 'D4',
    name: 'a first change that is built on nothing',
    make: (context) => [encode(context, [], { deps: [], startOp: 1 })],
    code: 'PLACE_WRONG',
    why: 'change: not built on the first change',
  },
  one(
    'D4',
    'a first operation that is not the next',
    (context) => encode(context, [insert(context, 'a')], { startOp: 8 }),
    'PLACE_WRONG',
    'change: wrong first operation',
  ),
  {
    rule: 'D3',
    name: 'a place that its ancestors do not have',
    make: (context) => {
      const { actor, startOp } = readChangeHeader(context.other)
      return [encode(context, [insert(context, 'a', `${startOp}@${actor}`)])]
    },
    code: 'REFERENCE_UNKNOWN',
    why: 'change: built on something that its ancestors did not make',
  },
  one(
    'D3',
    'a place that nobody made',
    (context) => encode(context, [insert(context, 'a', `5000@${hex(context.documentId)}`)]),
    'REFERENCE_UNKNOWN',
    'change: built on something that its ancestors did not make',
  ),
  one(
    'D3',
    'an element of several characters',
    (context) =>
      written(context, (handle, body) => handle.insert(body, 0, 'MULTI', 'str'))[0] ?? new Uint8Array(),
    'CHANGE_MALFORMED',
    'change: more than one character at once',
  ),
  one(
    'D3',
    'more operations than one change may hold',
    (context) =>
      written(context, (handle, body) => handle.splice(body, 0, 0, 'x'.repeat(513)))[0] ?? new Uint8Array(),
    'TOO_MANY_OPERATIONS',
    'change: too many operations',
  ),
  one(
    'D3',
    'something else in place of the text',
    (context) => written(context, (handle) => handle.putObject('/', 'body', ''))[0] ?? new Uint8Array(),
    'CHANGE_MALFORMED',
    'change: an operation without an object',
  ),
  one(
    'D3',
    'a character that is written over',
    (context) =>
      encode(context, [
        insert(context, 'a'),
        {
          action: 'set',
          obj: bodyOf(context),
          elemId: `7@${context.actor}`,
          value: 'b',
          pred: [`7@${context.actor}`],
        },
      ]),
    'CHANGE_MALFORMED',
    'change: an operation of an unknown form',
  ),
  one(
    'D3',
    'a deletion that names another character than it takes out',
    (context) =>
      encode(context, [
        insert(context, 'a'),
        insert(context, 'b'),
        { action: 'del', obj: bodyOf(context), elemId: `7@${context.actor}`, pred: [`8@${context.actor}`] },
      ]),
    'CHANGE_MALFORMED',
    'change: a deletion of something else',
  ),
  one(
    'D6',
    'an anchor that is taken away',
    (context) =>
      encode(context, [
        { action: 'makeMap', obj: bodyOf(context), elemId: '_head', insert: true, pred: [] },
        { action: 'makeText', obj: `7@${context.actor}`, key: 't', pred: [] },
        { action: 'del', obj: bodyOf(context), elemId: `7@${context.actor}`, pred: [`7@${context.actor}`] },
      ]),
    'REFERENCE_UNKNOWN',
    'change: built on something that its ancestors did not make',
  ),
  one(
    'D3',
    'a character that is deleted twice at once',
    (context) => encode(context, [insert(context, 'a'), deletion(context, 7), deletion(context, 7)]),
    'STRUCTURE_UNUSUAL',
    'change: a character deleted twice',
  ),
  {
    rule: 'D3',
    name: 'a character that its session deleted before',
    make: (context) => {
      const first = encode(context, [insert(context, 'a'), deletion(context, 7)])
      const { hash } = readChangeHeader(first)
      return [first, encode(context, [deletion(context, 7)], { seq: 2, startOp: 9, deps: [hash] })]
    },
    code: 'STRUCTURE_UNUSUAL',
    why: 'change: a character deleted twice',
  },
  one(
    'D6',
    'an anchor without a page',
    (context) =>
      encode(context, [{ action: 'makeMap', obj: bodyOf(context), elemId: '_head', insert: true, pred: [] }]),
    'STRUCTURE_UNUSUAL',
    'change: an anchor without a page',
  ),
  one(
    'D2',
    'a message',
    (context) => encode(context, [], { message: 'hello' }),
    'CHANGE_MALFORMED',
    'change: a message of an unknown form',
  ),
  one(
    'D2',
    'a time before all times',
    (context) => encode(context, [], { time: -1 }),
    'CHANGE_MALFORMED',
    'change: made before 1970',
  ),
  one(
    'D10',
    'a note that is too large',
    (context) => withNote(context, Buffer.alloc(32 * 1024 + 1)),
    'CHANGE_MALFORMED',
    'change: a record that is too large',
  ),
  one(
    'D10',
    'a note beside something else',
    (context) => withNote(context, Buffer.from('note'), 'text'),
    'CHANGE_MALFORMED',
    'change: a record beside something else',
  ),
  one(
    'D12',
    'a fact about the document that is too large',
    (context) => withNote(context, Buffer.alloc(32 * 1024 + 1), '', 'meta'),
    'CHANGE_MALFORMED',
    'change: a record that is too large',
  ),
  one(
    'D12',
    'a fact about the document in the place of what the first change puts there',
    (context) => withNote(context, Buffer.from('fact'), '', 'meta', 'schema'),
    'CHANGE_MALFORMED',
    'change: an operation of an unknown form',
  ),
  one(
    'D12',
    'a fact about the document under another key',
    (context) => withNote(context, Buffer.from('fact'), '', 'meta', 'ab'.repeat(16)),
    'CHANGE_MALFORMED',
    'change: a record under another key',
  ),
  one(
    'D10',
    'a record in a map that no part has',
    (context) => withNote(context, Buffer.from('note'), '', 'threads'),
    'REFERENCE_UNKNOWN',
    'change: built on something that its ancestors did not make',
  ),
  one(
    'D6',
    'pages that nest too deep',
    (context) =>
      written(context, (handle, body) => {
        let page = body
        for (let depth = 1; depth <= maxDepth; depth++) {
          handle.splitBlock(page, 0, {})
          const [, anchor] = handle.getWithType(page, 0) ?? []
          page = handle.putObject(anchor as string, 't', '')
        }
      })[0] ?? new Uint8Array(),
    'STRUCTURE_UNUSUAL',
    'change: nested too deep',
  ),
  one(
    'D10',
    'a note under another key',
    (context) =>
      written(context, (handle) =>
        handle.put(`6@${hex(context.documentId)}`, 'ab'.repeat(16), Uint8Array.of(1), 'bytes'),
      )[0] ?? new Uint8Array(),
    'CHANGE_MALFORMED',
    'change: a record under another key',
  ),
  one(
    'D2',
    'more dependencies than one change may name',
    (context) => {
      const genesis = readChangeHeader(genesisChange(context.documentId)).hash
      const others = Array.from({ length: 256 }, (_, number) => number.toString(16).padStart(64, '0'))
      return encode(context, [], { deps: [...others, genesis].sort() })
    },
    'CHANGE_MALFORMED',
    'change: built on too many changes',
  ),
  one(
    'D2',
    'bytes behind its operations',
    (context) => withTail(encode(context, [])),
    'CHANGE_MALFORMED',
    'change: bytes behind the operations',
  ),
  ...badGivenCases,
]

/** A change with a byte more than it needs, and the checksum and length that fit. */
function withTail(change: Uint8Array): Uint8Array {
  const body = change.subarray(10)
  // One byte of length: the change is a short one.
  const bytes = Buffer.concat([change.subarray(0, 9), Buffer.of(body.length + 1), body, Buffer.of(0)])
  bytes.set(hashOf(bytes).subarray(0, 4), 4)
  return bytes
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes.subarray(8)).digest()

/** As a session logs it. Bytes that cannot be read are hashed all the same. */
export const asLogged = (bytes: Uint8Array): LoggedChange => ({ bytes, hash: hashOf(bytes) })
