import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Backlinks } from '../../../../renderer/features/wiki-links/backlinks.svelte'
import { Border } from '../border'
import { documentOf } from '../library/summaries'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('looks for links again when another document or the title changed, not while somebody types here', async () => {
  const border = new Border()
  border.answers.backlinks = () => ({ ok: true, value: [] })
  const backlinks = new Backlinks(border)
  const other = documentOf('b')
  const look = async (...documents: Parameters<Backlinks['look']>[1][number][]) => {
    backlinks.look('a', documents)
    await vi.advanceTimersByTimeAsync(2_000)
    return border.asked.length
  }
  expect(await look(documentOf('a'), other)).toBe(1)
  expect(await look(other, documentOf('a', { editedAt: 5 }))).toBe(1)
  expect(await look(other, documentOf('a', { title: 'New' }))).toBe(2)
  expect(await look(documentOf('b', { editedAt: 6 }), documentOf('a', { title: 'New' }))).toBe(3)
  backlinks.stop()
  expect(await look(other)).toBe(4)
})
