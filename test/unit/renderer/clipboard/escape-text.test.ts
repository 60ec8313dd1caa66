import fc from 'fast-check'
import type { Nodes } from 'mdast'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { describe, expect, it } from 'vitest'
import { markdownParser } from '../../../../preload/text/markdown/grammar'
import { escapeText } from '../../../../renderer/features/clipboard/html/escape-text'

const alone = { before: '', after: '', inTable: false, inLink: false }
const escaped = (text: string) => escapeText(text, alone)

describe('text that becomes Markdown', () => {
  it.each([
    'a_b and snake_case_name',
    '5 * 3 = 15',
    '#tag and C#',
    'it costs $5 and $10',
    'a < b & c > d',
    'AT&T',
    '[1] and [x]',
    'C:\\Users\\ada',
    '~5 or 6 ~ 7',
    'https://example.org/a_b_c?x=1&y=2*3*4',
    'v1.0 (2026) - new!',
    '"quoted" and ‘this’',
    'a | b',
    '2 - 1',
    'x ^ y',
    'a == b',
  ])('%j stays as it is', (text) => expect(escaped(text)).toBe(text))

  it.each([
    ['*x*', '\\*x\\*'],
    ['_x_', '\\_x\\_'],
    ['# head', '\\# head'],
    ['1. one', '1\\. one'],
    ['- item', '\\- item'],
    ['> quote', '\\> quote'],
    ['---', '\\---'],
    ['[a](b)', '\\[a](b)'],
    ['[^1]', '\\[^1]'],
    ['[x] done', '\\[x] done'],
    ['<b>', '\\<b>'],
    ['&lt;', '\\&lt;'],
    ['`code`', '\\`code\\`'],
    ['==mark==', '\\==mark=='],
    ['$x + y$', '\\$x + y$'],
    ['a\\*b', 'a\\\\\\*b'],
  ])('%j is escaped to %j', (text, markdown) => expect(escaped(text)).toBe(markdown))

  it('is shown as it was by GitHub’s Markdown and by ours, whatever it is', () => {
    const parser = unified().use(remarkParse).use(remarkGfm)
    const words = fc.array(
      fc.oneof(
        fc.constantFrom(...'*_`~[]()<>!#+-=|\\&;:.^$/ \'"{}1ax'),
        fc.constantFrom(
          'a',
          'ä',
          ' ',
          ' b',
          '1. ',
          '- ',
          '&amp;',
          '<i>',
          '](',
          '[^',
          '***',
          '```',
          '~~',
          '==',
          '$$',
        ),
      ),
      { minLength: 1, maxLength: 14 },
    )
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join('').replace(/\s+/g, ' ').trim()
        // An address becomes a link, with the same text.
        fc.pre(text !== '' && !/www\.|:\/\/|@/.test(text))
        const markdown = escaped(text)
        expect(shown(parser.parse(markdown)), markdown).toBe(text)
        expect(markdownParser.parse(markdown).toString()).toMatch(
          /^Document\(Paragraph(\((Escape|Emoji|Link|LinkMark|[(),])*\))?\)$/,
        )
      }),
      { seed: 16, numRuns: 3_000 },
    )
  })
})

/** The text of a tree, with the names of everything that is not text of a paragraph. */
function shown(node: Nodes): string {
  if (node.type === 'text') return node.value
  const inner = 'children' in node ? node.children.map(shown).join('') : ''
  return node.type === 'root' || node.type === 'paragraph' ? inner : `<${node.type}>${inner}`
}
