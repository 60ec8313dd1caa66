import { EditorState } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { foundField, foundState, intact, setFound } from '../../../renderer/features/find/expression-field'
import { countWords, foundWords } from '../../../renderer/features/find/found-words'

const found = foundState({
  bounds: Uint32Array.from([0, 3, 4, 7, 8, 8]),
  inserts: ['x', 'y', 'z'],
  isAll: true,
})

function stateOf(doc: string): EditorState {
  const state = EditorState.create({ doc, extensions: foundField })
  return state.update({ effects: setFound.of(found) }).state
}

const placed = (state: EditorState) =>
  intact(state.field(foundField)).map(({ from, to, insert }) => `${from}-${to} ${insert}`)

describe('matches of an expression', () => {
  it('move with the text', () => {
    const state = stateOf('one two ')
    expect(placed(state)).toEqual(['0-3 x', '4-7 y', '8-8 z'])
    expect(placed(state.update({ changes: { from: 0, insert: 'a ' } }).state)).toEqual([
      '2-5 x',
      '6-9 y',
      '10-10 z',
    ])
    expect(placed(state.update({ changes: { from: 3, to: 5, insert: '' } }).state)).toEqual([
      '0-3 x',
      '6-6 z',
    ])
  })

  it('are not replaced once somebody wrote in them', () => {
    const state = stateOf('one two ')
    expect(placed(state.update({ changes: { from: 5, insert: '!' } }).state)).toEqual(['0-3 x', '9-9 z'])
    // The end of the text is one still.
    expect(placed(state.update({ changes: { from: 0, to: 8 } }).state)).toEqual(['0-0 z'])
  })

  it('are counted, or it is said why there are none', () => {
    const words = (result: Parameters<typeof foundState>[0], from = 0, to = 0) =>
      foundWords(foundState(result), { from, to })
    const some = { bounds: Uint32Array.from([1, 2]), inserts: ['x'] }
    expect(words({ ...some, isAll: true })).toEqual({ words: '1 found', isFailure: false })
    expect(words({ ...some, isAll: true }, 1, 2).words).toBe('1 of 1')
    expect(words({ ...some, isAll: false }).words).toBe('1+ found')
    for (const result of ['invalid', 'slow', 'large'] as const) expect(words(result).isFailure).toBe(true)
    expect(countWords(0, -1, true)).toBe('None')
  })
})
