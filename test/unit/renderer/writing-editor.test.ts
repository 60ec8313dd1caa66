import { history, undo } from '@codemirror/commands'
import type { EditorState, Transaction, TransactionSpec } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startState } from '../../../renderer/editor/kept-editor'
import { WritingEditor } from '../../../renderer/editor/writing-editor'

/** A view with a state and no page. */
vi.mock('@codemirror/view', async (load) => {
  const real = await load<typeof import('@codemirror/view')>()
  const { lineWrapping, perLineTextDirection, editable, cspNonce, contentAttributes } = real.EditorView
  const { scrollIntoView, domEventHandlers, decorations } = real.EditorView
  const box = Object.assign(new EventTarget(), { getBoundingClientRect: () => ({ top: 0, left: 0 }) })
  class View {
    static readonly lineWrapping = lineWrapping
    static readonly perLineTextDirection = perLineTextDirection
    static readonly editable = editable
    static readonly cspNonce = cspNonce
    static readonly contentAttributes = contentAttributes
    static readonly scrollIntoView = scrollIntoView
    static readonly domEventHandlers = domEventHandlers
    static readonly decorations = decorations
    readonly contentDOM = box
    readonly scrollDOM = box
    state: EditorState
    constructor(
      private readonly config: {
        state: EditorState
        dispatchTransactions(transactions: readonly Transaction[], view: View): void
      },
    ) {
      this.state = config.state
    }
    dispatch(spec: TransactionSpec): void {
      this.config.dispatchTransactions([this.state.update(spec)], this)
    }
    update(transactions: readonly Transaction[]): void {
      this.state = transactions.at(-1)?.state ?? this.state
    }
    posAtCoords = () => 0
    coordsAtPos = () => null
    destroy(): void {}
  }
  return { ...real, EditorView: View }
})

beforeEach(() => {
  vi.stubGlobal('document', { querySelector: () => null })
  vi.stubGlobal('navigator', { platform: 'Linux' })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

it('what a feature puts in at its end is kept, and undo takes it back', async () => {
  const push = vi.fn(async () => ({ ok: true, value: null }) as const)
  const atEnd = {
    extension: history(),
    attach: (view: EditorView) => () =>
      view.dispatch({ changes: { from: 3, insert: ' pasted' }, userEvent: 'input.paste' }),
  }
  const editor = new WritingEditor({
    parent: {} as HTMLElement,
    role: 'write',
    version: 0,
    text: 'one',
    start: null,
    placeholder: '',
    features: [atEnd],
    push,
    reload: async () => ({ ok: true, value: { version: 0, text: 'one' } }),
    onProgress: () => undefined,
    onUnsent: () => undefined,
  })
  const kept = editor.keep()
  await editor.close()
  expect(push).toHaveBeenCalled()
  expect(kept.text.toString()).toBe('one pasted')
  let { state } = startState('one pasted', kept, history())
  undo({ state, dispatch: (transaction) => (state = transaction.state) })
  expect(state.doc.toString()).toBe('one')
})
