import { EditorSelection, EditorState } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { mostCarets, severalCarets } from '../../../renderer/features/several-carets/several-carets'

describe('carets beyond the most that there can be', () => {
  const state = EditorState.create({ doc: 'a\n'.repeat(4_000), extensions: severalCarets.extension ?? [] })
  const carets = (count: number, main: number) =>
    EditorSelection.create(
      Array.from({ length: count }, (_, index) => EditorSelection.cursor(2 * index)),
      main,
    )

  it.each([
    [0, 0],
    [2_000, 2_000 - mostCarets / 2],
    [3_999, 4_000 - mostCarets],
  ])('are left out, and the main one (%d) stays', (main, first) => {
    const { selection } = state.update({ selection: carets(4_000, main) }).state
    expect(selection.ranges.map(({ head }) => head / 2)).toEqual(
      Array.from({ length: mostCarets }, (_, index) => first + index),
    )
    expect(selection.main.head).toBe(2 * main)
  })

  it('are counted in the text after a change', () => {
    const change = { changes: { from: 0, insert: 'xx' }, selection: carets(4_001, 0) }
    expect(state.update(change).state.selection.ranges).toHaveLength(mostCarets)
    expect(state.update({ selection: carets(mostCarets, 3) }).state.selection.ranges).toHaveLength(mostCarets)
  })
})
