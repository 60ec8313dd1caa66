import { EditorState } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Composition } from '../../../renderer/editor/composition'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function begin() {
  const contentDOM = new EventTarget()
  const state = EditorState.create({ doc: 'one' })
  const onEnd = vi.fn()
  const composition = new Composition({ contentDOM, state } as unknown as EditorView, onEnd)
  return {
    onEnd,
    fire: (name: 'start' | 'update' | 'end') => contentDOM.dispatchEvent(new Event(`composition${name}`)),
    mustWait: () => composition.mustWait([state.update({ changes: { from: 0, insert: 'x' } })]),
  }
}

it('others’ words that waited for a composition come after it', () => {
  const { onEnd, fire, mustWait } = begin()
  fire('start')
  expect(mustWait()).toBe(true)
  fire('end')
  expect(onEnd).not.toHaveBeenCalled()
  vi.advanceTimersByTime(0)
  expect(onEnd).toHaveBeenCalledTimes(1)
  fire('start')
  fire('end')
  vi.advanceTimersByTime(0)
  expect(onEnd).toHaveBeenCalledTimes(1)
})

it('they come after a second composition that begins at the end of the first', () => {
  const { onEnd, fire, mustWait } = begin()
  fire('start')
  expect(mustWait()).toBe(true)
  fire('end')
  fire('start')
  fire('update')
  vi.advanceTimersByTime(0)
  expect(onEnd).not.toHaveBeenCalled()
  fire('end')
  vi.advanceTimersByTime(0)
  expect(onEnd).toHaveBeenCalledTimes(1)
})
