/** UTF-16 code units that are folded at a time; where a place is looked up, so many are folded again. */
const pieceSize = 1_024
/** Most code points whose folded form is kept. */
const maxKnown = 20_000

/** Marks that stand over, under or in letters of Latin, Greek, Cyrillic, Hebrew and Arabic, and what has no width. */
const dropped =
  /[\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u20d0-\u20ff\u2060\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]/g

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
    const lower = point.normalize('NFKD').replace(dropped, '').toLowerCase()
    // Lower case brings marks of its own, as of a capital I with a dot.
    folded = [...lower.replace(dropped, '')].map((letter) => alike[letter] ?? letter).join('')
    if (known.size >= maxKnown) known.clear()
    known.set(point, folded)
  }
  return folded
}

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
