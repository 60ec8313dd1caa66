import { Text } from '@codemirror/state'
import { expect, it } from 'vitest'
import { escapeMarkdown } from '../../../../preload/text/markdown/escape'
import { titleReader } from '../../../../preload/text/markdown/title'

it.each([
  ...[
    '_private_',
    '2*3*4',
    'the `code` of it',
    'C:\\dir\\_x',
    '[[Garden]] and [a](b)',
    '![p](q)',
    '<b>bold</b>',
  ],
  ...[
    '~~old~~ H~2~O',
    'x^2^',
    '$5 and $6',
    '==new==',
    '# C',
    'C #',
    'C#',
    'a | b',
    '[^1]',
    '1. First',
    '- item',
  ],
  ...[
    '&amp; &lt;',
    'snake_case_name',
    'https://example.org/a_b',
    '_a_b',
    'Plan',
    '**a** b_',
    ':tada: 5%',
    '> 3',
  ],
])('%s is a title as it is written', (title) => {
  expect(titleReader()(Text.of([`# ${escapeMarkdown(title)}`, '', 'more']))).toBe(title)
})
