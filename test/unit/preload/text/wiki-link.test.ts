import { describe, expect, it } from 'vitest'
import { targetParts, titleKey, wikiLinks, writable } from '../../../../preload/text/markdown/wiki-link'

describe('the links of a text to documents', () => {
  it('have title, heading, place and words', () => {
    const text = 'See [[ The plan ]], [[Plan#Costs]] and [[Plan|this]].'
    const links = wikiLinks(text)
    expect(links.map(({ target, heading }) => [target, heading])).toEqual([
      ['The plan', ''],
      ['Plan', 'Costs'],
      ['Plan', ''],
    ])
    expect(links.map(({ from, to }) => text.slice(from, to))).toEqual([
      '[[ The plan ]]',
      '[[Plan#Costs]]',
      '[[Plan|this]]',
    ])
    expect(links.map(({ wordsFrom, wordsTo }) => text.slice(wordsFrom, wordsTo))).toEqual([
      ' The plan ',
      'Plan#Costs',
      'this',
    ])
  })

  it('are not looked for in code, and end at a thousand', () => {
    expect(wikiLinks('```\n[[Plan]]\n```\n`[[Plan]]`')).toEqual([])
    expect(wikiLinks('[[Plan]]\n\n'.repeat(1_200))).toHaveLength(1_000)
  })

  it('have the last heading of several, and no title in the same document', () => {
    expect(targetParts('Plan#Costs#Food')).toEqual({ target: 'Plan', heading: 'Food' })
    expect(targetParts('#Costs')).toEqual({ target: '', heading: 'Costs' })
  })
})

describe('titles that a link takes for the same', () => {
  it.each([
    ['The plan', 'the  Plan'],
    ['Café', 'cafe'],
    ['C# [draft] | 2', writable('C# [draft] | 2')],
    ['^ up', 'up'],
  ])('are %j and %j', (a, b) => expect(titleKey(a)).toBe(titleKey(b)))

  it('are not others', () => expect(titleKey('Plan 1')).not.toBe(titleKey('Plan 2')))

  it('are written so that a link holds them', () => {
    for (const title of ['C# [draft] | 2', '^x', 'a\tb'])
      expect(wikiLinks(`[[${writable(title)}]]`).map(({ target }) => titleKey(target))).toEqual([
        titleKey(title),
      ])
  })
})
