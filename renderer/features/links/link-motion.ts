import { syntaxTree } from '@codemirror/language'
import { EditorSelection, EditorState, findClusterBreak, Prec, type SelectionRange } from '@codemirror/state'
import { type Command, type EditorView, keymap } from '@codemirror/view'
import { sourceMode } from '../live/source-mode'
import { isBlank } from '../live/touched'
import { hiddenPart, type LinkParts, linkPartsAt } from './link-parts'

/** Moves the caret over the hidden address of a link, and erases the letters beside it, as they are seen. */
export const linkMotion = [
  EditorState.transactionFilter.of((transaction) => {
    const { startState, selection } = transaction
    if (!selection || transaction.docChanged || !transaction.isUserEvent('select')) return transaction
    // A match of the search is selected as it is: it may be replaced next.
    if (transaction.isUserEvent('select.search')) return transaction
    if (startState.field(sourceMode)) return transaction
    const before = startState.selection
    const ranges = selection.ranges.map((range, index) =>
      overLinks(startState, range, (before.ranges[index] ?? before.main).head),
    )
    if (ranges.every((range, index) => range === selection.ranges[index])) return transaction
    return [transaction, { selection: EditorSelection.create(ranges, selection.mainIndex) }]
  }),
  Prec.high(
    keymap.of([
      { key: 'Backspace', run: (view) => erase(view, { forward: false, byWord: false }) },
      { key: 'Delete', run: (view) => erase(view, { forward: true, byWord: false }) },
      {
        key: 'Mod-Backspace',
        mac: 'Alt-Backspace',
        run: (view) => erase(view, { forward: false, byWord: true }),
      },
      { key: 'Mod-Delete', mac: 'Alt-Delete', run: (view) => erase(view, { forward: true, byWord: true }) },
    ]),
  ),
]

/** Returns a selection whose head is not in a hidden address: it goes on in the direction it came from. */
function overLinks(state: EditorState, range: SelectionRange, before: number): SelectionRange {
  const parts = shownByWords(state, range.head)
  if (!parts) return range
  const { from, to } = hiddenPart(parts)
  if (range.head <= from || range.head >= to) return range
  const head = range.head > before ? to : from
  return range.empty
    ? EditorSelection.cursor(head, head === to ? -1 : 1)
    : EditorSelection.range(range.anchor, head)
}

function shownByWords(state: EditorState, offset: number, sides?: readonly (1 | -1)[]): LinkParts | null {
  const parts = linkPartsAt(state, offset, sides)
  if (!parts) return null
  return parts.isPicture || !isBlank(state.sliceDoc(parts.textFrom, parts.textTo)) ? parts : null
}

interface Letter {
  readonly from: number
  readonly to: number
}

/** How much is erased: a letter or a word, after the caret or before it. */
interface Erasing {
  readonly forward: boolean
  readonly byWord: boolean
}

/** Erases the last letter or word of links that end at a caret, or the first of those that begin there. */
function erase(view: EditorView, erasing: Erasing): ReturnType<Command> {
  const { state } = view
  const { ranges } = state.selection
  if (state.readOnly || state.field(sourceMode) || ranges.some(({ empty }) => !empty)) return false
  const inLinks = ranges.map(({ head }) => erasedInLink(state, head, erasing))
  if (inLinks.every((erased) => erased === null)) return false
  let index = 0
  const { changes, selection } = state.changeByRange((range) => {
    const erased = inLinks[index++] ?? nextTo(view, range, erasing)
    // The caret behind a link stays there: what is hidden between it and the letter stays too.
    return { changes: erased, range: EditorSelection.cursor(mapped(range.head, erased)) }
  })
  view.dispatch({
    changes,
    selection,
    scrollIntoView: true,
    userEvent: erasing.forward ? 'delete.forward' : 'delete.backward',
  })
  return true
}

const mapped = (offset: number, { from, to }: Letter): number =>
  offset >= to ? offset - (to - from) : Math.min(offset, from)

/** Returns what is erased of the link at whose edge an offset is; null without one. */
function erasedInLink(state: EditorState, offset: number, { forward, byWord }: Erasing): Letter | null {
  const parts = shownByWords(state, offset, [forward ? 1 : -1])
  if (!parts || parts.isPicture || offset !== (forward ? parts.from : parts.to)) return null
  const edge = forward ? parts.textFrom : parts.textTo
  const letter = letterAt(state, parts, forward, edge)
  const erased = letter && byWord ? wordFrom(state, parts, forward, letter) : letter
  const other = letterAt(state, parts, !forward, forward ? parts.textTo : parts.textFrom)
  // A link without words is not one any more.
  const isLast = !erased || !other || (other.from >= erased.from && other.to <= erased.to)
  return isLast ? { from: parts.from, to: parts.to } : withEmptied(state, erased)
}

/** Widens what is erased by the elements that nothing would be left of but their marks. */
function withEmptied(state: EditorState, { from, to }: Letter): Letter {
  const tree = syntaxTree(state)
  const [before, after] = [tree.resolveInner(from, -1), tree.resolveInner(to, 1)]
  const element = before.parent
  const isEmptied =
    [before, after].every(({ name }) => name.endsWith('Mark')) &&
    before.to === from &&
    after.from === to &&
    element?.from === before.from &&
    element.to === after.to &&
    element.name !== 'Link'
  return isEmptied ? withEmptied(state, element) : { from, to }
}

/** Returns what the key erases where no link is. */
function nextTo(view: EditorView, range: SelectionRange, { forward, byWord }: Erasing): Letter {
  const { from, to, text } = view.state.doc.lineAt(range.head)
  const isAtEnd = range.head === (forward ? to : from)
  const end = isAtEnd
    ? Math.max(0, Math.min(view.state.doc.length, range.head + (forward ? 1 : -1)))
    : byWord
      ? view.moveByGroup(range, forward).head
      : from + findClusterBreak(text, range.head - from, forward)
  return { from: Math.min(end, range.head), to: Math.max(end, range.head) }
}

/** Widens a letter of a link to the letters beside it that are alike, up to the next mark. */
function wordFrom(state: EditorState, parts: LinkParts, forward: boolean, letter: Letter): Letter {
  const isWord = ({ from, to }: Letter) => /[\p{L}\p{M}\p{N}_]/u.test(state.sliceDoc(from, to))
  let { from, to } = letter
  for (;;) {
    const next = letterAt(state, parts, forward, forward ? to : from)
    const touches = next && (forward ? next.from === to : next.to === from)
    if (!next || !touches || isWord(next) !== isWord(letter)) return { from, to }
    if (forward) to = next.to
    else from = next.from
  }
}

/** Returns the first letter of a link's words from an offset on, or the last one before it, past hidden marks; null without one. */
function letterAt(
  state: EditorState,
  { textFrom, textTo }: LinkParts,
  first: boolean,
  start: number,
): Letter | null {
  const tree = syntaxTree(state)
  let at = start
  for (let past = at; first ? at < textTo : at > textFrom; at = past) {
    const { name, from, to } = tree.resolveInner(at, first ? 1 : -1)
    if (name.endsWith('Mark')) past = first ? to : from
    else if (name === 'Escape') return { from, to }
    else {
      const words = state.sliceDoc(textFrom, textTo)
      const edge = textFrom + findClusterBreak(words, at - textFrom, first)
      return first ? { from: at, to: edge } : { from: edge, to: at }
    }
  }
  return null
}
