import { describe, expect, it } from 'vitest'
import { dateWords, titleWords } from '../../../preload/messages/format'
import { countPeople, initials, listNames, sharedNames } from '../../../renderer/features/people/people'

describe('people', () => {
  it.each([
    ['Ada', 'A'],
    ['Ada Lovelace', 'AL'],
    ['ada king lovelace', 'AL'],
    ['👩‍🚀 Zoë', '👩‍🚀Z'],
    ['  ', '?'],
  ])('%j is shown as %s', (name, letters) => expect(initials(name)).toBe(letters))

  it('are listed in words', () => {
    expect(listNames([])).toBe('')
    expect(listNames(['Ada'])).toBe('Ada')
    expect(listNames(['Ada', 'Ben'])).toBe('Ada and Ben')
    expect(listNames(['Ada', 'Ben', 'Cleo', 'Dan'])).toBe('Ada, Ben and 2 more')
    expect([countPeople(1), countPeople(3)]).toEqual(['1 person', '3 people'])
  })

  it('of one name are found by their fingerprints', () => {
    const people = [
      { name: 'Ada', fingerprint: '1' },
      { name: 'Ben', fingerprint: '2' },
      { name: 'Ada', fingerprint: '3' },
      { name: 'Ben', fingerprint: '2' },
    ]
    expect([...sharedNames(people)]).toEqual(['Ada'])
  })
})

describe('a document', () => {
  const now = new Date(2026, 5, 15, 12, 0).getTime()
  const minute = 60_000

  it.each([
    [0, 'just now'],
    [-5 * minute, 'just now'],
    [5 * minute, '5 min ago'],
    [26 * 60 * minute, 'yesterday'],
    [3 * 24 * 60 * minute, 'Friday'],
    [40 * 24 * 60 * minute, 'May 6'],
    [400 * 24 * 60 * minute, 'May 11, 2025'],
  ])('says when: %d ms ago is %j', (age, words) => expect(dateWords(now - age, now, 'en')).toBe(words))

  it('names a document without a title', () => {
    expect([titleWords('  '), titleWords(' Plan ')]).toEqual(['Untitled', 'Plan'])
  })
})
