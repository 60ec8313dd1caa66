import { describe, expect, it } from 'vitest'
import { FoldedText, fold } from '../../../../preload/text/fold'
import { randomFrom } from '../../../support/random'

/** Returns the parts of a text that a query is found in. */
function found(text: string, query: string): string[] {
  const folded = new FoldedText(text)
  const word = fold(query)
  const parts: string[] = []
  for (let at = folded.folded.indexOf(word); at >= 0; at = folded.folded.indexOf(word, at + word.length)) {
    const { from, to } = folded.range(at, at + word.length)
    parts.push(text.slice(from, to))
  }
  return parts
}

describe('a folded text', () => {
  it.each([
    ['Zürich ZÜRICH Zu\u0308rich', 'zurich', ['Zürich', 'ZÜRICH', 'Zu\u0308rich']],
    ['Straße STRASSE STRAẞE', 'strasse', ['Straße', 'STRASSE', 'STRAẞE']],
    ['Straße', 's', ['S', 'ß', 'ß']],
    ['İstanbul ISPARTA ısparta', 'i', ['İ', 'I', 'ı']],
    ['İstanbul', 'istanbul', ['İstanbul']],
    ['ΟΔΟΣ οδός', 'οδος', ['ΟΔΟΣ', 'οδός']],
    ['한국어 \u1112\u1161\u11ab', '한', ['한', '\u1112\u1161\u11ab']],
    ['한국어', '하', ['한']],
    ['東京タワー ﾀﾜｰ', 'タワー', ['タワー', 'ﾀﾜｰ']],
    ['が か', 'か', ['が', 'か']],
    ['किताब कताब', 'कि', ['कि']],
    ['مُحَمَّد محمد', 'محمد', ['مُحَمَّد', 'محمد']],
    ['שָׁלוֹם', 'שלום', ['שָׁלוֹם']],
    ['Ёлка ёлка', 'елка', ['Ёлка', 'ёлка']],
    ['ﬁne ½', 'fi', ['ﬁ']],
    ['a😀b😀c', '😀', ['😀', '😀']],
    ['𝐁old', 'bold', ['𝐁old']],
    ['soft\u00adhyphen', 'softhyphen', ['soft\u00adhyphen']],
    ['e\u0301\u0323\u0327', 'e', ['e\u0301\u0323\u0327']],
    ['\ud800x\udc00', 'x', ['x']],
  ])('%s: %s is found in its characters', (text, query, parts) => expect(found(text, query)).toEqual(parts))

  it('leads back to the same characters, however far into a long text they are', () => {
    const random = randomFrom(18)
    const alphabet = ['a', 'B', 'ß', 'é', 'e\u0301', '한', '😀', '\u0301', 'ﷺ', '\n', 'İ', 'क', 'ि', '𝐁']
    for (let run = 0; run < 40; run++) {
      const lead = Array.from({ length: random.below(4_000) }, () => random.pick(alphabet)).join('')
      const text = `${lead}Ωx${alphabet.join('')}`
      expect(found(text, 'ωX')).toEqual(['Ωx'])
      expect(new FoldedText(text).folded).toBe(fold(text))
    }
  })

  it('takes a time that grows with the text alone', () => {
    const cost = (text: string): number => {
      const before = process.cpuUsage()
      new FoldedText(text)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    // Every code point is another one, and each of the others 18 in its folded form.
    const many = Array.from({ length: 200_000 }, (_, index) =>
      String.fromCodePoint(0x20000 + (index % 60_000)),
    ).join('')
    for (const text of [many, 'ﷺ'.repeat(200_000), '\u0301'.repeat(400_000)])
      expect(cost(text) / Math.max(cost(text.slice(0, text.length / 8)), 1_000)).toBeLessThan(40)
  })
})
