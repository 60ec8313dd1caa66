import { describe, expect, it } from 'vitest'
import { markdownParser } from '../../../../preload/text/markdown/grammar'

/** The nodes of the named kinds, as 'Name:text'. */
function nodes(source: string, ...names: string[]): string[] {
  const found: string[] = []
  markdownParser.parse(source).iterate({
    enter: ({ name, from, to }) => {
      if (names.includes(name)) found.push(`${name}:${source.slice(from, to)}`)
    },
  })
  return found
}

describe('maths', () => {
  const math = (source: string) => nodes(source, 'InlineMath', 'BlockMath')

  it.each([
    ['so $x$ is', ['InlineMath:$x$']],
    ['$a+b$, $c$.', ['InlineMath:$a+b$', 'InlineMath:$c$']],
    ['$$x^2$$ here', ['InlineMath:$$x^2$$']],
    ['$a \\$ b$', ['InlineMath:$a \\$ b$']],
    ['**$a*b*c$**', ['InlineMath:$a*b*c$']],
    ['it is $5 and $6', []],
    ['from $20,000 to $30,000', []],
    ['$5 or US$6', []],
    ['$ x$ and $x $', []],
    ['\\$x$', []],
    ['`$x$`', []],
    ['$a\nb$', []],
    ['$$$x$$$', []],
    ['$$', ['BlockMath:$$']],
    ['$$\n- a\n+ b\n$$\nafter', ['BlockMath:$$\n- a\n+ b\n$$']],
    ['$$ x $$\nafter', ['BlockMath:$$ x $$']],
    ['before\n$$\nx\n$$', ['BlockMath:$$\nx\n$$']],
    ['$$\nopen\n\nafter', ['BlockMath:$$\nopen']],
    ['- item\n\n  $$\n  x\n  $$\n- next', ['BlockMath:$$\n  x\n  $$']],
    ['> $$\n> x\n> $$\n\nafter', ['BlockMath:$$\n> x\n> $$']],
    ['> $$\n> x\nafter', ['BlockMath:$$\n> x']],
    ['    $$\n    x', []],
  ])('of %j is %j', (source, expected) => expect(math(source)).toEqual(expected))

  it('has its dollars as marks', () =>
    expect(nodes('$x$ $$y$$\n\n$$\nz\n$$', 'MathMark')).toEqual([
      'MathMark:$',
      'MathMark:$',
      'MathMark:$$',
      'MathMark:$$',
      'MathMark:$$',
      'MathMark:$$',
    ]))
})

describe('footnotes', () => {
  const notes = (source: string) => nodes(source, 'FootnoteReference', 'FootnoteDefinition')

  it.each([
    ['see[^1].', ['FootnoteReference:[^1]']],
    ['see [^a-b][^ä]', ['FootnoteReference:[^a-b]', 'FootnoteReference:[^ä]']],
    ['[^]', []],
    ['[^a b]', []],
    ['\\[^a]', []],
    ['[^1]: a note', ['FootnoteDefinition:[^1]: a note']],
    ['text\n[^1]: a note', ['FootnoteDefinition:[^1]: a note']],
    ['[^1]: one\n[^2]: two', ['FootnoteDefinition:[^1]: one', 'FootnoteDefinition:[^2]: two']],
    ['[^1]: one\n\n    more\n\nafter', ['FootnoteDefinition:[^1]: one\n\n    more']],
    ['- item\n[^1]: one', ['FootnoteDefinition:[^1]: one']],
    [
      '[^1]: one\n    [^2]: in it',
      ['FootnoteDefinition:[^1]: one\n    [^2]: in it', 'FootnoteReference:[^2]'],
    ],
    ['[^1]: see[^2]', ['FootnoteDefinition:[^1]: see[^2]', 'FootnoteReference:[^2]']],
    [`[^${'a'.repeat(200)}]`, []],
  ])('of %j are %j', (source, expected) => expect(notes(source)).toEqual(expected))

  it('have labels and marks', () =>
    expect(nodes('[^ab]: x[^ab]', 'FootnoteLabel', 'FootnoteMark')).toEqual([
      'FootnoteMark:[^',
      'FootnoteLabel:ab',
      'FootnoteMark:]:',
      'FootnoteMark:[^',
      'FootnoteLabel:ab',
      'FootnoteMark:]',
    ]))
})

