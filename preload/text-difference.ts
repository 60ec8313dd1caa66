import { ChangeSet, type Text } from '@codemirror/state'
import { isHighSurrogate, isLowSurrogate } from './text'
import { differingLetters, differingSpans, Effort, type Span } from './token-difference'

/** Maximum number of steps of one comparison: less than a second on a slow computer, whatever the texts are. */
export const maxSteps = 32_000_000
/** The same for words as a whole, which the window compares: about 0.1 s. */
const maxWordSteps = 1_000_000
/** Maximum number of lines in a text, and of words in differing lines. */
const maxLines = 1_000_000
const maxWords = 200_000
/** Maximum length of text between two changes that may be equal by chance, in UTF-16 code units. */
const longestChance = 32

/** Matches words; each other character is a token alone. No token begins or ends inside a surrogate pair. */
const words = /[\p{L}\p{M}\p{N}]+|./gsu

/**
 * Returns a small change set that leads from one text to another: compares lines first, then the words and letters
 * of differing lines. A line that occurs once in both, in the same order, is not changed, so that text typed in it
 * at the same time stays there. Never cuts a surrogate pair, and takes at most `effort`; when that ends, a stretch
 * is replaced as a whole. For texts between which the steps are unknown; otherwise the steps themselves are better.
 *
 * With `whole`, joins changes of one block of lines whose distance is at most the size of one of them, up to 32 code
 * units: the text between them is equal by chance. Without this, letters of a new word that also occur in the
 * deleted text would count as kept, and would disappear if someone deletes that text at the same time. With it,
 * text that someone deletes from such a stretch comes back instead.
 * (After Fraser's semantic clean-up of differences, 2006.)
 *
 * With `wholeWords`, a word is kept or replaced as a whole: what someone typed is found again where it stands, and
 * no letter of another's word counts as theirs.
 */
export function difference(
  before: Text,
  after: Text,
  {
    whole = false,
    wholeWords = false,
    effort = new Effort(wholeWords ? maxWordSteps : maxSteps),
  }: { whole?: boolean; wholeWords?: boolean; effort?: Effort } = {},
): ChangeSet {
  const texts = { a: before.toString(), b: after.toString() }
  const changes = differingLines(texts, effort).flatMap((block) => {
    const spans = wholeWords ? differingWords(texts, block, effort) : inside(texts, block, true, effort)
    const found = spans.map((span) => changeOf(texts, span))
    return whole ? joined(found, texts.a) : found
  })
  return ChangeSet.of(whole ? toTheEnds(changes, texts.a) : changes, texts.a.length, '\n')
}

interface Texts {
  readonly a: string
  readonly b: string
}

interface Change {
  readonly from: number
  readonly to: number
  readonly insert: string
}

const changeOf = ({ b }: Texts, { fromA, toA, fromB, toB }: Span): Change => ({
  from: fromA,
  to: toA,
  insert: b.slice(fromB, toB),
})

/** Returns the words in which a span differs, each with the blanks and signs after it. */
function differingWords(texts: Texts, outer: Span, effort: Effort): Span[] {
  const a = piecesOf(texts.a, outer.fromA, outer.toA)
  const b = piecesOf(texts.b, outer.fromB, outer.toB)
  if (a.length + b.length > maxWords) return [outer]
  const at = (pieces: readonly Piece[], index: number, end: number) => pieces[index]?.from ?? end
  const found: Span[] = []
  let [inA, inB] = [0, 0]
  const nameOf = ({ word }: Piece) => word
  const ends = { fromA: a.length, toA: a.length, fromB: b.length, toB: b.length }
  for (const span of [...differingSpans(a.map(nameOf), b.map(nameOf), effort), ends]) {
    // Of words that are kept, what comes after them may differ.
    for (; inA < span.fromA; inA++, inB++) {
      const tail = {
        fromA: at(a, inA, outer.toA) + (a[inA]?.word.length ?? 0),
        toA: at(a, inA + 1, outer.toA),
        fromB: at(b, inB, outer.toB) + (b[inB]?.word.length ?? 0),
        toB: at(b, inB + 1, outer.toB),
      }
      found.push(trimmed(texts, tail))
    }
    found.push({
      fromA: at(a, span.fromA, outer.toA),
      toA: at(a, span.toA, outer.toA),
      fromB: at(b, span.fromB, outer.toB),
      toB: at(b, span.toB, outer.toB),
    })
    inA = span.toA
    inB = span.toB
  }
  return found.filter(({ fromA, toA, fromB, toB }) => fromA < toA || fromB < toB)
}

/** A word, which may be empty, and what comes after it up to the next one. */
interface Piece {
  readonly word: string
  readonly from: number
}

function piecesOf(text: string, start: number, end: number): Piece[] {
  const found = [...text.slice(start, end).matchAll(/[\p{L}\p{M}\p{N}]+/gu)].map(({ 0: word, index }) => ({
    word,
    from: start + index,
  }))
  return found[0]?.from === start ? found : [{ word: '', from: start }, ...found]
}

/** Returns the differing blocks of lines. */
function differingLines({ a, b }: Texts, effort: Effort): Span[] {
  const { fromA: same } = trimmed({ a, b }, { fromA: 0, toA: a.length, fromB: 0, toB: b.length })
  const start = same === 0 ? 0 : a.lastIndexOf('\n', same - 1) + 1
  const { toA } = trimmed({ a, b }, { fromA: start, toA: a.length, fromB: start, toB: b.length })
  const lineEnd = a.indexOf('\n', toA)
  const end = lineEnd < 0 ? 0 : a.length - lineEnd - 1
  const span = { fromA: start, toA: a.length - end, fromB: start, toB: b.length - end }
  return split({ a, b }, span, linesOf, effort)
}

