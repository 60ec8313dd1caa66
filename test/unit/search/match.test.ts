import { describe, expect, it } from 'vitest'
import { compareMatches, hitOf, match, SearchedDocument } from '../../../main/search/match'
import { parseQuery } from '../../../main/search/query'
import type { SearchHit, SearchQuery } from '../../../preload/contract/search'
import { FoldedText } from '../../../preload/text/fold'

const document = (id: string, title: string, text: string | null = '', editedAt = 0) =>
  new SearchedDocument({
    id,
    title: new FoldedText(title),
    editedAt,
    text: text === null ? null : new FoldedText(text),
  })

function hits(
  documents: readonly SearchedDocument[],
  text: string,
  kind: SearchQuery['kind'] = 'words',
): SearchHit[] {
  const query = parseQuery({ text, kind }) ?? expect.fail('invalid')
  return documents
    .flatMap((one) => match(one, query) ?? [])
    .sort(compareMatches)
    .map((found) => hitOf(found, query))
}

const ids = (found: readonly SearchHit[]) => found.map(({ id }) => id)
const only = (text: string, query: string, kind: SearchQuery['kind'] = 'words') =>
  hits([document('a', 'Title', text)], query, kind)[0] ?? expect.fail('nothing found')
const marked = ({ line, marks }: SearchHit) => marks.map(([from, to]) => line.slice(from, to))

describe('the order of hits', () => {
  it('is title, heading, number of hits, time', () => {
    const documents = [
      document('once', 'A', 'apple', 9),
      document('twice', 'B', 'apple apple', 1),
      document('newer', 'C', 'apple', 10),
      document('heading', 'D', 'x\n\n## The apple\n', 0),
      document('inside', 'Pineapple', '', 0),
      document('word', 'An apple', '', 0),
      document('first', 'Apple pie', '', 0),
      document('exact', 'Äpple', '', 0),
    ]
    expect(ids(hits(documents, 'apple'))).toEqual([
      'exact',
      'first',
      'word',
      'inside',
      'heading',
      'twice',
      'newer',
      'once',
    ])
  })

  it('takes no number sign in a block of code for a heading', () => {
    expect(only('```sh\n# apple\n```\n', 'apple').where).toBe('text')
    expect(only('~~~\n```\n# apple\n~~~\n# pear apple', 'pear').where).toBe('heading')
  })
})

describe('a query of words', () => {
  it('needs each of them, in title and text together, in any order and within words', () => {
    const documents = [document('a', 'Garden', 'a red fence'), document('b', 'Garden', 'a blue fence')]
    expect(ids(hits(documents, 'FENC gard red'))).toEqual(['a'])
    expect(hits(documents, 'fence red green')).toEqual([])
    expect(hits(documents, '  ')).toEqual([])
    expect(hits(documents, '"')).toEqual([])
  })

  it('takes a phrase whole, over a line break too', () => {
    const text = 'the fox\nis quick. A quick brown\n  fox'
    expect(marked(only(text, '"quick brown fox"'))).toEqual(['quick brown'])
    expect(hits([document('a', '', text)], '"fox quick"')).toEqual([])
    expect(ids(hits([document('a', '', text)], '“brown fox” the'))).toEqual(['a'])
    expect(only(text, '"quick').count).toBe(2)
  })

  it('takes every character for itself', () => {
    expect(only('costs $5 (c) a.b [x] \\d', '$5 (c) a.b [x] \\d').marks).toHaveLength(5)
    expect(hits([document('a', '', 'axb')], '"a.b c"')).toEqual([])
  })

  it('is counted up to a thousand', () => {
    expect(only('ab '.repeat(400), 'a b').count).toBe(800)
    expect(only('a'.repeat(5_000), 'a').count).toBe(1_000)
  })
})

describe('the line of a hit', () => {
  it('is the one with most of the words, without its marks of Markdown', () => {
    const hit = only('red\n\n- [ ] 1. a red and blue thing\n\nblue', 'blue red')
    expect(hit.line).toBe('1. a red and blue thing')
    expect(marked(hit)).toEqual(['red', 'blue'])
  })

  it('is cut around the hit, and parts no character', () => {
    const text = `${'😀'.repeat(100)}needle${'😀'.repeat(100)}`
    const hit = only(text, 'needle')
    expect(hit.line.length).toBeLessThan(126)
    expect(hit.line.isWellFormed()).toBe(true)
    expect(hit.line).toMatch(/^…😀+needle😀+…$/u)
    expect(marked(hit)).toEqual(['needle'])
    expect(text.slice(hit.at?.from, hit.at?.to)).toBe('needle')
  })

  it('is the title where the text has no hit', () => {
    const [hit = expect.fail()] = hits([document('a', 'The Äpfel', 'pears')], 'apfel')
    expect(hit).toMatchObject({ where: 'title', line: 'The Äpfel', marks: [[4, 9]], at: null, count: 1 })
    expect(hits([document('b', 'Apple', null)], 'apple')).toHaveLength(1)
  })

  it('has marks that do not overlap', () => {
    expect(marked(only('abcd', 'abc bcd'))).toEqual(['abcd'])
  })
})

describe('a regular expression', () => {
  it('looks through the text as it is, without regard to case', () => {
    const hit = only('x\nÄpfel 123, äpfel 45', '^ä\\w+ (\\d+)|äpfel \\d', 'regexp')
    expect(hit).toMatchObject({ where: 'text', count: 2, at: { from: 2, to: 11 } })
    expect(hits([document('a', '', 'Apfel')], 'äpfel', 'regexp')).toEqual([])
  })

  it('ends, also where it matches nothing everywhere', () => {
    expect(hits([document('a', 'T', 'abc')], 'x*', 'regexp')).toEqual([])
    expect(only('a😀b', '😀?', 'regexp').count).toBe(1)
    for (const text of ['😀', 'a😀b']) expect(hits([document('a', 'T', text)], 'x*', 'regexp')).toEqual([])
    expect(marked(only('😀😀xx😀', 'x*', 'regexp'))).toEqual(['xx'])
  })

  it('marks the hit where its line alone does not match', () => {
    expect(marked(only('one\ntwo', '(?<=one\\n)two', 'regexp'))).toEqual(['two'])
  })

  it('is invalid or may have the escapes of older ones', () => {
    expect(parseQuery({ text: '(', kind: 'regexp' })).toBeNull()
    expect(only('a-b', 'a\\-b', 'regexp').count).toBe(1)
  })
})
