import { SearchQuery } from '@codemirror/search'
import { EditorState } from '@codemirror/state'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MatchCounter, searchSlices } from '../../../renderer/features/find/match-counter'

const query = (search: string, more = {}) => new SearchQuery({ search, literal: true, ...more })
const stateOf = (doc: string) => EditorState.create({ doc })

/** All matches by slices, and those that one search from start to end finds. */
function both(text: string, search: SearchQuery) {
  const state = stateOf(text)
  const slices = searchSlices(state, search, 1_000)
  let steps = 0
  for (;;) {
    const { value, done } = slices.next()
    steps++
    if (!done) continue
    const cursor = search.getCursor(state)
    const whole: { from: number; to: number }[] = []
    for (let match = cursor.next(); !match.done; match = cursor.next())
      whole.push({ from: match.value.from, to: match.value.to })
    return { found: value.map(({ from, to }) => ({ from, to })), whole, steps }
  }
}

describe('a search in slices', () => {
  it('finds the same as one in one go, across the ends of slices too', () => {
    const step = 64 * 1024
    for (const shift of [-4, -3, -2, -1, 0, 1]) {
      const text = `${'.'.repeat(step + shift)}abab${'.'.repeat(step - 4)}ABAB x ab`
      for (const search of [query('abab'), query('ab'), query('ab', { wholeWord: true })]) {
        const { found, whole, steps } = both(text, search)
        expect(found).toEqual(whole)
        expect(found.length).toBeGreaterThan(0)
        expect(steps).toBe(4)
      }
    }
    const accents = `${'.'.repeat(step - 2)}${'e\u0301'.repeat(4)}`
    expect(both(accents, query('éé')).found).toEqual(both(accents, query('éé')).whole)
    const run = 'aa'.repeat(400)
    const filled = `${'.'.repeat(step - 401)}${run}`
    expect(both(filled, query('aaa')).found).toEqual(both(filled, query('aaa')).whole)
  })

  it('ends at a thousand matches', () => {
    expect(both('a'.repeat(200_000), query('a'))).toMatchObject({ found: { length: 1_000 }, steps: 1 })
  })
})

describe('the count of matches', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('says which match is selected, and stays while somebody writes', () => {
    let counted = 0
    const counter = new MatchCounter(() => counted++)
    const nowhere = { from: 0, to: 0 }
    counter.count(stateOf('a b a'), query('a'), 'now')
    expect(counter.words(nowhere)).toBe('')
    vi.runAllTimers()
    expect(counter.words(nowhere)).toBe('2 found')
    expect(counter.words({ from: 4, to: 5 })).toBe('2 of 2')
    counter.count(stateOf('a b a a'), query('a'), 'soon')
    vi.advanceTimersByTime(100)
    expect(counter.words(nowhere)).toBe('2 found')
    expect(counted).toBe(1)
    // Writing without a pause does not put the count off.
    counter.count(stateOf('a b a a a'), query('a'), 'soon')
    vi.advanceTimersByTime(100)
    expect(counter.words(nowhere)).toBe('4 found')
    expect(counted).toBe(2)
    vi.runAllTimers()
    expect(counted).toBe(2)
    counter.count(stateOf('b'), query('a'), 'now')
    vi.runAllTimers()
    expect(counter.words(nowhere)).toBe('None')
    counter.count(stateOf('a'.repeat(2_000)), query('a'), 'now')
    vi.runAllTimers()
    expect(counter.words(nowhere)).toBe('1000+ found')
    counter.count(stateOf('a'), query(''), 'now')
    vi.runAllTimers()
    expect(counter.words(nowhere)).toBe('')
    expect(vi.getTimerCount()).toBe(0)
  })
})
