import { describe, expect, it } from 'vitest'
import { isOwnWord, ownWordsIn, placeOfWord } from '../../../renderer/features/spelling/own-words'

const own = new Set(['Zwimmerling', 'widgetize', 'geht’s', 'NATO', 'äpfeln'])

describe('own words', () => {
  it('are found in the forms that a sentence gives them', () => {
    for (const word of [
      'Zwimmerling',
      'Zwimmerling’s',
      "Zwimmerling's",
      'widgetize',
      'Widgetize',
      'WIDGETIZE',
      'Äpfeln',
      'geht’s',
      'NATO',
    ])
      expect(isOwnWord(word, own), word).toBe(true)
    // A word that was added with a capital is a name.
    for (const word of ['zwimmerling', 'wIdgetize', 'widgetizes', 'nato', 'Nato', 'geht', 's'])
      expect(isOwnWord(word, own), word).toBe(false)
  })

  it('are found by their places in a text', () => {
    const text = 'Mr. Zwimmerling’s (widgetize), xwidgetize 1äpfeln; äpfeln'
    const found = [...ownWordsIn(text, own)].map(({ from, to }) => text.slice(from, to))
    expect(found).toEqual(['Zwimmerling’s', 'widgetize', 'äpfeln'])
    expect([...ownWordsIn(text, new Set())]).toEqual([])
  })

  it('are found in a screen of text in a moment', () => {
    const many = new Set(Array.from({ length: 10_000 }, (_, index) => `word${index}`))
    const text = 'The word77 and other words of a paragraph, '.repeat(500)
    const start = process.cpuUsage()
    for (let round = 0; round < 10; round++) [...ownWordsIn(text, many)].length
    const { user } = process.cpuUsage(start)
    // 10 rounds of 21,500 code units; a frame has 16 ms.
    expect(user / 1_000).toBeLessThan(500)
  })
})

describe('the place of a misspelled word', () => {
  it('is the one that touches the offset', () => {
    const text = 'teh cat and teh dog, tehteh'
    expect(placeOfWord(text, 'teh', 0)).toEqual({ from: 0, to: 3 })
    expect(placeOfWord(text, 'teh', 3)).toEqual({ from: 0, to: 3 })
    expect(placeOfWord(text, 'teh', 4)).toBeNull()
    expect(placeOfWord(text, 'teh', 14)).toEqual({ from: 12, to: 15 })
    expect(placeOfWord(text, 'teh', 25)).toEqual({ from: 24, to: 27 })
    expect(placeOfWord(text, 'cow', 5)).toBeNull()
    expect(placeOfWord(text, '', 5)).toBeNull()
    expect(placeOfWord('', 'teh', 0)).toBeNull()
  })
})
