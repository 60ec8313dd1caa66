import { syntaxTree } from '@codemirror/language'
import { EditorState, type Extension, type TransactionSpec } from '@codemirror/state'
import { EditorView, type WidgetType } from '@codemirror/view'
import { describe, expect, it } from 'vitest'
import { frontMatter } from '../../../../renderer/features/front-matter/front-matter'
import { markdownSupport } from '../../../../renderer/features/markdown/markdown'
import { math } from '../../../../renderer/features/math/math'
import { isSmall } from '../../../../renderer/features/tables/limits'
import { tables } from '../../../../renderer/features/tables/tables'
import { type Random, randomFrom } from '../../../support/random'
import { parsed } from '../live/shown'

const table = '| a | b |\n| - | - |\n| c | d |'

function stateOf(doc: string, anchor: number, readOnly = false, more: Extension = []): EditorState {
  const state = EditorState.create({
    doc,
    selection: { anchor },
    extensions: [
      markdownSupport,
      tables(
        () => undefined,
        () => undefined,
      ).extension ?? [],
      EditorState.readOnly.of(readOnly),
      more,
    ],
  })
  return parsed(state)
}

interface Drawn {
  readonly from: number
  readonly text: string
  readonly widget: WidgetType
}

/** The blocks that are drawn in place of their source. */
function drawn(state: EditorState): Drawn[] {
  const found: Drawn[] = []
  for (const set of state.facet(EditorView.decorations)) {
    if (typeof set === 'function') continue
    set.between(0, state.doc.length, (from, to, { spec }) => {
      found.push({ from, text: state.sliceDoc(from, to), widget: (spec as { widget: WidgetType }).widget })
    })
  }
  return found
}

const texts = (state: EditorState) => drawn(state).map(({ text }) => text)
const changed = (state: EditorState, change: TransactionSpec) => state.update(change).state

describe('a table', () => {
  const doc = `x\n\n${table}\n\ny`

  it('is drawn while the caret is outside', () => {
    expect(texts(stateOf(doc, 0))).toEqual([table])
    expect(texts(stateOf(doc, doc.length))).toEqual([table])
    for (const offset of [3, 10, 3 + table.length]) expect(texts(stateOf(doc, offset))).toEqual([])
    expect(texts(stateOf(doc, 10, true))).toEqual([table])
  })

  it('is drawn while all of it is selected', () => {
    const all = changed(stateOf(doc, 0), { selection: { anchor: 0, head: doc.length } })
    expect(texts(all)).toEqual([table])
  })

  it('stays as it is while the pointer selects, and shows its source after that', () => {
    const held = changed(stateOf(doc, 0), { selection: { anchor: 10 }, userEvent: 'select.pointer' })
    expect(texts(held)).toEqual([table])
    expect(texts(changed(held, {}))).toEqual([])
  })

  it('is the same widget after a change elsewhere, and another after one within', () => {
    const before = stateOf(doc, 0)
    const elsewhere = changed(before, { changes: { from: 0, insert: 'more\n\n' } })
    expect(drawn(elsewhere)[0]?.from).toBe(9)
    expect(drawn(elsewhere)[0]?.widget).toBe(drawn(before)[0]?.widget)
    const within = changed(before, { changes: { from: 5, insert: '!' } })
    const [was, is] = [drawn(before)[0]?.widget, drawn(within)[0]?.widget]
    expect(was && is?.eq(was)).toBe(false)
  })

  it('stays drawn beyond the part of a text that is parsed', () => {
    const before = stateOf(`x\n\n${table}\n\ny`, 0)
    expect(texts(before)).toEqual([table])
    // Takes longer to parse than a key may.
    const long = 'words and *more* words\n\n'.repeat(100_000)
    const after = changed(before, { changes: { from: 0, insert: long } })
    expect(syntaxTree(after).length).toBeLessThan(long.length)
    expect(texts(after)).toEqual([table])
  })

  it('goes with its text', () => {
    const state = changed(stateOf(doc, 0), { changes: { from: 2, to: 4 + table.length } })
    expect(drawn(state)).toEqual([])
  })

  it('is drawn within bounds only', () => {
    const lines = (rows: number, columns: number) =>
      Array.from({ length: rows + 2 }, () => `|${' x |'.repeat(columns)}`)
    expect(isSmall(lines(200, 4))).toBe(true)
    expect(isSmall(lines(40, 20))).toBe(true)
    expect(isSmall(lines(201, 2))).toBe(false)
    expect(isSmall(lines(2, 21))).toBe(false)
    expect(isSmall(lines(150, 15))).toBe(false)
    const many = stateOf(`${`${table}\n\n`.repeat(2_000)}x`, 0)
    expect(drawn(many).length).toBe(499)
  })
})

describe('blocks that are drawn after edits', () => {
  const pieces = [
    ...['---\n', 'a: b\n', '---\na: b\n---\n', '\n', '\n\n', 'word', 'word\n', '$$', '$$\n', '$$x$$\n', ' '],
    ...['| a | b |\n', '| - | - |\n', `${table}\n`, '|', '> ', '- ', '    ', '```\n'],
  ]
  const kinds = [frontMatter.extension ?? [], math.extension ?? []]

  function randomEdit(random: Random, { doc }: EditorState): TransactionSpec {
    const line = doc.line(1 + random.below(doc.lines))
    const from = random.chance(0.6) ? line.from : random.below(doc.length + 1)
    const to = random.chance(0.5) ? from : Math.min(doc.length, from + random.below(20))
    return { changes: { from, to, insert: random.chance(0.3) ? '' : random.pick(pieces) } }
  }

  it('are those of a fresh reading', () => {
    let seen = 0
    for (let seed = 0; seed < 120; seed++) {
      const random = randomFrom(seed)
      const text = Array.from({ length: 2 + random.below(8) }, () => random.pick(pieces)).join('')
      let state = stateOf(text, 0, true, kinds)
      for (let step = 0; step < 6; step++) {
        state = parsed(changed(state, randomEdit(random, state)))
        const fresh = drawn(stateOf(state.sliceDoc(), 0, true, kinds))
        const shown = drawn(state)
        seen += fresh.length
        expect(shown.map(({ from, text }) => ({ from, text }))).toEqual(
          fresh.map(({ from, text }) => ({ from, text })),
        )
        for (const [index, { widget }] of shown.entries()) expect(fresh[index]?.widget.eq(widget)).toBe(true)
      }
    }
    expect(seen).toBeGreaterThan(200)
  })
})
