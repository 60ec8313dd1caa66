import { EditorState, Text, type TransactionSpec } from '@codemirror/state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inSlices } from '../../../renderer/editor/slices'
import { countLine } from '../../../renderer/features/word-count/count-line'
import { countIn, wordsBetween } from '../../../renderer/features/word-count/count-words'
import { WordTotal } from '../../../renderer/features/word-count/word-total'

/** Does all of the work; returns its result and how many pieces it took. */
function finish(work: Generator<undefined, number>): { words: number; pieces: number; longest: number } {
  let [pieces, longest] = [0, 0]
  for (;;) {
    const start = performance.now()
    const { done, value } = work.next()
    longest = Math.max(longest, performance.now() - start)
    if (done) return { words: value, pieces, longest }
    pieces++
  }
}

const countAll = (doc: Text) => finish(wordsBetween(doc, 0, doc.length)).words

describe('words', () => {
  it('have marks, apostrophes and hyphens inside, and no punctuation', () => {
    expect(countIn('')).toBe(0)
    expect(countIn('# A title\n\n- one, two — three!')).toBe(5)
    expect(countIn('don’t well-known naïve e\u0301te\u0301 42')).toBe(5)
  })

  it('are found by a dictionary where a script has no blanks', () => {
    expect(countIn('слово 日本語を書く')).toBe(4)
    expect(countIn('我们在公园里写字')).toBeGreaterThan(3)
    expect(countIn('한국어 문장')).toBe(2)
  })

  it('are the same in pieces, which are short whatever the text', () => {
    const line = 'The caretaker wants the key back by midnight. '
    const texts = [
      Text.of([line.repeat(20_000)]),
      Text.of(Array.from({ length: 20_000 }, () => line)),
      Text.of(['']),
    ]
    for (const [index, doc] of texts.entries()) {
      const { words, pieces } = finish(wordsBetween(doc, 0, doc.length))
      expect(words).toBe(index === 2 ? 0 : 160_000)
      expect(pieces).toBeGreaterThan(index === 2 ? -1 : 100)
    }
    // One word without end, one blank without end, and a script without blanks.
    for (const long of ['a'.repeat(300_000), ' '.repeat(300_000), '我们在公园里写字'.repeat(20_000)]) {
      const { pieces } = finish(wordsBetween(Text.of([long]), 0, long.length))
      expect(pieces).toBeGreaterThan(15)
    }
  })

  it('are counted in slices that end when nobody waits any more', async () => {
    const doc = Text.of(Array.from({ length: 20_000 }, () => 'one two three'))
    expect(await inSlices(wordsBetween(doc, 0, doc.length), () => false)).toBe(60_000)
    const endless = (function* (): Generator<undefined, number> {
      for (;;) yield
    })()
    expect(await inSlices(endless, () => true)).toBeNull()
  })
})

describe('the total of a text', () => {
  const word = fc.constantFrom('a', 'bee', ' ', ' ', '\n', 'don’t', '-', '42', 'x'.repeat(300))
  const text = fc.array(word, { maxLength: 60 }).map((words) => words.join(''))
  const edit = fc.record({ from: fc.nat(400), length: fc.nat(40), insert: text, isCounted: fc.boolean() })

  it('is that of a whole count after any edits', () => {
    fc.assert(
      fc.property(text, fc.array(edit, { maxLength: 12 }), (start, edits) => {
        let state = EditorState.create({ doc: start })
        const total = new WordTotal(state.doc)
        expect(finish(total.count(state.doc)).words).toBe(countAll(state.doc))
        for (const { from, length, insert, isCounted } of edits) {
          const at = Math.min(from, state.doc.length)
          const spec: TransactionSpec = {
            changes: { from: at, to: Math.min(at + length, state.doc.length), insert },
          }
          const transaction = state.update(spec)
          state = transaction.state
          total.note(transaction.changes.desc)
          if (isCounted) expect(finish(total.count(state.doc)).words).toBe(countAll(state.doc))
        }
        expect(finish(total.count(state.doc)).words).toBe(countAll(state.doc))
        expect(total.isCurrent).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('is counted by the changed places alone', () => {
    let state = EditorState.create({ doc: Array.from({ length: 20_000 }, () => 'one two three').join('\n') })
    const total = new WordTotal(state.doc)
    expect(finish(total.count(state.doc)).pieces).toBeGreaterThan(20)
    const transaction = state.update({ changes: { from: 100_000, insert: ' and more ' } })
    state = transaction.state
    total.note(transaction.changes.desc)
    expect(total.isCurrent).toBe(false)
    const { words, pieces } = finish(total.count(state.doc))
    expect([words, pieces <= 2]).toEqual([countAll(state.doc), true])
  })
})

describe('the line of numbers', () => {
  it.each([
    [{ words: null, selected: null, line: 1 }, ''],
    [{ words: 0, selected: null, line: 1 }, ''],
    [{ words: 1, selected: null, line: 1 }, '1 word · 1 min'],
    [{ words: 412, selected: null, line: 1 }, '412 words · 2 min'],
    [{ words: 412, selected: 0, line: 1 }, '412 words · 2 min'],
    [{ words: 412, selected: 1, line: 1 }, '1 word selected'],
    [{ words: 412, selected: 12, line: 1 }, '12 words selected'],
  ])('%j', (counts, line) => {
    expect(countLine(counts)).toBe(line)
  })
})
