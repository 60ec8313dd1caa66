import { type Input, Parser, type PartialParse, TreeFragment } from '@lezer/common'

/** UTF-16 code units that are read at once when the beginning of a line is looked for. */
const step = 1_024

/**
 * Returns a parser that reads a text as if for the first time, whatever it takes over of an earlier tree. The parser of
 * Lezer takes over a block if the line after it is unchanged and it stands in the same blocks. That is not enough where
 * the beginning of the text matters (front matter), where the second line after a paragraph does (the head of a table),
 * and where a block goes on after empty lines (footnotes).
 */
export const carefulParser = (parser: Parser): Parser => new CarefulParser(parser)

class CarefulParser extends Parser {
  readonly #parser: Parser

  constructor(parser: Parser) {
    super()
    this.#parser = parser
  }

  createParse(
    input: Input,
    fragments: readonly TreeFragment[],
    ranges: readonly { from: number; to: number }[],
  ): PartialParse {
    return this.#parser.createParse(input, reusable(input, fragments), ranges)
  }
}

function reusable(input: Input, fragments: readonly TreeFragment[]): TreeFragment[] {
  return fragments.flatMap((fragment) => {
    const { tree, offset } = fragment
    // At the beginning of the text, lines may be front matter that were something else.
    const isMoved = fragment.from === 0 && offset !== 0
    const from = isMoved ? 1 : fragment.from
    // A fragment of a tree that was not read to its end does not say so after a change.
    const isOpen = fragment.openEnd || fragment.to < input.length
    const to = isOpen ? safeEnd(input, fragment) : fragment.to
    return from < to ? [new TreeFragment(from, to, tree, offset, isMoved || fragment.openStart, isOpen)] : []
  })
}

/** Returns the end of what is kept of a fragment whose end changed: a line earlier, and not right after a footnote. */
function safeEnd(input: Input, { tree, offset, to }: TreeFragment): number {
  const end = lineEndBefore(input, to)
  const last = tree.topNode.childBefore(end + offset)
  return last?.name === 'FootnoteDefinition' ? Math.min(end, last.from - offset) : end
}

/** Returns the offset of the last line break before `position`; 0 if none is there. */
function lineEndBefore(input: Input, position: number): number {
  for (let to = position; to > 0; to -= step) {
    const from = Math.max(0, to - step)
    const found = input.read(from, to).lastIndexOf('\n')
    if (found >= 0) return from + found
  }
  return 0
}
