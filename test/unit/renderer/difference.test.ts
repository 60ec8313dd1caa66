import { ChangeSet, EditorState } from '@codemirror/state'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { cleanText, toText } from '../../../preload/text'
import { difference, maxSteps } from '../../../preload/text-difference'
import { differingLetters, differingSpans, Effort } from '../../../preload/token-difference'
import { cleanInput } from '../../../renderer/editor/clean-input'
import { randomFrom } from '../../support/random'

const pieces = fc.constantFrom(
  'a',
  'b',
  'word ',
  '\n',
  '🙂',
  '🙃',
  'é',
  '\ufffc',
  '👩‍👩‍👧',
  'long '.repeat(20),
)
const texts = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''))
/** Long enough for words to be compared before letters, with halves of pairs that stand alone. */
const longTexts = fc
  .array(fc.oneof(pieces, fc.constantFrom('\ud83d', '\ude42', '🙂\n', 'many words '.repeat(40))), {
    maxLength: 60,
  })
  .map((parts) => parts.join(''))

/** Lines of 88 code units that differ by their number. */
const lines = (count: number): string[] =>
  Array.from({ length: count }, (_, index) =>
    `Paragraph ${index}: some words that stand here`.padEnd(87, '.'),
  ).map((line) => `${line}\n`)

/** How many code units a change takes away and puts in. */
function touched(changes: ChangeSet): number {
  let count = 0
  changes.iterChanges((from, to, fromNew, toNew) => {
    count += to - from + (toNew - fromNew)
  })
  return count
}

/** A text after a difference and words that were put in at the same time, at `place` of the text before it. */
function withWords(before: string, after: string, place: number, whole: boolean): string {
  const changes = difference(toText(before), toText(after), { whole })
  const words = ChangeSet.of({ from: place, insert: '[words]' }, before.length)
  return words
    .map(changes)
    .apply(changes.apply(toText(before)))
    .toString()
}

it('with whole words, leads to the other text and keeps or replaces each word as a whole', () => {
  const wordsOf = (a: string, b: string) => {
    const pieces: string[] = []
    const changes = difference(toText(a), toText(b), { wholeWords: true })
    changes.iterChanges((from, to, _from, _to, insert) => pieces.push(`${a.slice(from, to)}>${insert}`))
    return pieces
  }
  expect(wordsOf('mine here', 'mire here')).toEqual(['mine >mire '])
  expect(wordsOf('own3 own4 base5 own9', 'own3 peer4 own4 own9')).toEqual(['>peer4 ', 'base5 >'])
  expect(wordsOf('the line\n', 'the line goes on\n')).toEqual(['\n> goes on\n'])
  fc.assert(
    fc.property(longTexts, longTexts, (a, b) => {
      const before = toText(cleanText(a))
      const after = toText(cleanText(b))
      const changes = difference(before, after, { wholeWords: true })
      expect(changes.apply(before).toString()).toBe(after.toString())
    }),
  )
})

