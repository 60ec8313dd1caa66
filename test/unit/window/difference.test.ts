import { ChangeSet, EditorState } from '@codemirror/state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toText } from '../../../preload/text'
import { difference } from '../../../preload/text-difference'
import { cleanInput, cleanText } from '../../../renderer/editor/clean-input'

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

  it('touches little', () => {
    const before = `${'same '.repeat(5_000)}one${' same'.repeat(5_000)}`
    const changes = difference(toText(before), toText(before.replace('one', 'two')))
    let touched = 0
    changes.iterChanges((from, to, fromNew, toNew) => {
      touched += to - from + (toNew - fromNew)
    })
    expect(touched).toBeLessThanOrEqual(6)
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
