import { collab, getSyncedVersion, sendableUpdates } from '@codemirror/collab'
import { history, historyField, redo, undo } from '@codemirror/commands'
import { codeFolding, foldEffect, foldedRanges } from '@codemirror/language'
import { EditorSelection, EditorState, Text, Transaction, type TransactionSpec } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { type KeptEditor, startState } from '../../../renderer/editor/kept-editor'
import { KeptEditors } from '../../../renderer/features/document/kept-editors'
import { type Random, randomFrom } from '../../support/random'
import { kept as left } from './border'

const runs = process.env.SWARMPAD_SEED
  ? [Number(process.env.SWARMPAD_SEED)]
  : Array.from({ length: Number(process.env.SWARMPAD_RUNS ?? 400) }, (_, seed) => seed)

const extensions = () => [collab({ clientID: 'here' }), history({ newGroupDelay: 0 }), codeFolding()]

/** A state that is changed in place, as a view's is. */
class Typist {
  constructor(public state: EditorState) {}

  readonly dispatch = (transaction: Transaction): void => {
    this.state = transaction.state
  }

  own(spec: TransactionSpec): void {
    this.dispatch(this.state.update({ ...spec, userEvent: 'input' }))
  }

  others(changes: TransactionSpec['changes']): void {
    const annotations = [Transaction.remote.of(true), Transaction.addToHistory.of(false)]
    this.dispatch(this.state.update({ ...(changes ? { changes } : {}), annotations }))
  }

  undoAll(): void {
    while (undo(this));
  }

  redoAll(): void {
    while (redo(this));
  }

  get text(): string {
    return this.state.doc.toString()
  }

  /** Each word once, since words are unique, in no order. */
  get words(): string[] {
    return this.text.split(/\s+/).filter(Boolean).sort()
  }

  leave(): KeptEditor {
    const { doc: text, selection } = this.state
    const folds: KeptEditor['folds'] = []
    foldedRanges(this.state).between(0, text.length, (from, to) => void folds.push([from, to]))
    return {
      text,
      selection,
      history: this.state.field(historyField),
      folds,
      top: { offset: 0, distance: 0 },
    }
  }
}

const base = Array.from({ length: 60 }, (_, index) => `base${index}${index % 7 === 6 ? '\n' : ' '}`).join('')

/** An edit of whole words: one is inserted before another, or some are deleted. */
function wordEdit(random: Random, text: string, word: string) {
  const starts = [...text.matchAll(/\S+\s*/g)].map(({ index, 0: { length } }) => ({
    from: index,
    to: index + length,
  }))
  const at = starts.length > 0 ? random.pick(starts) : { from: 0, to: 0 }
  return random.chance(0.3) ? { ...at, insert: '' } : { from: at.from, insert: `${word} ` }
}

describe('a document that was left and is shown again', () => {
  it.each(runs.map((seed) => [seed]))(
    'undo and redo are those of an editor that stayed (seed %i)',
    (seed) => {
      const random = randomFrom(seed)
      const stayed = new Typist(EditorState.create({ doc: base, extensions: extensions() }))
      for (let step = 0; step < 20; step++) {
        if (random.chance(0.6)) stayed.own({ changes: wordEdit(random, stayed.text, `own${step}`) })
        else stayed.others(wordEdit(random, stayed.text, `peer${step}`))
      }
      const kept = stayed.leave()
      for (let step = 20; step < 30; step++) stayed.others(wordEdit(random, stayed.text, `peer${step}`))
      const back = new Typist(startState(stayed.text, kept, extensions()).state)
      expect(back.text).toBe(stayed.text)
      expect(sendableUpdates(back.state)).toEqual([])
      const present = back.words.filter((word) => word.startsWith('peer'))
      for (const typist of [back, stayed]) typist.undoAll()
      expect(back.words).toEqual(stayed.words)
      expect(back.words.filter((word) => word.startsWith('own'))).toEqual([])
      expect(back.words).toEqual(expect.arrayContaining(present))
      for (const typist of [back, stayed]) typist.redoAll()
      expect(back.words).toEqual(stayed.words)
      // Undoing there is an edit like any other, for the main process too.
      expect(sendableUpdates(back.state).length).toBeGreaterThan(0)
    },
  )

  it('caret, folds and the top of sight stand where they stood in the text', () => {
    const typist = new Typist(
      EditorState.create({ doc: '# One\nfirst\n# Two\nsecond\n', extensions: extensions() }),
    )
    typist.own({ selection: { anchor: 20, head: 22 }, effects: foldEffect.of({ from: 5, to: 11 }) })
    const kept = { ...typist.leave(), top: { offset: 12, distance: -7 } }
    const { state, scrollTo } = startState('# Zero\n# One\nvery first\n# Two\nsecond\n', kept, extensions())
    expect([state.selection.main.anchor, state.selection.main.head]).toEqual([32, 34])
    expect(foldedRanges(state).iter()).toMatchObject({ from: 12, to: 23 })
    expect(scrollTo?.value).toMatchObject({ range: { head: 24 }, y: 'start', yMargin: -7 })
    expect(getSyncedVersion(state)).toBe(1)
  })

  it('a place from another text is brought into the bounds of this one', () => {
    const place = {
      anchor: 900,
      head: 3,
      top: { offset: 700, distance: 0 },
      folds: [
        [1, 2],
        [2, 2],
        [3, 9],
      ],
    }
    const { state, scrollTo } = startState('words', place as never, extensions())
    expect([state.selection.main.anchor, state.selection.main.head]).toEqual([5, 3])
    expect(foldedRanges(state).size).toBe(1)
    expect(scrollTo?.value).toMatchObject({ range: { head: 5 } })
  })

  it('a text that is replaced as a whole takes no long time', () => {
    const text = (seed: number) => {
      const random = randomFrom(seed)
      return Array.from({ length: 150_000 }, () => `w${random.below(500)}`).join(' ')
    }
    const before = new Typist(EditorState.create({ doc: text(1), extensions: extensions() }))
    const start = performance.now()
    const { state } = startState(text(2), before.leave(), extensions())
    expect(state.doc.toString()).toBe(text(2))
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})

it('the documents in tabs are kept, and ten others, those that were left last', () => {
  const editors = new KeptEditors((id) => id === 'tab')
  editors.keep('tab', left)
  for (let index = 0; index < 12; index++) editors.keep(`${index}`, left)
  editors.keep('2', { ...left, selection: EditorSelection.single(1) })
  editors.keep('12', left)
  expect(Array.from({ length: 13 }, (_, index) => editors.of(`${index}`) !== null)).toEqual([
    false,
    false,
    true,
    false,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
    true,
  ])
  expect(editors.of('2')?.selection.main.head).toBe(1)
  expect(editors.of('tab')).not.toBeNull()
})

it('texts that are long together are kept as far as they go, the newest first', () => {
  const textOf = (size: number) => Text.of(['x'.repeat(size * 1024 * 1024)])
  const editors = new KeptEditors(() => true)
  for (const id of ['one', 'two', 'three']) editors.keep(id, { ...left, text: textOf(30) })
  expect(['one', 'two', 'three'].map((id) => editors.of(id) !== null)).toEqual([false, true, true])
  editors.keep('four', { ...left, text: textOf(90) })
  expect(['two', 'three', 'four'].map((id) => editors.of(id) !== null)).toEqual([false, false, true])
})