/** Returns the differing spans inside a span: of letters if it is short, otherwise first of words. */
function inside(texts: Texts, outer: Span, hasWords: boolean, effort: Effort): Span[] {
  const span = trimmed(texts, outer)
  const { fromA, toA, fromB, toB } = span
  if (fromA === toA && fromB === toB) return []
  if (fromA === toA || fromB === toB) return [span]
  const [a, b] = [texts.a.slice(fromA, toA), texts.b.slice(fromB, toB)]
  // fast-diff 1.3.0 recurses endlessly on lone surrogates.
  const found = a.isWellFormed() && b.isWellFormed() ? differingLetters(a, b, effort) : null
  if (found) return found.map((part) => moved(part, span))
  return hasWords
    ? split(texts, span, wordsOf, effort).flatMap((part) => inside(texts, part, false, effort))
    : [span]
}

/** Returns the spans in which the tokens of a span differ. */
function split(
  texts: Texts,
  span: Span,
  tokensOf: (text: string) => string[] | null,
  effort: Effort,
): Span[] {
  const a = tokensOf(texts.a.slice(span.fromA, span.toA))
  const b = tokensOf(texts.b.slice(span.fromB, span.toB))
  if (!a || !b) return [span]
  const [placesA, placesB] = [places(a), places(b)]
  const place = (all: Int32Array, index: number) => all[index] ?? 0
  return differingSpans(a, b, effort).map(({ fromA, toA, fromB, toB }) =>
    moved(
      {
        fromA: place(placesA, fromA),
        toA: place(placesA, toA),
        fromB: place(placesB, fromB),
        toB: place(placesB, toB),
      },
      span,
    ),
  )
}

/** Returns the lines of a text with their line ends; null for too many. */
function linesOf(text: string): string[] | null {
  const found: string[] = []
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start) + 1 || text.length
    if (found.push(text.slice(start, end)) > maxLines) return null
    start = end
  }
  return found
}

/** Returns the words of a text and the characters between them; null for too many. */
function wordsOf(text: string): string[] | null {
  const found: string[] = []
  for (const [word] of text.matchAll(words)) if (found.push(word) > maxWords) return null
  return found
}

/** Returns the start of each token, and the end of the last one. */
function places(of: readonly string[]): Int32Array {
  const found = new Int32Array(of.length + 1)
  let place = 0
  for (const [index, token] of of.entries()) found[index + 1] = place += token.length
  return found
}

const moved = (span: Span, { fromA, fromB }: Span): Span => ({
  fromA: fromA + span.fromA,
  toA: fromA + span.toA,
  fromB: fromB + span.fromB,
  toB: fromB + span.toB,
})

/** Returns a span without its equal beginning, and then without its equal end. Never cuts a whole surrogate pair. */
function trimmed({ a, b }: Texts, { fromA, toA, fromB, toB }: Span): Span {
  const begin = fromA
  while (fromA < toA && fromB < toB && a.charCodeAt(fromA) === b.charCodeAt(fromB)) {
    fromA++
    fromB++
  }
  if (fromA > begin && isHighSurrogate(a.charCodeAt(fromA - 1))) {
    fromA--
    fromB--
  }
  const end = toA
  while (fromA < toA && fromB < toB && a.charCodeAt(toA - 1) === b.charCodeAt(toB - 1)) {
    toA--
    toB--
  }
  if (toA < end && isLowSurrogate(a.charCodeAt(toA))) {
    toA++
    toB++
  }
  return { fromA, toA, fromB, toB }
}

/** Joins changes if the text between them is equal by chance. */
function joined(changes: readonly Change[], before: string): Change[] {
  const found: Change[] = []
  for (const change of changes) {
    let next = change
    for (let last = found.at(-1); last && isChance(next.from - last.to, last, next); last = found.at(-1)) {
      found.pop()
      const kept = before.slice(last.to, next.from)
      next = { from: last.from, to: next.to, insert: last.insert + kept + next.insert }
    }
    found.push(next)
  }
  return found
}

/** Does the same for equal text in the first line before a change, and in the last line after one. */
function toTheEnds(changes: readonly Change[], before: string): Change[] {
  const reached = [...changes]
  const inLine = (from: number, to: number) => {
    const lineEnd = before.indexOf('\n', from)
    return lineEnd < 0 || lineEnd >= to
  }
  const [first] = reached
  if (first && first.from < first.to && isChance(first.from, first) && inLine(0, first.from))
    reached[0] = { ...first, from: 0, insert: before.slice(0, first.from) + first.insert }
  const last = reached.at(-1)
  if (
    last &&
    last.from < last.to &&
    isChance(before.length - last.to, last) &&
    inLine(last.to, before.length)
  )
    reached[reached.length - 1] = {
      ...last,
      to: before.length,
      insert: last.insert + before.slice(last.to),
    }
  return reached
}

const isChance = (kept: number, ...beside: readonly Change[]): boolean =>
  kept <= longestChance && beside.some(({ from, to, insert }) => kept <= Math.max(to - from, insert.length))
