import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareMatches, hitOf, match, SearchedDocument } from '../../main/search/match'
import { parseQuery } from '../../main/search/query'
import { readFacts } from '../../main/search/read-facts'
import type { TextFacts } from '../../main/search/search-protocol'
import { FoldedText } from '../../preload/text/fold'
import { tagsOf } from '../../preload/text/markdown/tags'
import { fuzz } from '../support/fuzz'

const pieces = [
  ...[
    'a',
    'B',
    'ß',
    'İ',
    'é',
    'e\u0301',
    '\u0301',
    '한',
    'が',
    'ﷺ',
    '😀',
    '\ud800',
    '\udc00',
    '\u00a8',
    '\0',
  ],
  ...[
    '\n',
    ' ',
    '\t',
    '# ',
    '#',
    '#tag',
    '"',
    '“',
    '[[',
    ']]',
    '[[A#b|c]]',
    '```',
    '~~~',
    '---\n',
    'tags: ',
    '- ',
    '[',
  ],
  ...['$', '\\', '(', '*', '|', '>', '<b>', '. ', '1. '],
]
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(''))

function factsOf(source: string): TextFacts {
  const reading = readFacts(source)
  for (;;) {
    const step = reading.next()
    if (step.done) return step.value
  }
}

describe('any text and any query', () => {
  it('give hits whose places are in the text and whose marks are in the line', () => {
    fuzz(3_000, fc.record({ title: text, body: text, query: text }), ({ title, body, query }) => {
      const parsed = parseQuery({ kind: 'words', text: query })
      const document = new SearchedDocument({
        id: 'a',
        title: new FoldedText(title),
        editedAt: null,
        text: new FoldedText(body),
      })
      const found = parsed && match(document, parsed)
      if (!parsed || !found) return
      expect(compareMatches(found, found)).not.toBe(0)
      const { at, line, marks, count } = hitOf(found, parsed)
      expect(count).toBeGreaterThan(0)
      expect(line.length).toBeLessThanOrEqual(Math.max(122, title.length))
      if (at) expect(0 <= at.from && at.from < at.to && at.to <= body.length).toBe(true)
      expect(marks.length).toBeGreaterThan(0)
      let last = -1
      for (const [from, to] of marks) {
        expect(last <= from && from < to && to <= line.length).toBe(true)
        last = to
      }
    })
  })

  it('is found by each of its own parts', () => {
    fuzz(2_000, fc.tuple(text, fc.nat(), fc.nat(8)), ([body, from, length]) => {
      const start = body.length === 0 ? 0 : from % body.length
      const part = body.slice(start, start + length + 1).replace(/["“]/g, ' ')
      const parsed = parseQuery({ kind: 'words', text: part })
      if (!parsed || parsed.finders.length === 0 || !/^[a-zA-Z#]+$/.test(part)) return
      const document = new SearchedDocument({
        id: 'a',
        title: new FoldedText(''),
        editedAt: null,
        text: new FoldedText(body),
      })
      expect(match(document, parsed)).not.toBeNull()
    })
  })

  it('have bounded tags and links', () => {
    fuzz(1_500, text, (source) => {
      const facts = factsOf(source)
      expect(facts.tags).toEqual(tagsOf(source))
      for (const tag of facts.tags) expect(tag).toMatch(/^[^\s#]{1,100}$/u)
    })
  })
})

describe('a text of ten megabytes', () => {
  const size = 10_000_000
  it.each(['[[a]] ', '`', '![', '\ud800', '---\n', '- a\n'])('of %j alone is read in steps', (piece) => {
    const reading = readFacts(piece.repeat(size / piece.length))
    let longest = 0
    let total = 0
    for (let done = false; !done; ) {
      const before = process.cpuUsage()
      done = reading.next().done ?? false
      const { user, system } = process.cpuUsage(before)
      longest = Math.max(longest, user + system)
      total += user + system
    }
    // A bound on what hangs, in microseconds of processor time: usual are 100 ms for the longest step.
    expect(longest).toBeLessThan(4_000_000)
    expect(total).toBeLessThan(30_000_000)
  })
})
