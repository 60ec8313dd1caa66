import { markdown, markdownLanguage } from '@codemirror/lang-markdown'
import { Text } from '@codemirror/state'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { markdownParser, titleParser } from '../../../../preload/text/markdown/grammar'
import { titleReader } from '../../../../preload/text/markdown/title'
import { markdownSupport } from '../../../../renderer/features/markdown/markdown'

const titleOf = (text: Text) => titleReader()(text)
const title = (source: string) => titleOf(Text.of(source.split('\n')))

describe('the title of a text', () => {
  it.each([
    ['without a heading', 'First line\n\n', 'First line', 600],
    [
      'without a heading, and with a long first paragraph',
      `First line\n${'more words\n'.repeat(100)}`,
      'First line',
      6_000,
    ],
    ['with a heading at the top', '# Heading\n', 'Heading', 600],
    [
      'with a heading below other lines',
      `words\n\n${'more words\n\n'.repeat(60)}# Heading\n\n`,
      'Heading',
      6_000,
    ],
    ['with an underlined heading', `words\n\nHeading\n---\n\n`, 'Heading', 600],
    ['with an underlined heading in a list', `words\n\n- Heading\n  ===\n\n`, 'Heading', 600],
  ])('%s is found where it stands, and not by parsing all', (_name, top, expected, most) => {
    const parse = vi.spyOn(titleParser, 'parse')
    try {
      expect(title(top + 'and so on, and so on\n\n'.repeat(1_000))).toBe(expected)
      const parsed = parse.mock.calls.reduce((sum, [source]) => sum + (source as string).length, 0)
      expect(parsed).toBeLessThanOrEqual(most)
    } finally {
      parse.mockRestore()
    }
  })

  it('is a heading that comes after the first lines, if the text has one', () => {
    expect(title(`words\n\n${'more words\n\n'.repeat(90)}Heading\n===`)).toBe('Heading')
  })

  it.each([
    ['# One', 'One'],
    ['text\n\n## Two ##\n', 'Two'],
    ['One\n===\n\ntext', 'One'],
    ['text\n\nTwo words\n---\n', 'Two words'],
    ['---\ntitle: no\ntags: [a]\n---\n\n# Yes', 'Yes'],
    ['---\ntitle: no\n---\n\nplain', 'plain'],
    ['---\n---\n# Yes', 'Yes'],
    ['---\n\nA rule stands above', 'A rule stands above'],
    ['```sh\n# a comment\n```\n\n# Real', 'Real'],
    ['    # in a code block\n\nplain', '# in a code block'],
    ['# **Bold** and *soft*, `code`, ~~gone~~', 'Bold and soft, code, gone'],
    ['# A [link](https://example.org "x") here', 'A link here'],
    ['# ![A picture](p.png)', 'A picture'],
    ['# For [[Plan]], [[Plan#Costs]] and [[Plan|it]]', 'For Plan, Plan#Costs and it'],
    ['# [https://a.example](https://b.example) **[www.c.example](d)**', 'https://a.example www.c.example'],
    ['# See <https://example.org>', 'See https://example.org'],
    ['# One \\* two', 'One * two'],
    ['- [ ] a task\n- other', 'a task'],
    ['> quoted words', 'quoted words'],
    ['> # In a quote', 'In a quote'],
    ['#hashtag is no heading', '#hashtag is no heading'],
    ['<!-- hidden -->\n\nshown', 'shown'],
    ['***\n\n\n?!\n\n🎈', '🎈'],
    ['# A ==mark==, $x$ and a note[^1]', 'A mark, x and a note'],
    ['[^1]: a note', 'a note'],
    ['> [!note] Mind this', 'Mind this'],
    ['#\n\n# \n\nthen this', 'then this'],
    ['', ''],
    ['\n \n---\n', ''],
    [`# ${'long '.repeat(60)}`, `${'long '.repeat(60).slice(0, 119)}…`],
  ])('%j is %j', (source, expected) => expect(title(source)).toBe(expected))

  it('is looked for in the beginning of a text only', () => {
    const lines = Array.from({ length: 300 }, () => '')
    expect(titleOf(Text.of([...lines, '# late']))).toBe('')
    const before = process.cpuUsage()
    titleOf(Text.of(Array.from({ length: 200_000 }, () => 'x'.repeat(1_000))))
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(2_000_000)
  })

  it('is the first heading, wherever the first look at the beginning ends', () => {
    const pieces = [
      '# One',
      'Two',
      '===',
      '---',
      '',
      '> ',
      '```',
      '<!--',
      '-->',
      '- item',
      '    code',
      '#',
      'w'.repeat(90),
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 60, maxLength: 190 }), (lines) => {
        const source = lines.join('\n')
        const headings: string[] = []
        markdownParser.parse(source).iterate({
          enter: ({ name, from, to }) => {
            if (/^(ATX|Setext)Heading/.test(name)) headings.push(source.slice(from, to))
          },
        })
        const [words] = headings.flatMap((heading) => heading.match(/One|Two|item|code|w{90}/) ?? [])
        fc.pre(words !== undefined)
        expect(title(source)).toContain(words)
      }),
      { numRuns: 300 },
    )
  })

  it('follows the text', () => {
    const read = titleReader()
    const lines = ['# One', ...Array.from({ length: 250 }, () => 'words')]
    expect(read(Text.of(lines))).toBe('One')
    expect(read(Text.of([...lines, 'more']))).toBe('One')
    expect(read(Text.of(['', ...lines.slice(1)]))).toBe('words')
    expect(read(Text.of(lines))).toBe('One')
  })

  it('is not looked for again while what is written stands below its top', () => {
    const read = titleReader()
    const lines = [
      'First line',
      '',
      ...Array.from({ length: 60 }, () => 'ten words that stand below the title of this'),
    ]
    const written = (more: string, line: number) =>
      Text.of(lines.map((words, at) => (at === line ? words + more : words)))
    expect(read(Text.of(lines))).toBe('First line')
    const parse = vi.spyOn(titleParser, 'parse')
    expect(read(written(' x', 50))).toBe('First line')
    expect(read(written(' xy', 30))).toBe('First line')
    expect(parse).not.toHaveBeenCalled()
    expect(read(written('!', 0))).toBe('First line!')
    expect(read(Text.of([...lines, '# Heading']))).toBe('Heading')
    expect(read(written(' xy', 30))).toBe('First line')
    parse.mockRestore()
  })
})

