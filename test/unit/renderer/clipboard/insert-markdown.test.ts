import { history, undo } from '@codemirror/commands'
import { EditorSelection, EditorState, type TransactionSpec } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { insertMarkdown, pasteStep } from '../../../../renderer/features/clipboard/insert-markdown'
import { isFromCodeEditor, isInCode, linkEdits } from '../../../../renderer/features/clipboard/paste'
import { markdownSupport } from '../../../../renderer/features/markdown/markdown'

/** A state of a text where '‸' is the caret, or two of them are the ends of a selection; pairs for several. */
function begin(marked: string, several = false): EditorState {
  const parts = marked.split('‸')
  const places = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('').length)
  const [first = 0, second = first] = places
  return EditorState.create({
    doc: parts.join(''),
    selection: several
      ? EditorSelection.create(places.map((place) => EditorSelection.cursor(place)))
      : EditorSelection.single(first, second),
    extensions: [markdownSupport, history(), EditorState.allowMultipleSelections.of(true)],
  })
}

/** A text with '‸' at its carets. */
function show({ doc, selection }: EditorState): string {
  let text = doc.toString()
  for (const { head } of [...selection.ranges].reverse()) text = `${text.slice(0, head)}‸${text.slice(head)}`
  return text
}

const apply = (state: EditorState, spec: TransactionSpec) => state.update(spec).state

const words = { markdown: '**x**', startsInline: true, endsInline: true }
const heading = { markdown: '# H', startsInline: false, endsInline: false }
const list = { markdown: '- one\n  - in\n- two', startsInline: false, endsInline: false }
const both = { markdown: 'a\n\n- b', startsInline: true, endsInline: false }

describe('pasted Markdown', () => {
  it.each([
    ['one ‸two', words, 'one **x**‸two'],
    ['one ‸two‸ three', words, 'one **x**‸ three'],
    ['one‸', heading, 'one\n\n# H‸'],
    ['one‸two', heading, 'one\n\n# H\n\n‸two'],
    ['‸two', heading, '# H\n\n‸two'],
    ['one\n‸', heading, 'one\n\n# H‸'],
    ['‸\ntwo', heading, '# H\n‸\ntwo'],
    ['one ‸', both, 'one a\n\n- b‸'],
    ['- ‸', list, '- one\n  - in\n- two‸'],
    ['- [ ] ‸', { ...list, markdown: '- [x] one\n- two' }, '- [ ] one\n- two‸'],
    ['- ‸', { ...list, markdown: '- [x] one' }, '- [x] one‸'],
    ['- item ‸', words, '- item **x**‸'],
    ['- item‸', list, '- item\n\n  - one\n    - in\n  - two‸'],
    ['> quoted ‸', both, '> quoted a\n>\n> - b‸'],
    ['> - ‸', both, '> - a\n>\n>   - b‸'],
  ])('into %j', (before, pasted, after) => {
    const state = begin(before)
    const { from, to } = state.selection.main
    expect(show(apply(state, insertMarkdown(state, [{ from, to }], pasted)))).toBe(after)
  })

  it('comes to several carets as CodeMirror does it: a line to each, or all to each', () => {
    const state = begin('a‸ b‸', true)
    const lines = { markdown: '1\n2', startsInline: true, endsInline: true }
    expect(show(apply(state, insertMarkdown(state, state.selection.ranges, lines)))).toBe('a1‸ b2‸')
    expect(show(apply(state, insertMarkdown(state, state.selection.ranges, words)))).toBe('a**x**‸ b**x**‸')
  })

  it('is one step for undo, apart from what is typed before and behind it', () => {
    let state = begin('‸')
    const dispatch = (spec: TransactionSpec) => {
      state = apply(state, spec)
    }
    const type = (insert: string) =>
      dispatch({ changes: { from: state.doc.length, insert }, userEvent: 'input.type' })
    type('a')
    dispatch(insertMarkdown(state, [{ from: 1, to: 1 }], words))
    type('b')
    for (const expected of ['a**x**', 'a', '']) {
      undo({ state, dispatch: (transaction) => (state = transaction.state) })
      expect(state.doc.toString()).toBe(expected)
    }
  })
})

describe('an address pasted over words', () => {
  const pasted = (marked: string, address: string): string | null => {
    const state = begin(marked)
    const edits = linkEdits(state, address)
    return edits && show(apply(state, pasteStep(state, edits, state.selection.ranges)))
  }

  it.each([
    ['read ‸this‸ now', 'https://e.org/a_b', 'read [this](https://e.org/a_b)‸ now'],
    ['read ‸this‸', 'https://e.org/(a)', 'read [this](<https://e.org/(a)>)‸'],
    ['‸me‸', 'mailto:a@e.org', '[me](mailto:a@e.org)‸'],
    ['‸**me**‸', 'https://e.org', '[**me**](https://e.org)‸'],
  ])('makes a link of %j', (marked, address, after) => expect(pasted(marked, address)).toBe(after))

  it.each([
    ['read ‸', 'https://e.org'],
    ['‸one\n\ntwo‸', 'https://e.org'],
    ['‸this‸', 'javascript:alert(1)'],
    ['‸this‸', 'https://e.org and more'],
    ['‸https://old.org/‸', 'https://e.org'],
    ['[words](‸https://old.org‸)', 'https://e.org'],
    ['[‸words‸](https://old.org)', 'https://e.org'],
    ['`co‸d‸e`', 'https://e.org'],
    ['```\n‸code‸\n```', 'https://e.org'],
  ])('replaces %j as any text does', (marked, address) => expect(pasted(marked, address)).toBeNull())
})

describe('code', () => {
  it.each([
    ['```\na‸\n```', true],
    ['```js\n‸', true],
    ['```\na\n```\n‸', false],
    ['`a‸b`', true],
    ['`ab`‸', false],
    ['‸`ab`', false],
    ['    a‸b', true],
    ['words‸', false],
    ['---\na: ‸b\n---\n', true],
  ])('is around the caret in %j: %j', (marked, is) => expect(isInCode(begin(marked))).toBe(is))

  it.each([
    [
      `<meta charset='utf-8'><div style="color: #d4d4d4;background-color: #1e1e1e;font-family: 'Droid Sans Mono', 'monospace', monospace;font-weight: normal;font-size: 14px;line-height: 19px;white-space: pre;"><div><span style="color: #569cd6;">const</span></div></div>`,
      [],
      true,
    ],
    ['<b>x</b>', ['text/plain', 'text/html', 'vscode-editor-data'], true],
    [
      `<html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body><pre style="background-color:#2b2b2b;color:#a9b7c6;font-family:'JetBrains Mono',monospace;font-size:9.8pt;">val a</pre></body></html>`,
      [],
      true,
    ],
    ['<pre><code>x</code></pre>', ['text/plain', 'text/html'], false],
    [`<p style="font-family: monospace">x</p>`, [], false],
  ])('is known by the editor that copied it: %j', (html, types, is) =>
    expect(isFromCodeEditor(html, types)).toBe(is),
  )
})
