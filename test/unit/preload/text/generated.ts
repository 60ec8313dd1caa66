import type { Random } from '../../../support/random'

/** Examples of GitHub's additions, from their specification (github.github.com/gfm). */
export const gfmExamples: readonly string[] = [
  '~~Hi~~ Hello, world!',
  'This ~~has a\n\nnew paragraph~~.',
  'www.commonmark.org',
  'Visit www.commonmark.org/help for more information.',
  'Visit www.commonmark.org.\n\nVisit www.commonmark.org/a.b.',
  'www.google.com/search?q=Markup+(business)\n\nwww.google.com/search?q=Markup+(business)))',
  'www.google.com/search?q=(business))+ok',
  'www.google.com/search?q=commonmark&hl=en\n\nwww.google.com/search?q=commonmark&hl;',
  'www.commonmark.org/he<lp',
  'http://commonmark.org\n\n(Visit https://encrypted.google.com/search?q=Markup+(business))',
  'foo@bar.baz',
  "hello@mail+xyz.example isn't valid, but hello+xyz@mail.example is.",
  'a.b-c_d@a.b\n\na.b-c_d@a.b.',
  '- [ ] foo\n- [x] bar',
  '- [x] foo\n  - [ ] bar\n  - [x] baz\n- [ ] bim',
  '| foo | bar |\n| --- | --- |\n| *baz* | `bim` |',
  '| abc | **defghi** |\n:-: | -----------:\nbar | [baz](c)',
  '| abc | def |\n| --- | --- |\n| bar | baz |\n> *bar*',
  '| abc | def |\n| --- | --- |\n| bar | baz |\nbar\n\n*bar*',
  '| abc | def |\n| --- |\n| *bar* |',
  '<strong> <title> <style> <em>\n\n<blockquote>\n  <xmp> is disallowed.',
]

/** Pieces of Markdown that generated texts consist of. */
const pieces = [
  ...[
    '*',
    '**',
    '_',
    '__',
    '`',
    '``',
    '~~',
    '[a](b)',
    '[a](b "c")',
    '![a](b)',
    '<http://a.b>',
    'word',
    'two words',
  ],
  ...[
    ' ',
    ' ',
    ' ',
    '\n',
    '\n',
    '\n\n',
    '> ',
    '- ',
    '* ',
    '1. ',
    '2) ',
    '# ',
    '## ',
    '    ',
    '  ',
    '```\n',
    '~~~\n',
  ],
  ...['\\*', '&amp;', '.', '!', '(', ')', '---\n', '===\n', 'é', '漢字', '“', '🙂'],
]

/** Returns a text of 3 to 14 pieces of Markdown in any order. */
export const generatedMarkdown = (random: Random): string =>
  Array.from({ length: 3 + random.below(12) }, () => random.pick(pieces)).join('')
