import { EditorState, Transaction } from '@codemirror/state'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Throttle } from '../../../renderer/editor/throttle'
import {
  caretField,
  mergeCarets,
  type PlacedCaret,
  setCarets,
} from '../../../renderer/features/people/caret-field'

const caret = (anchor: number, head = anchor): Omit<PlacedCaret, 'moves'> => ({
  key: 'ada',
  label: 'Ada',
  color: 0,
  anchor,
  head,
})

const start = (...carets: Omit<PlacedCaret, 'moves'>[]) =>
  EditorState.create({ doc: '0123456789', extensions: caretField }).update({ effects: setCarets.of(carets) })
    .state

const placed = (state: EditorState) =>
  state.field(caretField).map(({ anchor, head, moves }) => ({ anchor, head, moves }))

describe("other people's carets", () => {
  it('move along with what is written before them, and not by what is written after', () => {
    const { state } = start(caret(3, 5)).update({
      changes: [
        { from: 1, insert: 'ab' },
        { from: 9, insert: 'c' },
      ],
    })
    expect(placed(state)).toEqual([{ anchor: 5, head: 7, moves: 1 }])
  })

  it('stay before what is typed here at their place, and go along with what others type there', () => {
    const before = start(caret(4))
    const own = before.update({ changes: { from: 4, insert: 'x' } })
    expect(placed(own.state)).toEqual([{ anchor: 4, head: 4, moves: 1 }])
    const remote = before.update({
      changes: { from: 4, insert: 'x' },
      annotations: Transaction.remote.of(true),
    })
    expect(placed(remote.state)).toEqual([{ anchor: 5, head: 5, moves: 1 }])
  })

  it('fall together where their text is deleted', () => {
    const { state } = start(caret(3, 6)).update({ changes: { from: 2, to: 8 } })
    expect(placed(state)).toEqual([{ anchor: 2, head: 2, moves: 1 }])
  })

  it('count as moved only when they were', () => {
    const once = mergeCarets([], [caret(3)], 10)
    expect(once[0]?.moves).toBe(1)
    const same = mergeCarets(once, [caret(3)], 10)
    expect(same[0]?.moves).toBe(1)
    expect(mergeCarets(same, [caret(3, 4)], 10)[0]?.moves).toBe(2)
  })

  it('go with the people, and never stand outside the text', () => {
    expect(mergeCarets([{ ...caret(3), moves: 1 }], [], 10)).toEqual([])
    expect(mergeCarets([], [caret(-4, 99)], 10)).toEqual([{ ...caret(0, 10), moves: 1 }])
  })

  it('are taken at their place in the text after the transaction that brings them', () => {
    const { state } = start().update({
      changes: { from: 10, insert: 'abc' },
      effects: setCarets.of([caret(12)]),
    })
    expect(placed(state)).toEqual([{ anchor: 12, head: 12, moves: 1 }])
  })
})

describe('what is told at most once in a while', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const throttled = () => {
    const times: number[] = []
    const began = Date.now()
    const throttle = new Throttle(
      80,
      (ms, run) => {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
      () => times.push(Date.now() - began),
    )
    return { throttle, times }
  }

  it('is told at once after a pause', () => {
    const { throttle, times } = throttled()
    throttle.request()
    vi.advanceTimersByTime(200)
    throttle.request()
    expect(times).toEqual([0, 200])
  })

  it('is told once for many requests, the last one included', () => {
    const { throttle, times } = throttled()
    for (let request = 0; request < 17; request++) {
      throttle.request()
      vi.advanceTimersByTime(10)
    }
    vi.advanceTimersByTime(500)
    expect(times).toEqual([0, 80, 160, 240])
  })

  it('is not told after the end', () => {
    const { throttle, times } = throttled()
    throttle.request()
    throttle.request()
    throttle.stop()
    vi.advanceTimersByTime(500)
    expect(times).toEqual([0])
  })
})
