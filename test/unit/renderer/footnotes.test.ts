import { EditorState } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { numbersOf } from '../../../renderer/features/footnotes/numbers'
import { markdownSupport } from '../../../renderer/features/markdown/markdown'
import { parsed } from './live/shown'

const stateOf = (doc: string) => parsed(EditorState.create({ doc, extensions: [markdownSupport] }))
const numbers = (doc: string) => [...numbersOf(stateOf(doc))].map(([label, number]) => `${label} ${number}`)

describe('the numbers of footnotes', () => {
  it('follow the order of the first references', () => {
    expect(numbers('a[^b] c[^a], again[^b].\n\n[^a]: One.\n[^b]: Two.')).toEqual(['b 1', 'a 2'])
    expect(numbers('[^x]: See[^y].\n\nthen[^x]')).toEqual(['y 1', 'x 2'])
    expect(numbers('a[^Ä] b[^ä]')).toEqual(['ä 1'])
  })

  it('leave out what only looks like a reference, and notes that nobody refers to', () => {
    expect(numbers('`[^a]` \\[^b]\n\n```\n[^c]\n```\n\n[^d]: Two.')).toEqual([])
    expect(numbers(`${'long '.repeat(1_100)}[^a]\n\nb[^b]`)).toEqual(['b 1'])
  })

  it('follow edits', () => {
    const before = stateOf(`${'words\n'.repeat(100)}a[^a] b[^b]`)
    expect([...numbersOf(before).keys()]).toEqual(['a', 'b'])
    const after = parsed(before.update({ changes: { from: 6, insert: 'x[^b]' } }).state)
    expect([...numbersOf(after).keys()]).toEqual(['b', 'a'])
    expect([...numbersOf(before).keys()]).toEqual(['a', 'b'])
  })

  it('are left out of a text with very many references', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `a[^${index}]\n\n`).join('')
    expect(numbersOf(stateOf(many(2_000))).size).toBe(2_000)
    expect(numbersOf(stateOf(many(2_001))).size).toBe(0)
  })
})
