import { openSearchPanel, search } from '@codemirror/search'
import { ChangeSet, EditorState, type TransactionSpec } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { describe, expect, it } from 'vitest'
import {
  allMatches,
  foundField,
  foundState,
  moved,
  setFound,
} from '../../../renderer/features/find/expression-field'
import { countWords, foundWords } from '../../../renderer/features/find/found-words'

const found = foundState({
  bounds: Uint32Array.from([0, 3, 4, 7, 8, 8]),
  inserts: ['x', 'y', 'z'],
  isAll: true,
})

/** A document with three matches; the strip is open. */
function stateOf(doc: string): EditorState {
  let state = EditorState.create({ doc, extensions: [search(), foundField] })
  const dispatch = (spec: TransactionSpec) => {
    state = state.update(spec).state
  }
  openSearchPanel({ state, dispatch } as unknown as EditorView)
  return state.update({ effects: setFound.of(found) }).state
}

const placed = (state: EditorState) =>
  allMatches(state.field(foundField)).map(({ from, to, insert }) => `${from}-${to} ${insert}`)

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
    // Words that are as long as the old ones
    const changes = [
      { from: 0, insert: '!' },
      { from: 4, to: 7, insert: 'six' },
    ]
    expect(placed(state.update({ changes }).state)).toEqual(['1-4 x', '9-9 z'])
    expect(placed(state.update({ changes: { from: 6, to: 7, insert: 'u' } }).state)).toEqual([
      '0-3 x',
      '8-8 z',
    ])
  })

  it('stay where somebody writes beside them', () => {
    const state = stateOf('one two ')
    const changes = [
      { from: 3, to: 4, insert: '??' },
      { from: 7, insert: '!' },
    ]
    expect(placed(state.update({ changes }).state)).toEqual(['0-3 x', '5-8 y', '10-10 z'])
  })

  it('are looked for again, not moved, where it would take longer', () => {
    const state = stateOf('one two ')
    const result = (changed: EditorState) => changed.field(foundField).result
    const insert = { from: 8, insert: '!' }
    expect(result(state.update({ changes: insert }).state)).toBe('found')
    const all = state.update({ changes: insert, userEvent: 'input.replace.all' })
    expect([placed(all.state), result(all.state)]).toEqual([[], null])

    const length = 1_000
    const parts = (count: number) =>
      ChangeSet.of(
        Array.from({ length: count }, (_, index) => ({ from: 9 + 2 * index, insert: '!' })),
        length,
      )
    expect(allMatches(moved(found, parts(100)))).toHaveLength(3)
    expect(moved(found, parts(101))).toMatchObject({ result: null, matches: { size: 0 } })
    expect(moved(foundState('slow'), parts(101)).result).toBe('slow')
  })

  it('are forgotten when the text changes while the strip is closed', () => {
    const closed = EditorState.create({ doc: 'one two ', extensions: [search(), foundField] })
    const state = closed.update({ effects: setFound.of(found) }).state
    expect(placed(state)).toHaveLength(3)
    expect(placed(state.update({ changes: { from: 0, insert: '!' } }).state)).toEqual([])
  })

  it('are counted, or the reason for having none is shown', () => {
    const words = (result: Parameters<typeof foundState>[0], from = 0, to = 0) =>
      foundWords(foundState(result), { from, to })
    const some = { bounds: Uint32Array.from([1, 2]), inserts: ['x'] }
    expect(words({ ...some, isAll: true })).toEqual({ words: '1 found', isFailure: false })
    expect(words({ ...some, isAll: true }, 1, 2).words).toBe('1 of 1')
    expect(words({ ...some, isAll: false }).words).toBe('1+ found')
    for (const result of ['invalid', 'slow', 'failed', 'large'] as const)
      expect(words(result).isFailure).toBe(true)
    expect(countWords(0, -1, true)).toBe('None')
  })
})
