import { EditorState, type StateCommand } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { markdownSupport } from '../../../../renderer/features/markdown/markdown'
import { alignmentsOf, cellsOf } from '../../../../renderer/features/tables/rows'
import {
  insertTable,
  nextCell,
  previousCell,
  rowBelow,
  typedBar,
} from '../../../../renderer/features/tables/table-keys'

/** A text with its selection between two '‸', or its caret at one. */
function stateOf(marked: string, readOnly = false): EditorState {
  const [before = '', selected, after] = marked.split('‸')
  const doc = before + (after === undefined ? (selected ?? '') : selected + after)
  const head = before.length + (after === undefined ? 0 : (selected?.length ?? 0))
  return EditorState.create({
    doc,
    selection: { anchor: before.length, head },
    extensions: [markdownSupport, EditorState.readOnly.of(readOnly)],
  })
}

/** The text after commands, marked likewise; null if the last one does not apply. */
function having(marked: string, ...commands: StateCommand[]): string | null {
  let state = stateOf(marked)
  let applied = true
  for (const command of commands)
    applied = command({
      state,
      dispatch: (transaction) => {
        state = transaction.state
      },
    })
  if (!applied) return null
  const { from, to, empty } = state.selection.main
  const doc = state.doc.toString()
  return empty
    ? `${doc.slice(0, from)}‸${doc.slice(from)}`
    : `${doc.slice(0, from)}‸${doc.slice(from, to)}‸${doc.slice(to)}`
}

describe('a row of a table', () => {
  const words = (line: string) => cellsOf(line).map(({ from, to }) => line.slice(from, to))

  it.each([
    ['| a | b |', ['a', 'b']],
    ['a | b', ['a', 'b']],
    ['| a | b', ['a', 'b']],
    ['|  | b |', ['', 'b']],
    ['||b|', ['', 'b']],
    ['| a \\| b | c |', ['a \\| b', 'c']],
    ['', []],
  ])('%j has the cells %j', (line, expected) => expect(words(line)).toEqual(expected))

  it('without words has the place for them one blank after its bar', () =>
    expect(cellsOf('|   |b|')[0]).toEqual({ from: 2, to: 2 }))

  it('of hyphens aligns columns', () =>
    expect(alignmentsOf('| - | :-- | --: | :-: | : |')).toEqual([null, 'left', 'right', 'center', 'left']))
})

describe('Tab in a table', () => {
  it.each([
    ['| ‸a | b |\n| - | - |\n| c | d |', '| a | ‸b‸ |\n| - | - |\n| c | d |'],
    ['| a | ‸b‸ |\n| - | - |\n| c | d |', '| a | b |\n| - | - |\n| ‸c‸ | d |'],
    ['| a |‸ |\n| - | - |\n| c | d |', '| a | ‸|\n| - | - |\n| c | d |'],
    ['| a | b |\n| - | - |\n| c | d‸ |', '| a | b |\n| - | - |\n| c | d |\n| ‸ |  |'],
    ['x\n\n| a |\n| - |\n| ‸c‸ |\n\ny', 'x\n\n| a |\n| - |\n| c |\n| ‸ |\n\ny'],
  ])('of %j leads to %j', (before, expected) => expect(having(before, nextCell)).toBe(expected))

  it.each([
    ['| a | b |\n| - | - |\n| ‸c | d |', '| a | ‸b‸ |\n| - | - |\n| c | d |'],
    ['| a | b‸ |\n| - | - |', '| ‸a‸ | b |\n| - | - |'],
    ['| ‸a | b |\n| - | - |', '| ‸a | b |\n| - | - |'],
  ])('with Shift of %j leads to %j', (before, expected) =>
    expect(having(before, previousCell)).toBe(expected),
  )

  it('does what it does elsewhere outside of one', () => {
    expect(having('x‸\n\n| a |\n| - |', nextCell)).toBeNull()
    expect(having('x‸\n\n| a |\n| - |', previousCell)).toBeNull()
    expect(having('```\n| a |‸\n| - |\n```', nextCell)).toBeNull()
  })
})

describe('Enter in a table', () => {
  it.each([
    ['| a | b |\n| - | - |\n| c‸ | d |\n| e | f |', '| a | b |\n| - | - |\n| c | d |\n| ‸ |  |\n| e | f |'],
    ['| a‸ | b |\n| - | - |\n| c | d |', '| a | b |\n| - | - |\n| ‸ |  |\n| c | d |'],
    ['a‸ | b\n--|--', 'a | b\n--|--\n| ‸ |  |'],
    ['- | a‸ | b |\n  | - | - |', '- | a | b |\n  | - | - |\n  | ‸ |  |'],
    ['> | a‸ |\n> | - |', '> | a |\n> | - |\n> | ‸ |'],
    ['| a |\n| - |\n| c |\n| ‸ |', '| a |\n| - |\n| c |\n\n‸'],
    ['| a |\n| - |\n| ‸ |\n\nafter', '| a |\n| - |\n\n‸\nafter'],
  ])('of %j makes %j', (before, expected) => expect(having(before, rowBelow)).toBe(expected))

  it('twice makes a row and leaves the table', () =>
    expect(having('| a |\n| - |\n| c‸ |', rowBelow, rowBelow)).toBe('| a |\n| - |\n| c |\n\n‸'))

  it('touches no other line', () => {
    const before = '|a|b  |\n|-|:--|\n|   c|d|\n| e | f‸ |\n|g|h|'
    expect(having(before, rowBelow)?.replace('\n| ‸ |  |', '')).toBe(before.replace('‸', ''))
  })

  it('changes nothing in a text that is only read', () => {
    let changed = false
    const state = stateOf('| a |\n| - |\n| c‸ |', true)
    for (const command of [nextCell, rowBelow, insertTable])
      command({
        state,
        dispatch: ({ docChanged }) => {
          changed ||= docChanged
        },
      })
    expect(changed).toBe(false)
  })
})

describe('a bar that is typed in a row', () => {
  it.each([
    ['| a | b |\n| - | - |\n| ‸ |  |', '| a | b |\n| - | - |\n| ‸ |  |'],
    ['| a | b |\n| - | - |\n| c ‸ |  |', '| a | b |\n| - | - |\n| c  | ‸ |'],
    ['| a | b |\n| - | - |\n| c | d ‸ |', '| a | b |\n| - | - |\n| c | d  |‸'],
  ])('of %j leads to %j', (before, expected) => expect(having(before, typedBar)).toBe(expected))

  it.each([
    '| a | b ‸|\n| - | - |\n| c | d |',
    '| a | b |\n| - | - ‸|\n| c | d |',
    '| a | b |\n| - | - |\n| c‸c | d |',
    '| a | b |\n| - | - |\n| c ‸ |',
    '| a | b |\n| - | - |\n| c \\‸ | d |',
    '| a | b |\n| - | - |\n| c | d |‸',
    'x ‸ |',
  ])('of %j is written', (text) => expect(having(text, typedBar)).toBeNull())
})

describe('a new table', () => {
  it.each([
    ['‸', '| ‸ |  |\n| --- | --- |\n|  |  |'],
    ['x‸y', 'xy\n\n| ‸ |  |\n| --- | --- |\n|  |  |'],
    ['x‸\ny\n\nz', 'x\ny\n\n| ‸ |  |\n| --- | --- |\n|  |  |\n\nz'],
    ['x\n\n‸\ny', 'x\n\n| ‸ |  |\n| --- | --- |\n|  |  |\n\ny'],
  ])('in %j gives %j', (before, expected) => expect(having(before, insertTable)).toBe(expected))
})
