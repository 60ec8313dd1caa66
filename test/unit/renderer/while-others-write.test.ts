import { EditorState, type TransactionSpec } from '@codemirror/state'
import { EditorView, type ViewUpdate } from '@codemirror/view'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EditorFeature, EditorSession } from '../../../renderer/editor/extension'
import { Outline, outline } from '../../../renderer/features/outline/outline.svelte'
import { DocumentLinks, documentLinks } from '../../../renderer/features/wiki-links/document-links.svelte'
import { type Counts, wordCount } from '../../../renderer/features/word-count/word-count'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A view of a text without a page, with one feature. */
class Desk {
  state: EditorState
  readonly documentTop = 0
  readonly scrollDOM = {
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    getBoundingClientRect: () => ({ top: 0, bottom: 100 }),
  }
  private readonly listeners: (() => void)[] = []
  readonly end: (() => void) | undefined

  constructor(doc: string, feature: EditorFeature) {
    this.state = EditorState.create({ doc, extensions: feature.extension ?? [] })
    const on = (name: string, listener: () => void) => {
      if (name === 'text') this.listeners.push(listener)
      return () => undefined
    }
    this.end = feature.attach?.(this as unknown as EditorView, { on } as unknown as EditorSession)
  }

  lineBlockAt() {
    return { top: 0, bottom: 20 }
  }

  apply(spec: TransactionSpec): void {
    const { state, changes, docChanged, selection } = this.state.update(spec)
    this.state = state
    const update = { docChanged, changes, selectionSet: selection !== undefined }
    for (const listener of state.facet(EditorView.updateListener)) listener(update as unknown as ViewUpdate)
    if (docChanged) for (const listener of this.listeners) listener()
  }

  /** Inserts a letter at the end each 100 ms, for 3 s. */
  async othersWrite(): Promise<void> {
    for (let key = 0; key < 30; key++) {
      this.apply({ changes: { from: this.state.doc.length, insert: 'x' } })
      await vi.advanceTimersByTimeAsync(100)
    }
  }
}

it('words of a selection are counted while others write', async () => {
  const reports: Counts[] = []
  const desk = new Desk(
    'one two three four',
    wordCount((counts) => reports.push(counts)),
  )
  desk.apply({ selection: { anchor: 0, head: 13 } })
  await desk.othersWrite()
  expect(reports.at(-1)?.selected).toBe(3)
  desk.apply({ selection: { anchor: 0 } })
  expect(reports.at(-1)?.selected).toBeNull()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(reports.at(-1)?.selected).toBeNull()
  desk.end?.()
})

it('headings are read while others write', async () => {
  const kept = new Outline()
  const desk = new Desk(
    '# One',
    outline(() => kept),
  )
  const stop = kept.watch()
  await vi.advanceTimersByTimeAsync(10)
  expect(kept.headings?.map(({ words }) => words)).toEqual(['One'])
  desk.apply({ changes: { from: 0, insert: 'before\n\n' } })
  desk.apply({ changes: { from: desk.state.doc.length, insert: '\n\n# Two' } })
  await desk.othersWrite()
  expect(kept.headings?.map(({ from }) => from)).toEqual([8, 15])
  expect(kept.headings?.at(-1)?.words).toMatch(/^Twox+$/)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(kept.headings?.at(-1)?.words).toBe(`Two${'x'.repeat(30)}`)
  stop()
  expect(kept.headings).toBeNull()
  desk.end?.()
})

it('links are read while others write', async () => {
  const kept = new DocumentLinks()
  const desk = new Desk(
    '[[One]]\n\n',
    documentLinks(() => kept),
  )
  const stop = kept.watch()
  const targets = () => kept.targets?.map(({ target }) => target)
  await vi.advanceTimersByTimeAsync(10)
  expect(targets()).toEqual(['One'])
  desk.apply({ changes: { from: desk.state.doc.length, insert: '[[Two]] ' } })
  await desk.othersWrite()
  expect(targets()).toEqual(['One', 'Two'])
  desk.apply({ changes: { from: 0, to: 9 } })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(targets()).toEqual(['Two'])
  stop()
  expect(targets()).toBeUndefined()
  desk.end?.()
})
