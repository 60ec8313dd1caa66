/** UTF-16 code units that are folded at a time; where a place is looked up, so many are folded again. */
const pieceSize = 1_024
/** Most code points whose folded form is kept. */
const maxKnown = 20_000

/**
 * Ranges of code points that are dropped: marks over, under and in letters of Latin, Greek, Cyrillic, Hebrew and Arabic,
 * and what has no width.
 */
const dropped: readonly (readonly [first: number, last: number])[] = [
  [0xad, 0xad],
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x591, 0x5bd],
  [0x5bf, 0x5bf],
  [0x5c1, 0x5c2],
  [0x5c4, 0x5c5],
  [0x5c7, 0x5c7],
  [0x610, 0x61a],
  [0x640, 0x640],
  [0x64b, 0x65f],
  [0x670, 0x670],
  [0x6d6, 0x6dc],
  [0x6df, 0x6e4],
  [0x6e7, 0x6e8],
  [0x6ea, 0x6ed],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200f],
  [0x20d0, 0x20ff],
  [0x2060, 0x2060],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
  [0xfeff, 0xfeff],
]

/** Letters that people look for by others, which normalisation leaves as they are. */
const alike: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
  ς: 'σ',
}

const known = new Map<string, string>()

/**
 * Returns a text without regard to case and accents, to be compared with others: each code point in compatibility form
 * (NFKD), without accents, in lower case. Vowel signs of Indic scripts and the like stay, since they are letters.
 */
export function fold(text: string): string {
  return text.replace(/[^\0-\x7f]+/g, foldRun).toLowerCase()
}

function foldRun(run: string): string {
  let folded = ''
  for (const point of run) folded += foldPoint(point)
  return folded
}

function foldPoint(point: string): string {
  let folded = known.get(point)
  if (folded === undefined) {
    folded = [...point.normalize('NFKD').toLowerCase()]
      .filter((letter) => !isDropped(letter.codePointAt(0) ?? 0))
      .map((letter) => alike[letter] ?? letter)
      .join('')
    if (known.size >= maxKnown) known.clear()
    known.set(point, folded)
  }
  return folded
}

const isDropped = (point: number): boolean => dropped.some(([first, last]) => first <= point && point <= last)

/** A text with its folded form, and the way back from places in that. All offsets are UTF-16 code units. */
export class FoldedText {
  readonly original: string
  readonly folded: string
  /** Offsets of the pieces in the original and in the folded text; null where both are the same. */
  private readonly starts: readonly (readonly [original: number, folded: number])[] | null

  constructor(original: string) {
    this.original = original
    if (/^[\0-\x7f]*$/.test(original)) {
      this.folded = original.toLowerCase()
      this.starts = null
      return
    }
    const starts: [number, number][] = []
    const pieces: string[] = []
    let size = 0
    for (let from = 0; from < original.length; ) {
      const to = pieceEnd(original, from)
      const piece = fold(original.slice(from, to))
      starts.push([from, size])
      pieces.push(piece)
      size += piece.length
      from = to
    }
    this.folded = pieces.join('')
    this.starts = starts
  }

  /**
   * Returns the range of the original text that a range of the folded one stands for: whole characters, with the
   * accents that follow them. The range must not be empty.
   */
  range(from: number, to: number): { from: number; to: number } {
    if (!this.starts) return { from, to }
    return { from: this.characterAt(from).from, to: this.characterAt(to - 1).to }
  }

  private characterAt(place: number): { from: number; to: number } {
    const { original, starts } = this
    let [low, high] = [0, (starts?.length ?? 1) - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts?.[middle]?.[1] ?? 0) <= place) low = middle
      else high = middle - 1
    }
    let [from, folded] = starts?.[low] ?? [0, 0]
    for (;;) {
      const point = pointAt(original, from)
      folded += fold(point).length
      if (folded > place || from + point.length >= original.length) return { from, to: this.endOf(from) }
      from += point.length
    }
  }

  /** Returns the end of the character at an offset, with what follows it and is dropped. */
  private endOf(from: number): number {
    const { original } = this
    let to = from + pointAt(original, from).length
    while (to < original.length) {
      const point = pointAt(original, to)
      if (fold(point) !== '') break
      to += point.length
    }
    return to
  }
}

/** Returns the end of a piece, which parts no pair of surrogates. */
function pieceEnd(text: string, from: number): number {
  const to = Math.min(from + pieceSize, text.length)
  return to < text.length && pointAt(text, to - 1).length === 2 ? to + 1 : to
}

const pointAt = (text: string, place: number): string => String.fromCodePoint(text.codePointAt(place) ?? 0)
