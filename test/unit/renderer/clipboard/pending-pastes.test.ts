import { history, undo } from '@codemirror/commands'
import { EditorSelection, EditorState, Transaction, type TransactionSpec } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { leavingPage } from '../../../../renderer/editor/extension'
import { clipboard } from '../../../../renderer/features/clipboard/paste'
import { type PasteEditor, PendingPastes } from '../../../../renderer/features/clipboard/pending-pastes'
import { markdownSupport } from '../../../../renderer/features/markdown/markdown'

/** A person who pastes and types, in a state that is changed in place as a view's is. */
class Typist implements PasteEditor {
  state = EditorState.create({
    extensions: [markdownSupport, history(), EditorState.allowMultipleSelections.of(true)],
  })
  readonly pastes = new PendingPastes()

  constructor(doc: string, ...ranges: (readonly [number, number])[]) {
    this.dispatch({ changes: { from: 0, insert: doc }, annotations: Transaction.addToHistory.of(false) })
    this.dispatch({
      selection: EditorSelection.create(ranges.map(([from, to]) => EditorSelection.range(from, to))),
    })
  }

  readonly dispatch = (spec: TransactionSpec): void => this.apply(this.state.update(spec))

  private apply(transaction: Transaction): void {
    this.state = transaction.state
    if (transaction.docChanged)
      this.pastes.follow(transaction.changes, !transaction.annotation(Transaction.remote))
  }

  paste(plain = ''): (markdown: string) => void {
    const paste = this.pastes.begin(this, plain)
    return (markdown) => this.pastes.put(this, paste, { markdown, startsInline: true, endsInline: true })
  }

  type(text: string): void {
    this.dispatch({ ...this.state.replaceSelection(text), userEvent: 'input.type' })
  }

  undo(): void {
    undo({ state: this.state, dispatch: (transaction) => this.apply(transaction) })
  }

  get text(): string {
    return this.state.doc.toString()
  }
}

describe('words that are typed before a paste is there', () => {
  it('stand behind it, in place of the selected text', () => {
    const ada = new Typist('say word now', [4, 8])
    const answer = ada.paste()
    ada.type('typed')
    answer('PASTED ')
    expect(ada.text).toBe('say PASTED typed now')
    ada.type(' on')
    expect(ada.text).toBe('say PASTED typed on now')
    for (const text of ['say PASTED typed now', 'say typed now', 'say  now', 'say word now']) {
      ada.undo()
      expect(ada.text).toBe(text)
    }
  })

  it('go on after it at the caret', () => {
    const ada = new Typist('say ', [4, 4])
    const answer = ada.paste()
    ada.type(' and')
    answer('PASTED')
    ada.type(' more')
    expect(ada.text).toBe('say PASTED and more')
  })

  it('of others stand behind it too, and leave the caret to it', () => {
    const ada = new Typist('say ', [4, 4])
    const answer = ada.paste()
    ada.dispatch({ changes: { from: 4, insert: ' theirs' }, annotations: Transaction.remote.of(true) })
    answer('PASTED')
    ada.type('!')
    expect(ada.text).toBe('say PASTED! theirs')
  })

  it('leave a caret that went elsewhere where it is', () => {
    const ada = new Typist('say word now', [4, 8])
    const answer = ada.paste()
    ada.dispatch({ selection: { anchor: 0 } })
    answer('PASTED')
    ada.type('I ')
    expect(ada.text).toBe('I say PASTED now')
  })
})

describe('a paste', () => {
  it('follows one that began earlier, whichever is there first', () => {
    for (const first of [0, 1]) {
      const ada = new Typist('say word now', [4, 8])
      const answers = [ada.paste(), ada.paste()].map((answer, index) => () => answer(`P${index}`))
      answers[first]?.()
      answers[1 - first]?.()
      expect(ada.text).toBe('say P0P1 now')
      ada.type('!')
      expect(ada.text).toBe('say P0P1! now')
    }
  })

  it('is one step for undo with the removal of what it replaced, which is selected again', () => {
    const ada = new Typist('say word now', [4, 8])
    ada.paste()('PASTED')
    expect(ada.text).toBe('say PASTED now')
    ada.undo()
    expect(ada.text).toBe('say word now')
    expect(ada.state.selection.main).toMatchObject({ from: 4, to: 8 })
  })

  it('comes to each of several selections', () => {
    const ada = new Typist('one two', [0, 3], [4, 7])
    const answer = ada.paste()
    ada.type('!')
    answer('x')
    expect(ada.text).toBe('x! x!')
  })

  it('without text gives back what it replaced', () => {
    const ada = new Typist('say word now', [4, 8])
    ada.paste()('')
    expect(ada.text).toBe('say word now')
  })

  it('is put in as plain text when the document is left; one that has none is named', () => {
    const ada = new Typist('say word now', [4, 8])
    ada.paste('plain')
    const none = ada.pastes.beginAt(0)
    expect(ada.pastes.leave(ada)).toEqual([none])
    expect(ada.text).toBe('say plain now')
    expect(ada.pastes.leave(ada)).toEqual([])
  })
})

describe('a document that is left while something is converted', () => {
  /** A thread that never answers. */
  class Busy extends EventTarget {
    postMessage(): void {}
    terminate(): void {}
  }
  beforeEach(() => {
    vi.stubGlobal('window', new EventTarget())
    vi.stubGlobal('Worker', Busy)
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  function begin(typist: Typist) {
    const handlers = vi.spyOn(EditorView, 'domEventHandlers')
    const told: string[] = []
    const { attach } = clipboard({
      openFiles: () => undefined,
      readFiles: () => new Promise(() => undefined),
      tell: (message) => told.push(message),
    })
    const view = Object.assign(typist, { posAtCoords: () => 0 }) as unknown as EditorView
    const end = attach?.(view, undefined as never)
    const { paste, drop } = handlers.mock.calls.at(-1)?.[0] ?? {}
    return {
      told,
      end,
      paste: (data: Record<string, string>) => {
        const clipboardData = {
          files: [],
          types: Object.keys(data),
          getData: (type: string) => data[type] ?? '',
        }
        paste?.call(undefined, { clipboardData } as unknown as ClipboardEvent, view)
      },
      drop: () => {
        const event = { dataTransfer: { files: [{}] }, altKey: true, stopPropagation: () => undefined }
        drop?.call(undefined, event as unknown as DragEvent, view)
      },
    }
  }
  const formatted = { 'text/html': '<b>x</b>', 'text/plain': 'plain' }

  it('has the paste as plain text as soon as the window wants to close', () => {
    const ada = new Typist('say word now', [4, 8])
    const { paste, end, told } = begin(ada)
    paste(formatted)
    expect(ada.text).toBe('say  now')
    window.dispatchEvent(new Event(leavingPage))
    expect(ada.text).toBe('say plain now')
    end?.()
    expect(ada.text).toBe('say plain now')
    expect(told).toEqual([])
  })

  it('has it when another document is shown', () => {
    const ada = new Typist('say ', [4, 4])
    const { paste, end } = begin(ada)
    paste(formatted)
    end?.()
    expect(ada.text).toBe('say plain')
  })

  it('says that a file, and a paste that has no plain text, was not put in', () => {
    for (const act of ['drop', 'paste'] as const) {
      const ada = new Typist('say word now', [4, 8])
      const { [act]: begins, end, told } = begin(ada)
      begins({ 'text/html': '<b>x</b>' })
      end?.()
      expect(ada.text).toBe('say word now')
      expect(told).toEqual([expect.stringContaining('was not put in')])
    }
  })
})