describe('the grammar', () => {
  it.each([
    'a *b* **c** `d` ~~e~~ ~f~ ^g^ :smile: https://example.org',
    '| a | b |\n|---|---|\n| 1 | 2 |\n',
    '- [x] done\n  1. one\n> quote\n\n    code\n',
    'A\n---\n\n---\n<b>x</b>',
  ])('makes of %j what the editor makes, and what plain GFM makes', (source) => {
    const tree = markdownParser.parse(source).toString()
    expect(markdownSupport.language.parser.parse(source).toString()).toBe(
      markdown({ base: markdownLanguage }).language.parser.parse(source).toString(),
    )
    expect(markdownLanguage.parser.parse(source).toString()).toBe(tree)
  })

  it('knows front matter at the beginning, and nowhere else', () => {
    const names = (source: string) => markdownParser.parse(source).toString()
    expect(names('---\na: 1\n---\n# T')).toMatch(
      /^Document\(FrontMatter\(FrontMatterMark,FrontMatterMark\),ATX/,
    )
    expect(names('---\na: 1\nb: 2')).toMatch(/^Document\(FrontMatter\(FrontMatterMark\)\)/)
    expect(names('---\na: 1\n\n# T')).toMatch(/^Document\(FrontMatter\(FrontMatterMark\),ATX/)
    expect(names('---\n# T')).toMatch(/^Document\(HorizontalRule,ATX/)
    expect(names('x\n\n---\na: 1\n---\n')).not.toContain('FrontMatter')
  })
})
