import { Text } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Emitter } from '../../../preload/emitter'
import type { EditorEvents, EditorSession } from '../../../renderer/editor/extension'
import { countWords, wordCount } from '../../../renderer/features/word-count/word-count'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('counts words with marks, apostrophes and hyphens inside, and no punctuation', () => {
  const words = (text: string) => countWords(Text.of(text.split('\n')))
  expect(words('')).toBe(0)
  expect(words('# A title\n\n- one, two — three!')).toBe(5)
  expect(words('don’t well-known naïve e\u0301te\u0301 42')).toBe(5)
  expect(words('日本 слово')).toBe(2)
})

it('counts soon after a document opens, then when typing pauses', async () => {
  const events = new Emitter<EditorEvents>()
  const view = { state: { doc: Text.of(['one']) } }
  const reported: number[] = []
  const feature = wordCount((words) => reported.push(words))
  const session: Pick<EditorSession, 'on'> = { on: (name, listener) => events.on(name, listener) }
  const end = feature.attach?.(view as EditorView, session as EditorSession)
  await vi.advanceTimersByTimeAsync(0)
  expect(reported).toEqual([1])
  view.state.doc = Text.of(['one two'])
  for (let key = 0; key < 5; key++) {
    events.emit('text', { own: true })
    await vi.advanceTimersByTimeAsync(300)
  }
  expect(reported).toEqual([1])
  await vi.advanceTimersByTimeAsync(300)
  expect(reported).toEqual([1, 2])
  events.emit('text', { own: false })
  end?.()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(reported).toEqual([1, 2])
})
