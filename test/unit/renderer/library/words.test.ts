import { describe, expect, it } from 'vitest'
import {
  countTags,
  documentsWords,
  filterDocuments,
  newsOf,
  removedWords,
  rowDate,
  withTags,
} from '../../../../renderer/features/library/library-words'
import { sortDocuments } from '../../../../renderer/features/library/order'
import { shortLine } from '../../../../renderer/features/library/short-line'
import { documentOf } from './summaries'

const minute = 60_000
const day = 24 * 60 * minute
const now = new Date(2026, 5, 15, 12, 0).getTime()
const titles = (documents: readonly { title: string }[]) => documents.map(({ title }) => title)

describe('a row of the library', () => {
  it.each([
    [null, ''],
    [0, 'now'],
    [-5 * minute, 'now'],
    [5 * minute, '5 min'],
    [90 * minute, '10:30 AM'],
    [26 * 60 * minute, 'yesterday'],
    [3 * day, 'Friday'],
    [400 * day, 'May 11, 2025'],
  ])('has a short date: %j ms ago is %j', (age, words) =>
    expect(rowDate(age === null ? null : now - age, now, 'en')).toBe(words),
  )

  it('has one line of news at most: people before all, and with the news that the links were replaced', () => {
    expect(newsOf(documentOf('a'))).toBeNull()
    expect(newsOf(documentOf('a', { replaced: true }))?.words).toBe('Links replaced')
    expect(newsOf(documentOf('a', { replaced: true, waiting: true }))?.kind).toBe('waiting')
    const people = ['Mara', 'Theo']
    expect(newsOf(documentOf('a', { waiting: true, people }))).toEqual({
      kind: 'people',
      words: 'Mara and Theo',
    })
    expect(newsOf(documentOf('a', { replaced: true, people }))).toEqual({
      kind: 'replaced',
      words: 'Links replaced · Mara and Theo',
    })
  })

  it('shows the line of a hit from shortly before the hit', () => {
    const line = 'one two three four five six seven eight'
    expect(shortLine({ line, marks: [[4, 7]] })).toEqual({ line, marks: [[4, 7]] })
    const late = shortLine({ line, marks: [[28, 33]] })
    expect(late.line).toBe('… three four five six seven eight')
    expect(late.marks.map(([from, to]) => late.line.slice(from, to))).toEqual(['seven'])
    const unbroken = shortLine({ line: 'x'.repeat(80), marks: [[60, 62]] })
    expect(unbroken.line).toBe(`… ${'x'.repeat(36)}`)
    expect(unbroken.marks).toEqual([[18, 20]])
  })
})

describe('documents of the library', () => {
  it('are found by title and people, whatever the accents and the order', () => {
    const all = [documentOf('Crème brûlée', { people: ['Zoë'] }), documentOf('Bread')]
    expect(titles(filterDocuments(all, 'brulee CREME'))).toEqual(['Crème brûlée'])
    expect(titles(filterDocuments(all, 'zoe'))).toEqual(['Crème brûlée'])
    expect(titles(filterDocuments(all, '"creme brulee"'))).toEqual(['Crème brûlée'])
    expect(filterDocuments(all, '"brulee creme"')).toEqual([])
    expect(filterDocuments(all, '')).toHaveLength(2)
    expect(filterDocuments(all, 'tea')).toEqual([])
  })

  it('are found by the beginning of a tag', () => {
    const all = [
      documentOf('a', { tags: ['Draft'] }),
      documentOf('draft of b'),
      documentOf('c', { tags: ['x'] }),
    ]
    expect(titles(filterDocuments(all, '#dra'))).toEqual(['a'])
    expect(titles(filterDocuments(all, '#'))).toEqual([])
  })

  it('are filtered by tags that are the same without case and accents', () => {
    const all = [
      documentOf('a', { tags: ['Café', 'draft'] }),
      documentOf('b', { tags: ['cafe'] }),
      documentOf('c', { tags: ['draft'] }),
    ]
    expect(countTags(all)).toEqual([
      { tag: 'cafe', words: 'Café', count: 2 },
      { tag: 'draft', words: 'draft', count: 2 },
    ])
    expect(titles(withTags(all, new Set(['cafe'])))).toEqual(['a', 'b'])
    expect(titles(withTags(all, new Set(['cafe', 'draft'])))).toEqual(['a'])
    expect(withTags(all, new Set())).toBe(all)
  })

  it('are sorted by last edit, with those just added on top, or by title as people sort', () => {
    const all = [
      documentOf('item 10', { editedAt: 1 }),
      documentOf('Item 9', { editedAt: 2 }),
      documentOf('éclair', { editedAt: null }),
      documentOf('zoo', { editedAt: 2 }),
    ]
    expect(titles(sortDocuments(all, 'edited'))).toEqual(['éclair', 'Item 9', 'zoo', 'item 10'])
    expect(titles(sortDocuments(all, 'title'))).toEqual(['éclair', 'Item 9', 'item 10', 'zoo'])
  })

  it('are sorted by when they were made or first kept, those of unknown age last', () => {
    const all = [
      documentOf('old', { createdAt: 1, editedAt: 9 }),
      documentOf('unknown', { createdAt: null, editedAt: 9 }),
      documentOf('new', { createdAt: 5, editedAt: 6 }),
    ]
    expect(titles(sortDocuments(all, 'created'))).toEqual(['new', 'old', 'unknown'])
  })

  it('are below the others once their links are replaced', () => {
    const all = [documentOf('a', { editedAt: 2, replaced: true }), documentOf('b', { editedAt: 1 })]
    expect(titles(sortDocuments(all, 'edited'))).toEqual(['b', 'a'])
    expect(titles(sortDocuments(all, 'title'))).toEqual(['b', 'a'])
  })

  it('are named by their title or their number', () => {
    expect(documentsWords([{ title: ' ' }])).toBe('“Untitled”')
    expect(documentsWords([{ title: 'a' }, { title: 'b' }])).toBe('2 documents')
  })

  it('say how long they can be restored', () => {
    const removed = { id: 'a', title: 'a', role: 'write', removedAt: now } as const
    expect(removedWords(removed, now)).toBe('Deleted in 30 days')
    expect(removedWords(removed, now + 28.5 * day)).toBe('Deleted in 2 days')
    expect(removedWords(removed, now + 29.5 * day)).toBe('Deleted within a day')
  })
})
