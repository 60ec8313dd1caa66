import { EditorState, Transaction, type TransactionSpec } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Emitter } from '../../../preload/emitter'
import type { EditorEvents, EditorSession } from '../../../renderer/editor/extension'
import { Throttle } from '../../../renderer/editor/throttle'
import {
  caretField,
  mergeCarets,
  type PlacedCaret,
  setCarets,
} from '../../../renderer/features/people/caret-field'
import { carets } from '../../../renderer/features/people/carets'

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

  it('stay before what is typed here at their place, and go along with what others type there, which shows', () => {
    const before = start(caret(4))
    const own = before.update({ changes: { from: 4, insert: 'x' } })
    expect(placed(own.state)).toEqual([{ anchor: 4, head: 4, moves: 1 }])
    const remote = before.update({
      changes: { from: 4, insert: 'x' },
      annotations: Transaction.remote.of(true),
    })
    expect(placed(remote.state)).toEqual([{ anchor: 5, head: 5, moves: 2 }])
    const deleted = before.update({ changes: { from: 3, to: 4 }, annotations: Transaction.remote.of(true) })
    expect(placed(deleted.state)).toEqual([{ anchor: 3, head: 3, moves: 2 }])
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

describe('the carets of an editor', () => {
  const person = { name: 'Ada', fingerprint: 'abcd', own: false, role: 'write' as const, hasMine: false }
  const ada = { ...person, key: 'ada', color: 0 }

  /** An editor's state with the feature attached; `place` maps no offset: its version is long ago. */
  const attached = (place: (offset: number) => number | null) => {
    const emitter = new Emitter<EditorEvents>()
    const view = { state: EditorState.create({ doc: '0123456789', extensions: caretField }) }
    const dispatch = (spec: TransactionSpec) => {
      view.state = view.state.update(spec).state
    }
    const session: EditorSession = {
      role: 'write',
      version: 5,
      place,
      selection: () => ({ version: 5, anchor: 0, head: 0 }),
      on: (name, listener) => emitter.on(name, listener),
    }
    carets.attach?.(
      {
        ...view,
        get state() {
          return view.state
        },
        dispatch,
      } as unknown as EditorView,
      session,
    )
    return {
      emitter,
      dispatch,
      shown: () => view.state.field(caretField).map(({ label, head }) => [label, head]),
    }
  }

  it('stay where the text took them when people change, also long after they were placed', () => {
    let isKept = true
    const { emitter, dispatch, shown } = attached((offset) => (isKept ? offset : null))
    emitter.emit('people', [ada])
    emitter.emit('carets', { version: 5, carets: [{ key: 'ada', anchor: 3, head: 3 }] })
    expect(shown()).toEqual([['Ada', 3]])
    dispatch({ changes: { from: 0, insert: 'xy' } })
    isKept = false
    emitter.emit('people', [{ ...ada, name: 'Ada L.' }])
    expect(shown()).toEqual([['Ada L.', 5]])
    emitter.emit('people', [])
    expect(shown()).toEqual([])
  })

  it('of a version that is still to come wait for it, and are placed then', () => {
    const { emitter, shown } = attached((offset) => offset)
    emitter.emit('people', [ada])
    emitter.emit('carets', { version: 6, carets: [{ key: 'ada', anchor: 3, head: 3 }] })
    emitter.emit('version', 5)
    expect(shown()).toEqual([])
    emitter.emit('carets', { version: 5, carets: [{ key: 'ada', anchor: 4, head: 4 }] })
    emitter.emit('carets', { version: 5, carets: [{ key: 'ada', anchor: 7, head: 7 }] })
    expect(shown()).toEqual([['Ada', 7]])
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
