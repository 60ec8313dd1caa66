import { DocInput } from '@codemirror/language'
import type { ChangeDesc, Text } from '@codemirror/state'
import { type ChangedRange, type Tree, TreeFragment } from '@lezer/common'
import { markdownParser } from '../../../preload/text/markdown/grammar'
import { plainText } from '../../../preload/text/markdown/plain-text'
import { carefulParser } from '../../../preload/text/markdown/reuse'
import { titleKey } from '../../../preload/text/markdown/wiki-link'

/** A heading of a text. */
export interface Heading {
  /** 1 to 6. */
  readonly level: number
  /** Its words, without marks; '' if it has none. */
  readonly words: string
  /** Offset of its line, in UTF-16 code units. */
  readonly from: number
}

/** Maximum number of headings that are read. */
export const maxHeadings = 1_000
/** Maximum length of a heading that is read, in UTF-16 code units. */
const maxSource = 400

/** The grammar without the marks inside lines, which tell nothing of headings and may take long. */
const blocks = carefulParser(
  markdownParser.configure({
    remove: [
      'Escape',
      'Entity',
      'InlineCode',
      'HTMLTag',
      'Emphasis',
      'HardBreak',
      'Link',
      'Image',
      'LinkEnd',
      'Strikethrough',
      'Autolink',
      'Subscript',
      'Superscript',
      'Emoji',
      'WikiLink',
    ],
  }),
)

/** Nodes that headings can stand in. */
const holders: ReadonlySet<string> = new Set([
  'Document',
  'Blockquote',
  'BulletList',
  'OrderedList',
  'ListItem',
  'Callout',
])

/** The headings of a text, with what makes reading the next text quick. */
export interface ReadHeadings {
  readonly headings: readonly Heading[]
  readonly tree: Tree
  /** The words of each heading by its source. */
  readonly words: ReadonlyMap<string, string>
}

/**
 * Reads the headings of a whole text. Each step takes well below a millisecond, apart from very long blocks. `known` is
 * what was read of an earlier text, and `changes` lead from that to this one.
 */
export function* readHeadings(
  text: Text,
  earlier: { readonly known: ReadHeadings; readonly changes: ChangeDesc } | null,
): Generator<void, ReadHeadings> {
  const fragments = earlier
    ? TreeFragment.applyChanges(TreeFragment.addTree(earlier.known.tree), rangesOf(earlier.changes))
    : []
  const parse = blocks.startParse(new DocInput(text), fragments)
  let tree = parse.advance()
  for (; !tree; tree = parse.advance()) yield
  const words = new Map<string, string>()
  const headings: Heading[] = []
  for (const { level, from, to } of headingsIn(tree)) {
    const source = text.sliceString(from, Math.min(to, from + maxSource))
    const found = earlier?.known.words.get(source) ?? wordsOf(source)
    words.set(source, found)
    if (headings.push({ level, words: found, from }) === maxHeadings) break
    yield
  }
  return { headings, tree, words }
}

/** Returns the end of the first heading that has these words, without regard to case and accents; null without one. */
export function placeOfHeading(text: Text, words: string): { from: number; to: number } | null {
  const steps = readHeadings(text, null)
  let step = steps.next()
  while (!step.done) step = steps.next()
  const key = titleKey(words)
  const heading = step.value.headings.find((one) => titleKey(one.words) === key)
  if (!heading) return null
  const { to } = text.lineAt(heading.from)
  return { from: to, to }
}

function* headingsIn(tree: Tree): Generator<{ level: number; from: number; to: number }> {
  const cursor = tree.cursor()
  do {
    const level = Number(/^(?:ATX|Setext)Heading([1-6])$/.exec(cursor.name)?.[1] ?? 0)
    if (level > 0) yield { level, from: cursor.from, to: cursor.to }
  } while (cursor.next(holders.has(cursor.name)))
}

const wordsOf = (source: string): string =>
  plainText(markdownParser.parse(source).topNode, source).replace(/\s+/g, ' ').trim()

function rangesOf(changes: ChangeDesc): ChangedRange[] {
  const ranges: ChangedRange[] = []
  changes.iterChangedRanges((fromA, toA, fromB, toB) => ranges.push({ fromA, toA, fromB, toB }))
  return ranges
}
