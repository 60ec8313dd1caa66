import { ChangeSet } from '@codemirror/state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { createHandle, genesisChange } from '../../../main/replica/genesis'
import { insertedText } from '../../../main/replica/inserted-text'
import { Replica } from '../../../main/replica/replica'

const keys = keysFromWrite(Buffer.alloc(32, 7))

/** The change that holds edits, each in the text after the one before. */
function change(...edits: { from: number; to?: number; insert?: string }[]): Uint8Array {
  const contentKey = keys.content ?? new Uint8Array()
  const replica = new Replica({
    documentId: keys.documentId,
    contentKey,
    actor: 'ab'.repeat(32),
    now: () => 0,
  })
  for (const edit of edits) replica.edit(ChangeSet.of(edit, replica.text.length, '\n'))
  const [made] = replica.commit()
  replica.free()
  if (!made) throw new Error('nothing was written')
  return made.bytes
}

/** LEB128. */
function number(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 0x80, ...number(Math.floor(value / 128))]
}

/** A chunk with these two columns: kinds of values, and their bytes. Checksum and hash are nonsense. */
function chunk(kinds: number[], values: number[]): Uint8Array {
  const body = [0, 1, 0xaa, 1, 1, 0, 0, 0, 2, 0x56, ...number(kinds.length), 0x57, ...number(values.length)]
  const all = [...body, ...kinds, ...values]
  return Uint8Array.from([0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, ...number(all.length), ...all])
}

describe('the text of a change', () => {
  it.each(['hello', 'ä€😀👩‍👩‍👧', 'two\nlines', 'x'.repeat(400)])('is what was typed', (text) => {
    expect(insertedText(change({ from: 0, insert: text }))).toBe(text)
  })

  it('is of all its edits, in order, and of no deletion', () => {
    const bytes = change({ from: 0, insert: 'one ' }, { from: 0, to: 2 }, { from: 2, insert: 'two' })
    expect(insertedText(bytes)).toBe('one two')
  })

  it('holds given text and what is written in it, and nothing of what takes it out (D6a)', () => {
    const handle = createHandle('ab'.repeat(32))
    handle.applyChanges([genesisChange(keys.documentId)])
    const body = `1@${hex(keys.documentId)}`
    handle.splice(body, 0, 0, 'typed, ')
    handle.splitBlock(body, 7, {})
    const [, anchor = ''] = (handle.getWithType(body, 7) ?? []) as string[]
    handle.put(anchor, 's', 'given 😀, ', 'str')
    handle.put(anchor, `-${'ab'.repeat(8)}.0`, Buffer.from([0, 5, 65, 66]), 'bytes')
    handle.splice(handle.putObject(anchor, `+0.${'ab'.repeat(8)}`, ''), 0, 0, 'between')
    handle.commit(undefined, 0)
    const bytes = handle.getLastLocalChange() ?? expect.fail()
    handle.free()
    expect(insertedText(bytes)).toBe('typed, given 😀, between')
  })

  it('is read whatever the checksum says', () => {
    const bytes = Buffer.from(change({ from: 0, insert: 'forged' }))
    bytes.fill(0, 4, 8)
    expect(insertedText(bytes)).toBe('forged')
  })

  it('is read as far as it goes', () => {
    const texts = [1, 2].flatMap((length) => [2, (length << 4) | 6])
    expect(insertedText(chunk(texts, [...Buffer.from('abcd')]))).toBe('ab')
  })
})

describe('hostile bytes', () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07]

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a run of very many empty texts', chunk([...huge, 6], [])],
    ['a run of very many texts of one byte', chunk([...huge, 0x16], [97])],
    ['a text that is longer than all', chunk([1, ...huge], [97])],
    ['a literal run of very many', chunk([0x80, 0x80, 0x80, 0x80, 0x40, 6], [97])],
    ['a number without an end', chunk(Array(64).fill(0xff), [97])],
    ['bytes that are no UTF-8', chunk([1, 0x26], [0xc3, 0x28])],
  ])('%s', (_name, bytes) => {
    expect(insertedText(bytes).length).toBeLessThanOrEqual(2)
  })

  it('of any kind give at most as much text as they are, at once, and never throw', () => {
    const honest = change({ from: 0, insert: 'some honest text' })
    const mutated = fc
      .array(fc.tuple(fc.nat(honest.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = Buffer.from(honest)
        for (const [at, value] of changes) bytes[at] = value
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(insertedText(bytes).length).toBeLessThanOrEqual(bytes.length)
      }),
      { numRuns: 20_000 },
    )
  })
})
