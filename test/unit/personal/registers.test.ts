import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRegisters, encodeRegisters } from '../../../main/personal/register-record'
import { isRegister, type Kind, maxStamp, type Register, Registers } from '../../../main/personal/registers'
import { metaBounds } from '../../../main/replica/parts/meta-part'
import { isFolder } from '../../../preload/text/folder'

const ids = ['a1', 'b2', 'c3'].map((byte) => byte.repeat(32))
const valuesOf: Record<Kind, fc.Arbitrary<Register['value']>> = {
  folder: fc.constantFrom('', 'Work', 'Work/Åre', 'Ünicode 🐝'),
  pinned: fc.boolean(),
  archived: fc.boolean(),
  removed: fc.constantFrom(0, 1, 1_700_000_000_000, maxStamp),
  word: fc.boolean(),
}
const register: fc.Arbitrary<Register> = fc
  .constantFrom<Kind>('folder', 'pinned', 'archived', 'removed', 'word')
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      subject: kind === 'word' ? fc.constantFrom('one', 'geht’s', 'x'.repeat(64)) : fc.constantFrom(...ids),
      // Few, so that many are set at one time.
      stamp: fc.constantFrom(1, 2, 3, maxStamp),
      value: valuesOf[kind],
    }),
  )

const contentOf = (registers: Registers) =>
  [...registers].map(({ kind, subject, stamp, value }) => [kind, subject, stamp, value].join()).sort()

function folded(taken: readonly Register[]): Registers {
  const registers = new Registers()
  for (const one of taken) registers.take(one)
  return registers
}

describe('registers', () => {
  it('are the same in whatever order they came, and however often (P11)', () => {
    fc.assert(
      fc.property(fc.array(register, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (taken, numbers) => {
        const shuffled = [...taken, ...taken]
          .map((one) => ({ one, at: numbers.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one)
        expect(contentOf(folded(shuffled))).toEqual(contentOf(folded(taken)))
      }),
    )
  })

  it('keep the value with the later stamp; of two with one stamp the later in order', () => {
    const subject = ids[0] ?? ''
    const folder = (stamp: number, value: string): Register => ({ kind: 'folder', subject, stamp, value })
    const registers = folded([folder(5, 'b'), folder(4, 'c'), folder(5, 'a')])
    expect(registers.get('folder', subject)).toBe('b')
    expect(registers.isNews(folder(5, 'b'))).toBe(false)
    expect(registers.isNews(folder(5, 'c'))).toBe(true)
    expect(registers.latest).toBe(5)
    expect(registers.get('pinned', subject)).toBeUndefined()
  })

  it('pass through records, equal ones in equal bytes', () => {
    fc.assert(
      fc.property(fc.array(register, { maxLength: 30 }), (taken) => {
        const all = [...folded(taken)]
        const records = encodeRegisters(all)
        expect(contentOf(folded(records.flatMap(decodeRegisters)))).toEqual(contentOf(folded(all)))
        expect(encodeRegisters([...all].reverse()).length).toBe(records.length)
      }),
    )
  })

  it('of 10,000 documents that are arranged at once take few records, each within its bound', () => {
    const many = Array.from({ length: 10_000 }, (_, index): Register => {
      const subject = index.toString(16).padStart(64, '0')
      return { kind: 'folder', subject, stamp: 1_700_000_000_000, value: 'x'.repeat(100) }
    })
    const records = encodeRegisters(many)
    expect(records.length).toBeLessThan(12)
    for (const { length } of records) expect(length).toBeLessThanOrEqual(metaBounds.recordSize)
    expect(records.flatMap(decodeRegisters)).toHaveLength(10_000)
  })

  it('of a record that anyone could have made are all sound, or none is read', () => {
    const sound = encodeRegisters([{ kind: 'folder', subject: ids[0] ?? '', stamp: 7, value: 'Work' }])[0]
    if (!sound) throw new Error('no record')
    expect(decodeRegisters(sound)).toHaveLength(1)
    const hostile = [
      new Uint8Array(0),
      Uint8Array.of(1, 9, 1, 1, 1),
      Buffer.concat([Buffer.of(2), sound.subarray(1)]),
      Buffer.concat([sound, Buffer.of(0)]),
      sound.subarray(0, -1),
      // A folder with a control character, and one that is not trimmed.
      Buffer.from(Buffer.from(sound).toString('latin1').replace('Work', 'W\0rk'), 'latin1'),
      Buffer.from(Buffer.from(sound).toString('latin1').replace('Work', 'Wor '), 'latin1'),
      // A count of subjects beyond all that is there.
      Buffer.concat([sound.subarray(0, 8), Buffer.from('ffffffffffffff1f00', 'hex')]),
    ]
    for (const record of hostile) expect(decodeRegisters(record)).toEqual([])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, at) => {
        const mutated = Buffer.concat([sound.subarray(0, at % sound.length), bytes])
        for (const read of decodeRegisters(mutated)) expect(isRegister(read)).toBe(true)
      }),
    )
  })

  it('have bounded stamps, so that a wrong clock does not end the count', () => {
    const pinned = { kind: 'pinned', subject: ids[0] ?? '', value: true } as const
    for (const stamp of [0, -1, 1.5, maxStamp + 1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(isRegister({ ...pinned, stamp })).toBe(false)
    expect(isRegister({ ...pinned, stamp: maxStamp })).toBe(true)
  })
})

describe('folders', () => {
  it('have names of bounded length and depth, trimmed and without control characters', () => {
    for (const path of ['', 'Work', 'Work/2026', 'Ünï 🐝', 'x'.repeat(100), 'a/b/c/d/e/f/g/h', '..'])
      expect(isFolder(path)).toBe(true)
    for (const path of [
      '/',
      'Work/',
      '/Work',
      'a//b',
      ' Work',
      'Work ',
      'a\nb',
      'a\0b',
      'x'.repeat(101),
      'a/b/c/d/e/f/g/h/i',
      '\ud800',
    ])
      expect(isFolder(path)).toBe(false)
  })
})