describe('highlights', () => {
  it.each([
    ['a ==b== c', ['Highlight:==b==']],
    ['==a *b* c==', ['Highlight:==a *b* c==']],
    ['*a ==b== c*', ['Highlight:==b==']],
    ['==a== ==b==', ['Highlight:==a==', 'Highlight:==b==']],
    ['==a\nb==', ['Highlight:==a\nb==']],
    ['x == y == z', []],
    ['==a', []],
    ['a===b===', []],
    ['`==a==`', []],
    ['\\==a==', []],
    ['Title\n==', []],
  ])('of %j are %j', (source, expected) => expect(nodes(source, 'Highlight')).toEqual(expected))
})

describe('callouts', () => {
  it.each([
    ['> [!note] Mind *this*\n> text', ['Callout:[!note] Mind *this*', 'CalloutMark:[!note]']],
    ['> [!WARNING]\n> text', ['Callout:[!WARNING]', 'CalloutMark:[!WARNING]']],
    ['> [!tip]- folded', ['Callout:[!tip]- folded', 'CalloutMark:[!tip]-']],
    ['> > [!note] inner', ['Callout:[!note] inner', 'CalloutMark:[!note]']],
    ['> text\n> [!note] late', []],
    ['> text\n>\n> [!note] late', []],
    ['[!note] outside', []],
    ['> [!note](x)', []],
  ])('of %j are %j', (source, expected) => expect(nodes(source, 'Callout', 'CalloutMark')).toEqual(expected))

  it('stand in a quote that goes on', () =>
    expect(markdownParser.parse('> [!note] T\n> text').toString()).toBe(
      'Document(Blockquote(QuoteMark,Callout(CalloutMark),QuoteMark,Paragraph))',
    ))
})

describe('links between documents', () => {
  it.each([
    ['see [[Plan]].', ['WikiLink:[[Plan]]']],
    ['[[Plan#Costs|the costs]]', ['WikiLink:[[Plan#Costs|the costs]]', 'WikiWords:the costs']],
    ['| a | b |\n|--|--|\n| [[Plan\\|it]] | c |', ['WikiLink:[[Plan\\|it]]', 'WikiWords:it']],
    ['**[[Plan]]** and [[#Here]]', ['WikiLink:[[Plan]]', 'WikiLink:[[#Here]]']],
    ['# On [[Plan]]', ['WikiLink:[[Plan]]']],
    ['[[Plan|]]', ['WikiLink:[[Plan|]]']],
    ['[[ ]] [[]] [[#]] [[|words]]', []],
    ['`[[Plan]]` \\[[Plan]] $[[Plan]]$', []],
    ['[[Plan]](https://example.org)', []],
    ['[[^1]]', []],
    ['[[one\ntwo]]', []],
    ['[[one [two]]', []],
    [`[[${'a'.repeat(251)}]]`, []],
    ['- [[x]] is no task', ['WikiLink:[[x]]']],
  ])('of %j are %j', (source, expected) => expect(nodes(source, 'WikiLink', 'WikiWords')).toEqual(expected))
})

describe('hostile text', () => {
  const n = 100_000
  it.each([
    ['dollars', '$'.repeat(n)],
    ['dollars with a letter', '$a'.repeat(n / 2)],
    ['dollars with blanks', '$a '.repeat(n / 3)],
    ['dollars in pairs', '$$a'.repeat(n / 3)],
    ['lines of dollars', '$$\n'.repeat(n / 3)],
    ['lines that begin maths', '$$a\n\n'.repeat(n / 5)],
    ['backslashes and dollars', '$\\'.repeat(n / 2)],
    ['equals signs', '='.repeat(n)],
    ['highlights that open', '==a '.repeat(n / 4)],
    ['highlights that close', 'a== '.repeat(n / 4)],
    ['highlights in links', '[==](x)a== '.repeat(n / 11)],
    ['footnotes', '[^a]'.repeat(n / 4)],
    ['beginnings of footnotes', '[^a'.repeat(n / 3)],
    ['definitions', '[^a]: '.repeat(n / 6)],
    ['lines of definitions', '[^a]: b\n'.repeat(n / 8)],
    ['callouts', '> [!a]\n\n'.repeat(n / 8)],
    ['beginnings of links between documents', '[[a'.repeat(n / 3)],
    ['links between documents', '[[a|b]]'.repeat(n / 7)],
    ['bars in links between documents', `[[a${'|'.repeat(200)}`.repeat(n / 203)],
    ['marks of callouts', `> ${'[!a] '.repeat(n / 5)}`],
  ])('of %s takes less than two seconds', (_name, source) => {
    const before = process.cpuUsage()
    markdownParser.parse(source)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1_000).toBeLessThan(2_000)
  })
})
