import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unlikeTarget } from '../../../../renderer/features/links/link-parts'
import { looks, seen } from './shown'

describe('marks in the text', () => {
  it.each([
    // Away from the caret they are hidden.
    ['a **b** *c* ~~d~~ `e` ==f== g', 'a b c d e f g'],
    ['H~2~O x^2^', 'H2O x2'],
    ['***both*** and **bold *inner* bold**', 'both and bold inner bold'],
    ['\\*not emphasis\\*', '*not emphasis*'],
    ['line\\\nbreak', 'line\nbreak'],
    ['<https://example.org>', 'https://example.org'],
    ['``a ` b``', 'a ` b'],
    ['# Title', 'Title'],
    ['## Title ##', 'Title'],
    ['Title\n===', 'Title\n'],
    ['> quote\n>> nested', 'quote\nnested'],
    ['- a\n* b\n+ c', '• a\n• b\n• c'],
    ['- a\n  more of a', '• a\nmore of a'],
    ['- [x] done\n- [ ] open', '☑ done\n☐ open'],
    ['1. [x] done', '1. ☑ done'],
    ['- a\n\n  [ ] open\n\n  [x] do|ne', '• a\n\n☐ open\n\n☑ done'],
    ['> - item\n>   more', '• item\nmore'],
    ['> | a | *b* |\n> |--|--|\n>> | c | d |', '| a | *b* |\n|--|--|\n| c | d |'],
    ['- | a | *b* |\n  |--|--|\n  | c | d |', '• | a | *b* |\n|--|--|\n| c | d |'],
    ['---', '――'],
    // At the caret they are shown, in the element that it touches only.
    ['a **b|** *c*', 'a **b** c'],
    ['a |**b** *c*', 'a **b** c'],
    ['a **b**| *c*', 'a **b** c'],
    ['a **b** |*c*', 'a b *c*'],
    ['a| **b**', 'a b'],
    ['**bold *in|ner* bold**', '**bold *inner* bold**'],
    ['**bo|ld *inner* bold**', '**bold inner bold**'],
    ['|a **b** c| *d*', 'a **b** c d'],
    ['\\|*', '\\*'],
    ['# Ti|tle', '‹# ›Title'],
    ['## Title ##|', '‹## ›Title ##'],
    ['Ti|tle\n===', 'Title\n==='],
    ['> quo|te\n> more', '‹> ›quote\nmore'],
    ['-|--', '---'],
    // A list has its marks drawn in the line of the caret too.
    ['- it|em', '• item'],
    ['- |item', '• item'],
    ['-| item', '‹- ›item'],
    ['- [ ] |open', '☐ open'],
    ['- [| ] open', '‹- [ ] ›open'],
  ])('%j is seen as %j', (text, words) => expect(seen(text)).toBe(words))

  it.each([
    '**',
    '** alone',
    '[](x)',
    '[ ](x)',
    '[\u200b](x)',
    '` `',
    '*\u200b*',
    '\\',
    '[reference]',
    '[words][reference]',
    '[a](b\n"title")',
    '![a\nb](c)',
    '| a | b |\n| - | - |\n| **c** | d |',
    '```\n**code**\n```',
    '    **code**',
    '<!-- **note** -->',
    '[^1]: https://example.org',
    `**${'long '.repeat(1_000)}line**`,
  ])('%j keeps its marks', (text) => expect(seen(text, { reads: true })).toBe(text))

  it('keeps the marks of a heading, item or quote without words in sight', () => {
    expect(['#', '# ', '## ##'].map((text) => seen(text, { reads: true }))).toEqual(['‹#›', '‹# ›', '##'])
    expect(['-', '- ', '7.', '- [ ] '].map((text) => seen(text))).toEqual(['• ', '• ', '7. ', '☐ '])
    expect(looks('>')).toEqual(['1: md-quoted md-quotes-1'])
  })

  it('hides all marks of a text that can only be read, and none of one that shows its source', () => {
    const text = '# Ti|tle\n\n- **b**\n\n> [hall](https://example.org)\n\n---'
    expect(seen(text, { reads: true })).toBe('Title\n\n• b\n\nhall\n\n――')
    expect(seen(text, { source: true })).toBe(text.replace('|', ''))
  })

  it('never shows a line with characters as nothing', () => {
    const bits = fc.constantFrom(
      ...[
        '*',
        '**',
        '_',
        '`',
        '~~',
        '==',
        '[',
        ']',
        '](x)',
        '![',
        '<b>',
        '\\',
        '#',
        '> ',
        '- ',
        '1. ',
        '[ ]',
      ],
      ...['a', ' ', '\n', '---', '\u200b', '&nbsp;', '<x:y>', ':+1:', '^', '$', '===', '\t', 'é'],
    )
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 14 }), (parts) => {
        const text = parts.join('').replaceAll('|', '')
        const drawn = new Set(looks(text).map((look) => Number.parseInt(look, 10)))
        const shown = seen(text, { reads: true }).split('\n')
        const blank = text.split('\n').findIndex((line, index) => {
          const words = /[^\s\u200b]/
          return words.test(line) && !words.test(shown[index] ?? '') && !drawn.has(index + 1)
        })
        expect(blank).toBe(-1)
      }),
      { seed: 20_261_130, numRuns: 3_000 },
    )
  })
})

