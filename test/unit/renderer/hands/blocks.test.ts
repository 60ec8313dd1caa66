import { describe, expect, it } from 'vitest'
import { insertRule, toggleCodeBlock, toggleQuote } from '../../../../renderer/features/format/block-commands'
import { type HeadingLevel, setHeading } from '../../../../renderer/features/format/headings'
import { insertLink } from '../../../../renderer/features/format/link'
import { type ListKind, toggleList } from '../../../../renderer/features/lists/toggle-list'
import { result, stateOf } from './marked-text'

describe('a key for a list', () => {
  it.each<[ListKind, string, string]>([
    ['bullet', 'a|', '- a|'],
    ['bullet', '- a|', 'a|'],
    ['bullet', '‹a\nb\n\nc›', '- ‹a\n- b\n\n- c›'],
    ['number', '‹a\nb\n\nc›', '1. ‹a\n2. b\n\n3. c›'],
    ['task', '‹a\nb›', '- [ ] ‹a\n- [ ] b›'],
    ['task', '- a|', '- [ ] a|'],
    ['task', '- [x] a|', 'a|'],
    ['bullet', '- [x] a|', '- a|'],
    ['bullet', '1. a|\n   - b', '- a|\n  - b'],
    ['number', '- ‹a\n  - x\n- b›', '1. ‹a\n   1. x\n2. b›'],
    ['number', '1. a\n\nb|', '1. a\n\n1. b|'],
    ['number', '1. a\n- b|', '1. a\n1. b|'],
    ['bullet', '|', '- |'],
    ['task', 'words\n|', 'words\n\n- [ ] |'],
    ['bullet', 'on|e\ntwo', '- on|e\n\ntwo'],
    ['bullet', '> a|', '> - a|'],
    ['bullet', '> - a|', '> a|'],
    ['bullet', '- a\n- b|\n- c', '- a\n\nb|\n\n- c'],
    ['bullet', '- a\n  - b|', '- a\n\n  b|'],
    ['bullet', '- a|\n  - b', 'a|\n- b'],
    ['bullet', '- a\n  more|', 'a\nmore|'],
    [
      'bullet',
      '‹- one\n\t- two\n\t\t- three\n\t\t\t- four words here›',
      '‹one\n  two\n    three\n      four words here›',
    ],
    ['bullet', '```\na|\n```', '```\na|\n```'],
  ])('%s: %j becomes %j', (kind, before, expected) => {
    expect(result(before, toggleList(kind))).toBe(expected)
  })
})

describe('a key for a heading', () => {
  it.each<[HeadingLevel, string, string]>([
    [1, 'a|', '# a|'],
    [2, '# a|', '## a|'],
    [2, '## a|', 'a|'],
    [0, '### a|', 'a|'],
    [1, '|a', '# |a'],
    [1, '|', '# |'],
    [3, '> a|', '> ### a|'],
    [2, '- a|', '- ## a|'],
    [2, 'one\ntw|o\nthree', 'one\n## tw|o\nthree'],
    [2, '‹a\n\nb›', '## ‹a\n\n## b›'],
    [2, '‹## a\n\nb›', '‹## a\n\n## b›'],
    [3, 'a|\n===', '### a|'],
    [1, 'a|\n===', 'a|'],
    [0, 'a|\n---', 'a|'],
    [0, '## a| ##', 'a|'],
    [3, '## a| ##', '### a|'],
    [0, '# 1. a|', '1\\. a|'],
    [0, '# - a|', '\\- a|'],
    [0, 'a|', 'a|'],
    [0, '- a|', '- a|'],
    [1, '- [ ] a|', '- [ ] a|'],
    [1, '```\na|\n```', '```\na|\n```'],
  ])('%i: %j becomes %j', (level, before, expected) => {
    expect(result(before, setHeading(level))).toBe(expected)
  })
})