describe('the difference of two texts', () => {
  it('leads from one to the other and cuts no surrogate pair', () => {
    fc.assert(
      fc.property(texts, texts, fc.boolean(), (before, after, whole) => {
        const changes = difference(toText(before), toText(after), { whole })
        expect(changes.apply(toText(before)).toString()).toBe(after)
        changes.iterChanges((from, to, _fromNew, _toNew, inserted) => {
          for (const place of [from, to]) expect(isInsidePair(before, place)).toBe(false)
          expect(inserted.toString().isWellFormed()).toBe(true)
        })
      }),
      { numRuns: 3_000 },
    )
  })

  it('is found where halves of pairs stand alone', () => {
    const pairs: [string, string][] = [
      ['🙃\ude42', '🙂'],
      ['\ud83d🙂', '🙃\ud83d'],
    ]
    for (const [before, after] of pairs)
      expect(difference(toText(before), toText(after)).apply(toText(before)).toString()).toBe(after)
  })

  it('keeps a new word whole where its letters happen to stand among what went, when asked to', () => {
    const line = '-'.repeat(20)
    const went = `${line}n${line}e${line}w${line}`
    const before = toText(`start ${went} end`)
    // Someone else takes all of that away at the same time: the new word is not theirs to take.
    const taken = ChangeSet.of([{ from: 6, to: 6 + went.length }], before.length)
    const merged = (whole: boolean) =>
      difference(before, toText('start new end'), { whole }).map(taken).apply(taken.apply(before)).toString()
    expect(merged(false)).toBe('start  end')
    expect(merged(true)).toBe('start new end')
  })

  it('is found in long texts, whatever stands in them and however little it may take', () => {
    fc.assert(
      fc.property(
        longTexts,
        longTexts,
        fc.boolean(),
        fc.integer({ min: 0, max: 20_000 }),
        (before, after, whole, limit) => {
          const changes = difference(toText(before), toText(after), { whole, effort: new Effort(limit) })
          expect(changes.apply(toText(before)).toString()).toBe(after)
          changes.iterChanges((from, to) => {
            for (const place of [from, to]) expect(isInsidePair(before, place)).toBe(false)
          })
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('touches little', () => {
    const before = `${'same '.repeat(5_000)}one${' same'.repeat(5_000)}`
    const changes = difference(toText(before), toText(before.replace('one', 'two')))
    expect(touched(changes)).toBeLessThanOrEqual(6)
  })

  describe.each([false, true])('with whole %s', (whole) => {
    it('leaves words where they were typed, between letters that changed at both ends', () => {
      const before = lines(1_200).join('')
      const after = `${before.slice(0, 5)}X${before.slice(5, -5)}Y${before.slice(-5)}`
      const place = before.indexOf('Paragraph 600:') + 14
      expect(touched(difference(toText(before), toText(after), { whole }))).toBe(2)
      expect(withWords(before, after, place, whole)).toContain('Paragraph 600:[words] some')
    })

    it.each([
      ['lines that stand there once', lines(1_200).join(''), 400],
      ['lines that all stand there ten times', lines(1_200).join('').repeat(10), 4_000],
      ['more lines than there are code units', lines(200_000).join(''), 66_670],
    ])('touches little of a text with %s', (_name, before, most) => {
      let count = 0
      const after = before.replace(/words/g, (word) => (count++ % 30 === 0 ? 'WORDS' : word))
      const changes = difference(toText(before), toText(after), { whole })
      expect(changes.apply(toText(before)).toString() === after).toBe(true)
      expect(touched(changes)).toBeLessThanOrEqual(most)
    })

    it('finds words in a long line', () => {
      const before = lines(230).join('').replaceAll('\n', ' ')
      const cut = before.replace('Paragraph 150: some words', '')
      const after = `${cut.slice(0, 100)}X${cut.slice(100, -100)} and others${cut.slice(-100)}`
      const place = before.indexOf('Paragraph 100:') + 14
      expect(touched(difference(toText(before), toText(after), { whole }))).toBeLessThan(100)
      expect(withWords(before, after, place, whole)).toContain('Paragraph 100:[words] some')
    })

    it('leaves lines alone that stand beside or between much that changed', () => {
      const [kept, rewritten, others] = [lines(20), lines(60).slice(20), lines(140).slice(60)]
      const text = (middle: string[]) => [...kept, ...middle, '- eggs\n', ...middle].join('')
      const [before, after] = [text(rewritten), text(others)]
      expect(withWords(before, after, before.indexOf('eggs') + 4, whole)).toContain('- eggs[words]\n')
      expect(withWords(before, after, 14, whole).slice(0, 30)).toContain('[words]')
      const put = kept.join('') + others.join('')
      expect(withWords(kept.join(''), put, 100, whole).indexOf('[words]')).toBe(100)
    })

    it('leaves a short line at the beginning and at the end alone, beside lines that others rewrote', () => {
      const text = (middle: string) => `# Title\n${middle}\nGreetings`
      const [before, after] = [text('What stood here before.\n'), text('Others put this there instead.\n')]
      expect(withWords(before, after, 4, whole)).toBe(`${after.slice(0, 4)}[words]${after.slice(4)}`)
      expect(withWords(before, after, before.length - 5, whole)).toContain('Gree[words]tings')
    })

    it('puts what could stand at several places at the same one each time', () => {
      const run = (before: string, after: string) =>
        difference(toText(before), toText(after), { whole }).toJSON() as unknown
      const long = 'a'.repeat(100)
      expect(run(long, `${long}a`)).toEqual([100, [0, 'a']])
      expect(run(`${long}a`, long)).toEqual([100, [1]])
      expect(run('x\n'.repeat(50), 'x\n'.repeat(51))).toEqual([100, [0, 'x', '']])
      expect(run('x\n'.repeat(51), 'x\n'.repeat(50))).toEqual([100, [2]])
    })
  })
})

describe('the work of a difference', () => {
  const letters = (count: number, kinds: number, seed: number) => {
    const random = randomFrom(seed)
    return Array.from({ length: count }, () => String.fromCharCode(97 + random.below(kinds))).join('')
  }

  /** How often two characters were read to be compared while `run` ran. */
  function comparisons(run: () => void): number {
    const { charAt } = String.prototype
    let count = 0
    const counting = vi.spyOn(String.prototype, 'charAt').mockImplementation(function (this: string, place) {
      count++
      return charAt.call(this, place)
    })
    run()
    counting.mockRestore()
    return count / 2
  }

  it.each([
    ['of letters at random', letters(300, 26, 1), letters(300, 26, 2)],
    ['of two letters', letters(300, 2, 1), letters(300, 2, 2)],
    ['with nothing in common', 'a'.repeat(300), 'b'.repeat(300)],
    ['of one letter', 'a'.repeat(300), `${'a'.repeat(149)}b${'a'.repeat(150)}`],
    ['of unequal lengths', 'ab'.repeat(30), letters(900, 3, 3)],
  ])('is what was taken for it, or less, in a search %s', (_name, a, b) => {
    const effort = new Effort(maxSteps)
    const compared = comparisons(() => void differingLetters(a, b, effort))
    expect(maxSteps - effort.remaining).toBe((a.length + b.length) ** 2)
    expect(compared).toBeLessThan((a.length + b.length) ** 2)
  })

  /** Tokens of which each stands once only when the one before it was found. */
  const nested = (count: number, other: string) =>
    Array.from({ length: count }, (_, index) => [`${index + 1}`, `${index}`, `${other}${index % 7}`]).flat()

  it('does not grow with the square of the length, where that would be needed to find all', () => {
    const [a, b] = [nested(5_000, 'a'), nested(5_000, 'b')]
    const boundless = new Effort(Number.MAX_SAFE_INTEGER)
    differingSpans(a, b, boundless)
    expect(Number.MAX_SAFE_INTEGER - boundless.remaining).toBeGreaterThan(maxSteps)
    const bounded = new Effort(maxSteps)
    const spans = differingSpans(a, b, bounded)
    expect(bounded.remaining).toBeGreaterThanOrEqual(0)
    expect(spans.length).toBeGreaterThan(1)
  })

  it.each([
    ['all lines different', lines(110_000).join(''), lines(110_000).join('').replace(/\d+/g, 'n$&')],
    [
      'all lines equal',
      'same\n'.repeat(400_000),
      `${'same\n'.repeat(200_000)}x\n${'same\n'.repeat(100_000)}`,
    ],
    ['lines in another order', lines(50_000).join(''), lines(50_000).reverse().join('')],
    ['one line', letters(1_000_000, 9, 1).replace(/a/g, ' '), letters(1_000_000, 9, 2).replace(/a/g, ' ')],
    ['nothing but line ends', '\n'.repeat(1_050_000), `x${'\n'.repeat(1_000_001)}x`],
  ])('has an end in texts with %s', (_name, before, after) => {
    const effort = new Effort(maxSteps)
    const changes = difference(toText(before), toText(after), { whole: true, effort })
    expect(changes.apply(toText(before)).toString() === after).toBe(true)
    expect(effort.remaining).toBeGreaterThanOrEqual(0)
  })
})

const isInsidePair = (text: string, place: number): boolean =>
  /[\ud800-\udbff]/.test(text.charAt(place - 1)) && /[\udc00-\udfff]/.test(text.charAt(place))

describe('what is typed or pasted', () => {
  const state = EditorState.create({ doc: 'start', extensions: cleanInput })

  it.each([
    ['one\r\ntwo\rthree', 'one\ntwo\nthree'],
    ['half \ud83d pair', 'half \ufffd pair'],
    ['whole 🙂', 'whole 🙂'],
  ])('is cleaned: %j', (pasted, clean) => {
    expect(cleanText(pasted)).toBe(clean)
    const { state: after } = state.update({
      changes: { from: 5, insert: pasted },
      selection: { anchor: 5 + pasted.length },
    })
    expect(after.doc.toString()).toBe(`start${clean}`)
    expect(after.selection.main.head).toBe(after.doc.length)
  })
})
