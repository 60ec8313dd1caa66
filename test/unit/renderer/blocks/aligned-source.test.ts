import { Text } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { markdownParser } from '../../../../preload/text/markdown/grammar'
import { alignment } from '../../../../renderer/features/tables/aligned-source'

/** The lines of a table as they are seen in the code font, with the marks before them. */
function aligned(source: string): string[] {
  const doc = Text.of(source.split('\n'))
  const { from, to } =
    markdownParser.parse(source).resolve(source.indexOf('|'), 1).parent?.parent ?? expect.fail()
  const room = alignment(doc, { from, to }, doc.lineAt(from).number, doc.lineAt(to).number)
  let text = source
  for (const { from: at, value } of [...room].sort((a, b) => b.from - a.from)) {
    const { letters } = value.spec.widget as { letters: number }
    text = text.slice(0, at) + ' '.repeat(letters) + text.slice(at)
  }
  return text.split('\n')
}

describe('the bars of a table stand below each other in its source', () => {
  it.each([
    ['by itself', '| a | bbb |\n|--|--|\n| ccc | d |', ['| a   | bbb |', '|--   |--   |', '| ccc | d   |']],
    ['without bars around', 'a | b\n--|--\nccc | d', ['a   | b', '--  |--', 'ccc | d']],
    [
      'in a quote',
      '> | a | b |\n> |--|--|\n> | ccc | d |',
      ['> | a   | b |', '> |--   |-- |', '> | ccc | d |'],
    ],
    [
      'in a quote, with the mark and one blank hidden',
      '> | a |\n>|--|\n>   | ccc |',
      ['>   | a   |', '>  |--   |', '>   | ccc |'],
    ],
    ['in an item', '- | a |\n  |--|\n  | ccc |', ['- | a   |', '  |--   |', '  | ccc |']],
    [
      'in an item, without bars around',
      '- a | b\n  --|--\n  ccc | d',
      ['- a   | b', '  --  |--', '  ccc | d'],
    ],
  ] as const)('%s', (_, source, lines) => expect(aligned(source)).toEqual(lines))
})