describe('numbers of a list', () => {
  it.each([
    ['1. a\n44. b\n55. c', '1. a\n2. b\n3. c'],
    ['3. a\n3. b', '3. a\n4. b'],
    ['0) a\n0) b', '0) a\n1) b'],
    ['1. a\n   1. in\n   9. side\n7. b', '1. a\n1. in\n2. side\n2. b'],
    ['1. a\n\n   text\n\n5. b', '1. a\n\ntext\n\n2. b'],
    ['1. a\n1) b', '1. a\n1) b'],
  ])('%j is seen as %j', (text, words) => expect(seen(text)).toBe(words))
})

describe('links', () => {
  it.each([
    ['see [the hall](https://example.org) here', 'see the hall here'],
    ['see [the **hall**](https://example.org "title") here', 'see the hall here'],
    // With the caret in its words nothing moves; in its address all of it is shown.
    ['see [the ha|ll](https://example.org)', 'see the hall'],
    ['see [the hall|](https://example.org)', 'see the hall'],
    ['see [the hall](https://example.org)|', 'see the hall'],
    ['see [the hall](https://exa|mple.org)', 'see [the hall](https://example.org)'],
    ['[x](javascript:alert(1))', 'x'],
    // Words that look like another address.
    ['[bank.example](https://evil.example/a)', 'bank.example (evil.example)'],
    ['[https://bank.example/a](https://evil.example/a)', 'https://bank.example/a (evil.example)'],
    [
      '[https://bank.example@evil.example](https://evil.example)',
      'https://bank.example@evil.example (evil.example)',
    ],
    ['[b\u0430nk.example](https://bank.example)', 'b\u0430nk.example (bank.example)'],
    ['[ada@bank.example](mailto:eve@evil.example)', 'ada@bank.example (eve@evil.example)'],
    ['[bank.example](javascript:alert(1))', 'bank.example (javascript:alert(1))'],
    ['[www.bank.example/a](https://bank.example/b)', 'www.bank.example/a'],
    ['[visit bank.example. Now](https://evil.example)', 'visit bank.example. Now (evil.example)'],
    ['[**bank.example**](https://evil.example)', 'bank.example (evil.example)'],
    ['[bank\\.example](https://evil.example)', 'bank.example (evil.example)'],
    ['[(bank.example)](https://evil.example)', '(bank.example) (evil.example)'],
    ['[ba\u034fnk.exam\u034fple](https://evil.example)', 'ba\u034fnk.exam\u034fple (evil.example)'],
    ['[\u202ebank.example](https://evil.example)', '\u202ebank.example (evil.example)'],
    ['[bank\u2024example](https://evil.example)', 'bank\u2024example (evil.example)'],
    ['[mail (ada@bank.example)](mailto:eve@evil.example)', 'mail (ada@bank.example) (eve@evil.example)'],
    ['[http://10.0.0.1/a](https://evil.example)', 'http://10.0.0.1/a (evil.example)'],
    ['[mail (ada@bank.example).](mailto:ada@bank.example)', 'mail (ada@bank.example).'],
    ['[see https://www.bank.example:8080/a.html](https://bank.example:8080)', null],
    ['[fruit, e.g. apples, costs 3.50 i.e. little](https://evil.example)', null],
    ['![A meadow](https://example.org/a.png)', '(Picture: A meadow)'],
    ['![](a.png)', '(Picture)'],
    ['![A mea|dow](a.png)', '![A meadow](a.png)'],
    ['[![A meadow](a.png)](https://example.org)', '(Picture: A meadow)'],
  ])('%j is seen as %j', (text, words) => expect(seen(text)).toBe(words ?? text.replace(/^\[|\]\(.*/g, '')))

  it('are compared in time with long words that look like addresses', () => {
    const start = performance.now()
    for (const long of ['a', 'a@', 'a.', 'a.bc ', '.', '\u200b'])
      for (let link = 0; link < 20; link++)
        unlikeTarget(long.repeat(30_000 / long.length), 'https://example.org')
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('lines', () => {
  it.each([
    ['# a\n###### b', ['1: md-line-heading-1 heading 1', '2: md-line-heading-6 heading 6']],
    ['a\n---', ['1: md-line-heading-2 heading 2', '2: md-underline']],
    ['- a\n  - b\n    c', ['1: md-lists-1 listitem 1', '2: md-lists-2 listitem 2', '3: md-lists-2']],
    [
      '> a\n> > b\nlazy',
      ['1: md-quoted md-quotes-1', '2: md-quoted md-quotes-2', '3: md-quoted md-quotes-2'],
    ],
    ['- > a', ['1: md-quoted md-quotes-1 md-lists-1 md-before-1 listitem 1']],
    [`${'> '.repeat(30)}deep`, ['1: md-quoted md-quotes-8']],
  ])('%j look like %j', (text, classes) => expect(looks(text)).toEqual(classes))
})