describe('a quote', () => {
  it.each([
    ['a|', '> a|'],
    ['> a|', 'a|'],
    ['on|e\ntwo', '> on|e\n> two'],
    ['‹a\n\nb›', '> ‹a\n> \n> b›'],
    ['> ‹a\n>\n> b›', '‹a\n\nb›'],
    ['> > a|', '> a|'],
    ['- a|', '> - a|'],
    ['- a\n\n  b|', '- a\n\n  > b|'],
    ['> - a|', '- a|'],
    ['> # a\n> b|', '> # a\n\nb|'],
    ['```\na|\n```', '> ```\n> a|\n> ```'],
  ])('%j becomes %j', (before, expected) => expect(result(before, toggleQuote)).toBe(expected))
})

describe('a block of code', () => {
  it.each([
    ['|', '```\n|\n```'],
    ['a|', '```\na|\n```'],
    ['‹a\n\nb›', '```\n‹a\n\nb›\n```'],
    ['```\na|\n```', 'a|'],
    ['```js\na\nb|\n```', 'a\nb|'],
    ['```\n|\n```', '|'],
    ['> a|', '> ```\n> a|\n> ```'],
    ['> ```\n> a|\n> ```', '> a|'],
    ['- a|', '- ```\n  a|\n  ```'],
    ['- ```\n  a|\n  ```', '- a|'],
  ])('%j becomes %j', (before, expected) => expect(result(before, toggleCodeBlock)).toBe(expected))
})

describe('a line across the page', () => {
  it.each([
    ['|', '---\n|'],
    ['a|', 'a\n\n---\n|'],
    ['a\n|', 'a\n\n---\n|'],
    ['a\n\n|\n\nb', 'a\n\n---\n|\n\nb'],
    ['on|e\ntwo\n\nb', 'one\ntwo\n\n---\n|\n\nb'],
    ['> a|', '> a\n>\n> ---\n> |'],
  ])('%j becomes %j', (before, expected) => expect(result(before, insertRule)).toBe(expected))
})

describe('the key for a link', () => {
  it.each([
    ['a ‹word› here', 'a [word](|) here'],
    ['a wo|rd here', 'a [word](|) here'],
    ['a | here', 'a [|]() here'],
    ['a ‹ word› here', 'a  [word](|) here'],
    ['a ‹https://a.example/b› c', 'a [|](https://a.example/b) c'],
    ['a https://a.exam|ple/b c', 'a [|](https://a.example/b) c'],
    ['a <https://a.exam|ple/b> c', 'a [|](https://a.example/b) c'],
    ['‹www.a.example›', '[|](https://www.a.example)'],
    ['‹https://a.example/(b›', '[|](<https://a.example/(b>)'],
    ['[wo|rd](https://a.example)', '[word](‹https://a.example›)'],
    ['[wo|rd]()', '[word](|)'],
    ['a ‹b] c›', 'a [b\\] c](|)'],
    ['*a ‹b* c›', '[*a b* c](|)'],
    ['**a ‹b› c**', '**a [b](|) c**'],
    ['‹a\n\nb›', '[a](|)\n\nb'],
    ['`wo|rd`', '[`word`](|)'],
    ['```\nwo|rd\n```', '```\nwo|rd\n```'],
  ])('%j becomes %j', (before, expected) => expect(result(before, insertLink)).toBe(expected))

  it.each([
    ['‹some words›', 5, '[some other words]()'],
    ['‹some ] words›', 5, '[some other \\] words]()'],
    ['<https://exa|mple.org/words>', 21, '[](https://example.org/other words)'],
  ])('around %j keeps what others write there meanwhile', (before, place, expected) => {
    const state = stateOf(before)
    const theirs = state.changes({ from: place, insert: 'other ' })
    let after = ''
    insertLink({
      state,
      dispatch: ({ changes }) => {
        after = theirs.compose(changes.map(theirs)).apply(state.doc).toString()
      },
    })
    expect(after).toBe(expected)
  })
})
