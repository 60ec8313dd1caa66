import { history } from '@codemirror/commands'
import { ensureSyntaxTree, foldEffect, foldedRanges } from '@codemirror/language'
import { EditorState, Transaction, type TransactionSpec } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { describe, expect, it } from 'vitest'
import { foldAt, foldsAround, isFoldable } from '../../../renderer/features/folding/foldable'
import { folding } from '../../../renderer/features/folding/folding'
import { markdownSupport } from '../../../renderer/features/markdown/markdown'

const text = [
  '# One',
  'words',
  '## Two',
  'more',
  '- item',
  '  - child',
  '    - grandchild',
  '- lone',
  '',
  'Three',
  '===',
  'last',
  '# Empty',
].join('\n')

function stateOf(doc = text) {
  const start = EditorState.create({ doc, extensions: [markdownSupport, history(), folding.extension ?? []] })
  const tree = ensureSyntaxTree(start, doc.length, 5_000) ?? expect.fail()
  // A state shows what was read of its text from the next transaction on.
  return { state: start.update({}).state, tree }
}

const folded = (state: EditorState) => {
  const found: string[] = []
  foldedRanges(state).between(0, state.doc.length, (from, to) => void found.push(state.sliceDoc(from, to)))
  return found
}

/** The state of the text with what is below a line folded. */
function foldedAt(number: number) {
  const { state, tree } = stateOf()
  const fold = foldAt(state, state.doc.line(number), tree) ?? expect.fail()
  return { fold, state: state.update({ effects: foldEffect.of(fold) }).state }
}

describe('folding', () => {
  it('takes the section of a heading, and the children of a list item', () => {
    const { state, tree } = stateOf()
    const found = Array.from({ length: state.doc.lines }, (_, index) => {
      const line = state.doc.line(index + 1)
      const fold = foldAt(state, line, tree)
      expect(isFoldable(state, line), line.text).toBe(fold !== null)
      return fold && state.sliceDoc(fold.from, fold.to)
    })
    const list = '\n- item\n  - child\n    - grandchild\n- lone'
    const below = `\nwords\n## Two\nmore${list}`
    expect(found).toEqual([
      below,
      null,
      `\nmore${list}`,
      null,
      '\n  - child\n    - grandchild',
      '\n    - grandchild',
      null,
      null,
      null,
      '\nlast',
      null,
      null,
      null,
    ])
  })

  it('finds what is around the caret, the innermost first', () => {
    const { state, tree } = stateOf()
    const around = (words: string) =>
      foldsAround(state, text.indexOf(words), tree).map(({ from }) => state.doc.lineAt(from).text)
    expect(around('grandchild')).toEqual(['  - child', '- item', '## Two', '# One'])
    expect(around('lone')).toEqual(['## Two', '# One'])
    expect(around('words')).toEqual(['# One'])
    expect(around('last')).toEqual(['==='])
  })

  it('folds where the caret was, though it moves on while the text is read', async () => {
    const doc = `# One\nwords\n# Two\nmore\n# Long\n${'- item with *words*\n'.repeat(10_000)}`
    const extensions = [markdownSupport, folding.extension ?? []]
    const state = EditorState.create({ doc, extensions, selection: { anchor: doc.indexOf('Two') } })
    const view = {
      state,
      dom: { isConnected: true },
      dispatch(spec: TransactionSpec) {
        this.state = this.state.update(spec).state
      },
    }
    folding.commands?.fold?.(view as unknown as EditorView)
    expect(folded(view.state)).toEqual([])
    view.dispatch({ selection: { anchor: 0 } })
    await expect.poll(() => folded(view.state)).toEqual(['\nmore'])
  })

  it('stays when others edit in it, and opens for the caret and for a match', () => {
    const { fold, state } = foldedAt(3)
    const remote = Transaction.remote.of(true)
    const edited = state.update({
      changes: { from: fold.from + 3, insert: 'theirs\n' },
      annotations: remote,
    }).state
    expect(folded(edited)).toHaveLength(1)
    const above = edited.update({ changes: { from: 0, insert: 'above\n\n' }, annotations: remote }).state
    expect(folded(above)).toEqual([expect.stringMatching(/^\nmotheirs\nre/)])
    expect(folded(above.update({ selection: { anchor: 2 } }).state)).toHaveLength(1)
    expect(folded(above.update({ selection: { anchor: above.doc.length - 30 } }).state)).toHaveLength(0)
    const match = { anchor: fold.to - 4, head: fold.to }
    expect(folded(state.update({ selection: match, userEvent: 'select' }).state)).toHaveLength(1)
    expect(folded(state.update({ selection: match, userEvent: 'select.search' }).state)).toHaveLength(0)
  })

  it('opens for a line that is begun at its edge here, not by others', () => {
    const { fold, state } = foldedAt(3)
    const changes = { from: fold.from, insert: '\nnew' }
    expect(folded(state.update({ changes, userEvent: 'input' }).state)).toHaveLength(0)
    expect(folded(state.update({ changes, annotations: Transaction.remote.of(true) }).state)).toHaveLength(1)
    expect(folded(state.update({ changes: { from: fold.from, insert: '!' } }).state)).toHaveLength(1)
  })
})
