import { describe, expect, it } from 'vitest'
import type { DocumentSummary } from '../../../preload/contract/library'
import { dateWords, titleWords } from '../../../preload/messages/format'
import {
  documentWords,
  filterDocuments,
  sortDocuments,
} from '../../../renderer/features/library/library-words'
import { countPeople, initials, listNames, sharedNames } from '../../../renderer/features/people/people'

const document = (title: string, more: Partial<DocumentSummary> = {}): DocumentSummary => ({
  id: title,
  title,
  role: 'write',
  editedAt: 0,
  people: [],
  waiting: false,
  replaced: false,
  tags: [],
  ...more,
})

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

describe('the library', () => {
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

  it('says what a document waits for', () => {
    expect(documentWords(document('a', { waiting: true }), now)).toBe('Waiting for someone who has it')
    expect(documentWords(document('a', { editedAt: null }), now)).toBe('Nothing written yet')
    expect(documentWords(document('a', { editedAt: now }), now)).toBe('Edited just now')
    expect(documentWords(document('a', { editedAt: now, replaced: true }), now)).toBe(
      'Links replaced · edited just now',
    )
    expect(documentWords(document('a', { editedAt: null, replaced: true }), now)).toBe('Links replaced')
    expect(titleWords('  ')).toBe('Untitled')
  })

  it('finds by title and people, whatever the accents and the order', () => {
    const all = [document('Crème brûlée', { people: ['Zoë'] }), document('Bread')]
    expect(filterDocuments(all, 'brulee CREME').map(({ id }) => id)).toEqual(['Crème brûlée'])
    expect(filterDocuments(all, 'zoe')).toHaveLength(1)
    expect(filterDocuments(all, '')).toHaveLength(2)
    expect(filterDocuments(all, 'tea')).toHaveLength(0)
  })

  it('has on top what was edited last, and what was just added', () => {
    const all = [
      document('old', { editedAt: 1 }),
      document('new', { editedAt: 2 }),
      document('added', { editedAt: null }),
    ]
    expect(sortDocuments(all).map(({ id }) => id)).toEqual(['added', 'new', 'old'])
  })
})
