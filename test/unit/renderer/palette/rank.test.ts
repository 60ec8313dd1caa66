import { describe, expect, it } from 'vitest'
import { marksIn, rank } from '../../../../renderer/features/palette/rank'

const titles = [
  'Packing list',
  'Autumn festival plan',
  'The plan',
  'Planetarium',
  'Plan',
  'Äpfel und Birnen',
  'Airplane',
].map((title) => ({ title }))
const found = (query: string, most = 50) =>
  rank(titles, ({ title }) => title, query, most).map(({ title }) => title)

describe('titles that answer a query', () => {
  it('come by how well they do, then in their order', () =>
    expect(found('plan')).toEqual(['Plan', 'Planetarium', 'Autumn festival plan', 'The plan', 'Airplane']))

  it.each([
    ['AUTUMN plan', ['Autumn festival plan']],
    ['plan fest', ['Autumn festival plan']],
    ['apfel', ['Äpfel und Birnen']],
    ['afp', ['Autumn festival plan']],
    ['aub', ['Äpfel und Birnen']],
    ['  the   plan ', ['The plan']],
    ['xyz', []],
  ])('of %j are %j', (query, expected) => expect(found(query)).toEqual(expected))

  it('are all of them for no query, and never too many', () => {
    expect(found('')).toHaveLength(titles.length)
    expect(found('', 2)).toEqual(['Packing list', 'Autumn festival plan'])
    expect(found('plan', 2)).toEqual(['Plan', 'Planetarium'])
  })
})

describe('the words of a query in a title', () => {
  const marked = (title: string, query: string) =>
    marksIn(title, query).map(([from, to]) => title.slice(from, to))
  it.each([
    ['Autumn festival plan', 'plan fest', ['fest', 'plan']],
    ['Äpfel und Birnen', 'apfel', ['Äpfel']],
    ['A\u0308pfel', 'apfel', ['A\u0308pfel']],
    ['Airplane, a plan', 'plan', ['plan']],
    ['Plan', 'plan pl', ['Plan']],
    ['Plan', 'xyz', []],
  ])('%j by %j are %j', (title, query, expected) => expect(marked(title, query)).toEqual(expected))
})
