import { describe, expect, it } from 'vitest'
import { findMatches, maxMatches } from '../../../renderer/features/find/find-matches'

/** Replaces all matches of an expression in a text. */
function replaced(text: string, expression: string, replacement: string, more = {}): string {
  const found = findMatches({
    text,
    expression,
    replacement,
    caseSensitive: false,
    wholeWord: false,
    ...more,
  })
  if (typeof found === 'string') return found
  const { bounds, inserts } = found
  let result = ''
  let end = 0
  for (let index = 0; index < bounds.length; index += 2) {
    result += text.slice(end, bounds[index]) + (inserts[index / 2] ?? inserts[0])
    end = bounds[index + 1] ?? 0
  }
  return result + text.slice(end)
}

describe('an expression in the find strip', () => {
  it.each([
    ['Ada, ADA', 'ada', 'Ben', 'Ben, Ben'],
    ['2026-11-30', '(\\d+)-(\\d+)-(\\d+)', '$3.$2.$1', '30.11.2026'],
    ['a b', '(?<x>\\w)', '[$&]', '[a] [b]'],
    ['a', '(a)(b)?', '<$1$2$3>', '<a$3>'],
    ['a', '(a)', '$12 $0 $$1', 'a2 $0 $1'],
    ['a;b', ';', '\\n\\t\\\\n', 'a\n\t\\nb'],
    ['one\ntwo', '^', '- ', '- one\n- two'],
    ['one\ntwo', '$', '.', 'one.\ntwo.'],
    ['😀a', '(?=.)', '|', '|😀|a'],
    ['a😀b', '.', 'x', 'xxx'],
    ['a.b', '\\p{P}', '', 'ab'],
    ['a-b', '[\\w\\-]+', 'x', 'x'],
    ['a\\b', '\\-|\\\\', '/', 'a/b'],
    // The escape is one of the older syntax, which takes half of a character for one.
    ['-a -😀', '\\-.', 'x', 'x -😀'],
    ['a😀b', '\\;?[^;]', 'x', 'x😀x'],
    ['-😀 -ab', '\\-(.)(.)', '$2$1', '-😀 ba'],
  ])('replaces in %j by /%s/ and %j', (text, expression, replacement, result) =>
    expect(replaced(text, expression, replacement)).toBe(result),
  )

  it('heeds case and whole words', () => {
    expect(replaced('Ada ada', 'ada', 'x', { caseSensitive: true })).toBe('Ada x')
    expect(replaced('Äda da dab', 'da', 'x', { wholeWord: true })).toBe('Äda x dab')
    expect(replaced('a|b ab', 'a|b', 'x', { wholeWord: true })).toBe('x|x ab')
  })

  it('refuses an invalid expression, and replacements that are too large', () => {
    for (const expression of ['(', 'a)(b', '[z-a]', '*'])
      for (const wholeWord of [true, false])
        expect(replaced('ab', expression, 'x', { wholeWord })).toBe('invalid')
    expect(replaced('a'.repeat(2_000), '.', 'x'.repeat(3_000))).toBe('large')
    expect(replaced('a'.repeat(3_000), '.+', '$&$&'.repeat(1_000))).toBe('large')
  })

  it('ends at a maximum of matches, and says so', () => {
    const search = { expression: 'a', replacement: 'x', caseSensitive: true, wholeWord: false }
    const some = findMatches({ ...search, text: 'a'.repeat(maxMatches + 1) })
    expect(some).toMatchObject({ isAll: false, bounds: { length: 2 * maxMatches } })
    expect(findMatches({ ...search, text: 'a'.repeat(maxMatches) })).toMatchObject({ isAll: true })
  })
})
