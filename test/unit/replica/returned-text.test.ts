import { ChangeSet } from '@codemirror/state'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { keysFromWrite } from '../../../main/keys/derive'
import { GivenPage } from '../../../main/replica/given-page'
import { Author } from '../../support/author'

const keys = keysFromWrite(Buffer.alloc(32, 44))
const authors: Author[] = []
afterEach(() => {
  for (const { replica } of authors.splice(0)) replica.free()
})

/** Ada has pasted a text, and Ben has it. */
function pasted(text: string): { ada: Author; ben: Author } {
  const [ada, ben] = [new Author(keys, 0), new Author(keys, 1)]
  authors.push(ada, ben)
  ada.write([{ from: 0, to: 0, insert: text }])
  ben.take(ada, ada.written)
  return { ada, ben }
}

const wrote = ({ replica, changes }: Author, author: Author): string =>
  replica
    .authored(changes, new Map())
    .filter(({ session }) => session === author.id)
    .map(({ text }) => text)
    .join('')

const line = 'one two three four five six seven eight nine ten eleven twelve\n'
const text = line.repeat(4)

describe('an undone deletion in given text', () => {
  it('shows the same characters again, with their author', () => {
    const { ada, ben } = pasted(text)
    ben.write([{ from: 8, to: 13, insert: '' }])
    ben.write([{ from: 8, to: 8, insert: 'three' }])
    ada.take(ben, 2)
    for (const one of [ada, ben]) {
      expect(one.text).toBe(text)
      expect(wrote(one, ada)).toBe(text)
      expect(one.reread()).toBe(text)
    }
  })

  it('keeps what another person put between the characters meanwhile', () => {
    const { ada, ben } = pasted(text)
    ada.write([{ from: 10, to: 10, insert: 'X' }])
    ben.write([{ from: 4, to: 20, insert: '' }])
    ben.write([{ from: 4, to: 4, insert: text.slice(4, 20) }])
    ada.take(ben, 2)
    ben.take(ada, 2)
    for (const one of [ada, ben]) expect(one.text).toBe(`${text.slice(0, 10)}X${text.slice(10)}`)
  })

  it('is one of several deletions beside each other, of letters deleted one by one, and across pieces', () => {
    const long = line.repeat(600)
    const { ada, ben } = pasted(long)
    for (let end = 13; end > 8; end--) ben.write([{ from: end - 1, to: end, insert: '' }])
    ben.write([{ from: 8, to: 8, insert: 'three' }])
    ben.write([{ from: 8, to: 14, insert: '' }])
    ben.write([{ from: 8, to: 13, insert: '' }])
    ben.write([{ from: 8, to: 8, insert: 'four ' }])
    ben.write([{ from: 8, to: 8, insert: 'three ' }])
    ben.write([{ from: 10_000, to: 35_000, insert: '' }])
    ben.write([{ from: 10_000, to: 10_000, insert: long.slice(10_000, 35_000) }])
    ada.take(ben, ben.written)
    expect([ada.text === long, ben.text === long]).toEqual([true, true])
    expect(wrote(ada, ada) === long).toBe(true)
  })

  it('of many at once puts all of them back', () => {
    const { ada, ben } = pasted(text)
    const words = [...text.matchAll(/three/g)].map(({ index }) => index)
    ben.replica.edit(
      ChangeSet.of(
        words.map((from) => ({ from, to: from + 5, insert: '3' })),
        text.length,
      ),
    )
    const short = ben.text
    const places = [...short.matchAll(/3/g)].map(({ index }) => index)
    ben.replica.edit(
      ChangeSet.of(
        places.map((from) => ({ from, to: from + 1, insert: 'three' })),
        short.length,
      ),
    )
    expect(short).toBe(text.replaceAll('three', '3'))
    ben.write([])
    ada.take(ben, 1)
    for (const one of [ada, ben]) expect([one.text, wrote(one, ada)]).toEqual([text, text])
  })

  it('of many at once reads what this session takes out a few times, not for each', () => {
    const many = line.repeat(200)
    const { ada } = pasted(many)
    const replace = (pattern: RegExp, insert: string) => {
      const edits = [...ada.text.matchAll(pattern)].map(({ index, 0: { length } }) => ({
        ...{ from: index, to: index + length, insert },
      }))
      ada.replica.edit(ChangeSet.of(edits, ada.text.length))
      return edits.length
    }
    replace(/e/g, '_')
    const read = vi.spyOn(GivenPage.prototype, 'taken')
    expect(replace(/_/g, 'e')).toBeGreaterThan(2_000)
    expect(read.mock.calls.length).toBeLessThan(20)
    read.mockRestore()
    ada.write([])
    expect([ada.text === many, ada.reread() === many]).toEqual([true, true])
    expect(wrote(ada, ada) === many).toBe(true)
  })

  it('puts each of two equal words back that stood beside each other', () => {
    const { ben } = pasted(`${'ab'.repeat(100)}${text}`)
    ben.replica.edit(
      ChangeSet.of(
        [
          { from: 10, to: 12 },
          { from: 12, to: 14 },
        ],
        ben.text.length,
      ),
    )
    ben.write([{ from: 10, to: 10, insert: 'ab' }])
    expect(ben.text).toBe(`${'ab'.repeat(99)}${text}`)
    ben.write([{ from: 10, to: 10, insert: 'ab' }])
    expect(ben.text).toBe(`${'ab'.repeat(100)}${text}`)
    expect(ben.reread()).toBe(ben.text)
  })
})

describe('words like those that somebody else deleted', () => {
  it('are written, and stay deleted where they were', () => {
    const { ada, ben } = pasted(text)
    ben.write([{ from: 8, to: 13, insert: '' }])
    ada.take(ben, 1)
    ada.write([{ from: 8, to: 8, insert: 'three' }])
    expect(ada.text).toBe(text)
    ben.write([{ from: 8, to: 8, insert: 'three' }])
    ada.take(ben, 2)
    ben.take(ada, 2)
    for (const one of [ada, ben]) expect(one.text).toBe(text.replace('three', 'threethree'))
  })

  it('are written where both deleted the same', () => {
    const { ada, ben } = pasted(text)
    for (const one of [ada, ben]) one.write([{ from: 8, to: 13, insert: '' }])
    ada.take(ben, 1)
    ben.take(ada, 2)
    ben.write([{ from: 8, to: 8, insert: 'three' }])
    ada.take(ben, 2)
    for (const one of [ada, ben]) expect([one.text, one.reread()]).toEqual([text, text])
  })
})
