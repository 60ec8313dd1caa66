import type { EditorState, Transaction } from '@codemirror/state'
import { expect, it } from 'vitest'
import { continueList } from '../../../../renderer/features/lists/enter'
import { taskAt, taskChange } from '../../../../renderer/features/lists/toggle-task'
import { seen } from '../live/shown'
import { result, stateOf } from './marked-text'

/** The step that ticks the task at the caret, or takes its tick away. */
function toggled(state: EditorState): Transaction {
  const box = taskAt(state, state.selection.main.head)
  if (!box) throw new Error(`no task in ${state.doc}`)
  return state.update({ changes: taskChange(box) })
}

/** The text after as many people have toggled the task at the caret at once. */
function toggledByMany(text: string, people: number): string {
  const state = stateOf(`${text}|`)
  let all = state.changes([])
  for (let person = 0; person < people; person++) {
    const { changes } = toggled(state)
    all = all.compose(changes.map(all))
  }
  return all.apply(state.doc).toString()
}

it.each([
  ['- [ ] a', true],
  ['- [x] a', false],
  ['- [X] a', false],
  ['> 1. [ ] a', true],
])('two and three people who toggle %j at once leave a task that one toggle changes', (text, done) => {
  for (const people of [1, 2, 3]) {
    const merged = stateOf(`${toggledByMany(text, people)}|`)
    expect(taskAt(merged, merged.selection.main.head)?.done).toBe(done)
    expect(toggled(merged).newDoc.toString()).toMatch(done ? /\[ \] a$/ : /\[x\] a$/)
  }
})

it('a box of several ticks is drawn and goes on like any other', () => {
  expect(seen('- [xx] a\n- [  ] b')).toBe(seen('- [x] a\n- [ ] b'))
  expect(result('- [xx] a|', continueList)).toBe('- [xx] a\n- [ ] |')
})
