import { Text } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { markdownParser } from '../../../../preload/text/markdown/grammar'
import { titleReader } from '../../../../preload/text/markdown/title'

/** Longest time for one block, in ms of this process: a slice of CodeMirror's parsing ends between two blocks. */
const limit = 200
const size = 64_000

/** Repeats a unit until the text is about `length` UTF-16 code units long. */
const fill = (unit: string, length = size): string => unit.repeat(Math.ceil(length / unit.length))
/** Lines or runs that grow by one: `row` gets 0, 1, 2 and so on. */
const grow = (row: (index: number) => string): string =>
  Array.from({ length: Math.floor(Math.sqrt(2 * size)) }, (_, index) => row(index)).join('')

const lines: Readonly<Record<string, string>> = {
  blanks: fill(' '),
  'blanks between words': `x${fill(' ')}x`,
  tabs: fill('\t'),
  'marks that open and close emphasis': fill('a*b*c+'),
  'strong emphasis that is never closed': fill('a **b '),
  'emphasis in emphasis': fill('*a **b '),
  'underscores around words': fill('a_b__c'),
  'brackets that open': fill('['),
  'brackets that close': fill(']'),
  'brackets in brackets': `${fill('[', size / 2)}a${fill(']', size / 2)}`,
  'empty brackets': fill('[]'),
  'links that end nowhere': fill('[a]('),
  'links in links': fill('[a](b'),
  'titles that end nowhere': fill('[a](b "'),
  'labels that end nowhere': fill('[a][b'),
  'pictures that end nowhere': fill('!['),
  'runs of backticks, each longer': grow((index) => `e${'`'.repeat(index)}`),
  'code that ends nowhere': fill('a`b``'),
  'comments that end nowhere': fill('x <!-- '),
  'instructions that end nowhere': fill('x<?'),
  'declarations that end nowhere': fill('x<!A '),
  'character data that ends nowhere': fill('x<![CDATA['),
  'tags with many attributes': fill(' b=c').replace(' ', 'x <a '),
  entities: fill('&a;'),
  'entities that end nowhere': fill('&#1'),
  'strikethrough that is never closed': fill('a ~~b '),
  'subscript and superscript': fill('a~b^'),
  emoji: fill(':a'),
  'an address with brackets': `http://a.b/${fill(')')}`,
  'an address with entities': `http://a.b/${fill('&a;')}`,
  'mail addresses': fill('a@a.'),
  backslashes: fill('\\'),
  'quotes in quotes': fill('> '),
  'lists in lists': fill('* - '),
  'numbered lists in lists': fill('1. '),
  'almost a rule': `${fill('- ')}x`,
  'a heading of hashes': `# ${fill(' #')}x`,
  maths: fill('$a '),
  highlights: fill('==a '),
  footnotes: fill('[^a]: '),
  callouts: fill('> [!note] '),
  'links between documents': fill('[[a|b'),
  'one word': fill('a', 1_000_000),
  'one line of prose': fill('The quick *brown* fox, [jumps](http://a.b). ', 1_000_000),
}

const blocks: Readonly<Record<string, string>> = {
  'below what may be a table': `|a\n${fill(' ')}x`,
  'almost the rule of a table': `|a\n|${fill(' ')}-x`,
  'a table of 2,000 rows': `|a|b|c\n|-|-|-\n${'|one *two*|`three`|four [five](six)\n'.repeat(2_000)}`,
  'a table without an end': `|a|b\n|-|-\n${fill('|a|b\n', 400_000)}`,
  'lines with pipes': fill('|a|b\n'),
  'a definition whose title ends nowhere': `[a]: /u "${fill('abc\n')}`,
  'a definition whose label ends nowhere': `[${fill('a\n')}`,
  'a paragraph without an end': fill('a *b* [c](d) `e`\n', 400_000),
  'a quote that goes on': `> a\n${fill('b\n', 400_000)}`,
  'lists, each deeper': grow((index) => `${' '.repeat(2 * index)}- a\n`).slice(0, 400_000),
  'quotes, each deeper': grow((index) => `${'>'.repeat(index)} a\n`),
  '10,000 items': '- item\n'.repeat(10_000),
  'code without an end': `\`\`\`\n${fill(' a\n', 1_000_000)}`,
  'a comment without an end': `<!--\n${fill('a\n', 400_000)}`,
}

/** Longest time that one step of the parser takes, in ms. */
function longestStep(text: string): number {
  const parse = markdownParser.startParse(text)
  for (let longest = 0; ; ) {
    const start = process.cpuUsage()
    const tree = parse.advance()
    longest = Math.max(longest, since(start))
    if (tree) return longest
  }
}

function since(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** The least of three times, as other processes and the collection of garbage only add to one. */
function least(measure: () => number): number {
  let best = measure()
  for (let run = 0; run < 2 && best > limit / 4; run++) best = Math.min(best, measure())
  return best
}

describe('the time that a block takes is bounded', () => {
  it.each(Object.entries(lines))('in one line: %s', (_name, line) => {
    const text = `# Head\n\n${line}\n\nend\n`
    expect(least(() => longestStep(text))).toBeLessThan(limit)
    expect(least(() => longestStep(`- a\n  ${line}\n  b`))).toBeLessThan(limit)
  })

  it.each(Object.entries(blocks))('in many lines: %s', (_name, block) => {
    expect(least(() => longestStep(`${block}\nend`))).toBeLessThan(limit)
  })

  it('of a title too', () => {
    for (const [name, line] of [...Object.entries(lines), ...Object.entries(blocks)]) {
      const text = Text.of(line.split('\n'))
      const folded = Text.of(line.match(/.{1,470}/gs) ?? [])
      const time = least(() => {
        const start = process.cpuUsage()
        titleReader()(text)
        titleReader()(folded)
        return since(start)
      })
      expect(time, name).toBeLessThan(2 * limit)
    }
  })
})

/** Names of the nodes inside the blocks of a text. */
function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  markdownParser.parse(text).iterate({ enter: ({ name }) => void names.add(name) })
  return names
}

describe('a text that is not read for marks', () => {
  it('is one line, or one paragraph, and no more', () => {
    const names = namesIn(`${fill('a*b*c+')}\n\n*this* is \`read\`\n\n- [a](b)`)
    for (const name of ['Emphasis', 'InlineCode', 'BulletList', 'Link']) expect(names).toContain(name)
    expect(namesIn(fill('a*b*c+'))).toEqual(new Set(['Document', 'Paragraph']))
  })

  it('is far longer than what people write', () => {
    const sentence = 'The quick *brown* fox — "she" said, [jumps](https://example.org/a_b) over `it`. '
    expect(namesIn(sentence.repeat(30))).toContain('Link')
    expect(namesIn(`${'A sentence without any mark, as long as this one. '.repeat(400)}*end*`)).toContain(
      'Emphasis',
    )
    expect(namesIn(`${sentence}\n`.repeat(500))).toContain('Link')
    expect(namesIn(`[a](b)${`\n${sentence}`.repeat(100)}`)).toContain('InlineCode')
    expect(namesIn(`${'> '.repeat(20)}*deep*`)).toContain('Emphasis')
    expect(namesIn(`|a|b\n|-|-\n${'|*c*|d\n'.repeat(2_000)}`)).toEqual(
      new Set([...namesIn('|a|b\n|-|-\n|*c*|d\n')]),
    )
  })
})
