import diff from 'fast-diff'

/** Maximum number of tokens of both sides together for a search for the shortest way from one to the other. */
const searched = 2_000

/**
 * Limits the work of a comparison, in steps. A pass over a stretch takes as many as it has tokens on both
 * sides; a search for the shortest way takes the square of that, which it never exceeds.
 */
export class Effort {
  private left: number

  /** `limit`: maximum number of steps. */
  constructor(limit: number) {
    this.left = limit
  }

  /** Number of steps left. */
  get remaining(): number {
    return this.left
  }

  /** Takes `steps` if that many are left; returns false otherwise. */
  take(steps: number): boolean {
    if (steps > this.left) return false
    this.left -= steps
    return true
  }
}

/** A range in each of two sequences, `fromA` to `toA` and `fromB` to `toB`, ends excluded. */
export interface Span {
  readonly fromA: number
  readonly toA: number
  readonly fromB: number
  readonly toB: number
}

/**
 * Returns the spans in which two sequences of tokens differ, in order; the tokens between them are equal. Of equal
 * tokens in a row, those at the beginning are found first, then those at the end. A token that occurs once in
 * both is found wherever it is. Then the shortest way is searched for in short stretches; in long ones, tokens
 * are found that occur equally often on both sides. Where `effort` ends, a stretch differs as a whole.
 * (After Cohen's patience diff.)
 */
export function differingSpans(a: readonly string[], b: readonly string[], effort: Effort): Span[] {
  const numbers = new Map<string, number>()
  const sides = [numbered(a, numbers), numbered(b, numbers)] as const
  const index = new Index(sides, numbers.size)
  const spans: Span[] = []
  const waiting: Span[] = [{ fromA: 0, toA: a.length, fromB: 0, toB: b.length }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const span = trimmed(next, sides)
    if (sizeOf(span) === 0) continue
    const { found, parts } = divide(span, sides, index, effort)
    for (const part of found) spans.push(part)
    for (const part of parts.reverse()) waiting.push(part)
  }
  return spans
}

/** Returns the differing spans of a span, or the parts of it that are to be compared. */
function divide(span: Span, sides: Sides, index: Index, effort: Effort): { found: Span[]; parts: Span[] } {
  const size = sizeOf(span)
  const { once, often, common } = isOneSided(span) || !effort.take(size) ? nothing : index.look(span)
  if (once.length === 0 && common && size <= searched && effort.take(size ** 2))
    return { found: search(span, sides), parts: [] }
  const anchors = rising(once.length > 0 ? once : often)
  return anchors.length === 0 ? { found: [span], parts: [] } : { found: [], parts: between(span, anchors) }
}

/** Returns the spans in which two well-formed texts differ, in UTF-16 code units; null if that takes too much effort. Cuts no surrogate pair. */
export function differingLetters(a: string, b: string, effort: Effort): Span[] | null {
  const size = a.length + b.length
  return size <= searched && effort.take(size ** 2) ? shortestWay(a, b) : null
}

type Sides = readonly [Int32Array, Int32Array]

/** A token of the first side and one of the second that are equal. */
interface Anchor {
  readonly inA: number
  readonly inB: number
}

/** Tokens that two sides of a span have in common. */
interface Common {
  /** Tokens that occur once on both sides. */
  readonly once: readonly Anchor[]
  /** Tokens that occur equally often on both sides, paired in order. */
  readonly often: readonly Anchor[]
  /** True if there are any, in whatever number. */
  readonly common: boolean
}

const nothing: Common = { once: [], often: [], common: false }

const sizeOf = ({ fromA, toA, fromB, toB }: Span): number => toA - fromA + toB - fromB

const isOneSided = ({ fromA, toA, fromB, toB }: Span): boolean => fromA === toA || fromB === toB

const numbered = (tokens: readonly string[], numbers: Map<string, number>): Int32Array =>
  Int32Array.from(tokens, (token) => {
    const number = numbers.get(token) ?? numbers.size
    numbers.set(token, number)
    return number
  })

function trimmed({ fromA, toA, fromB, toB }: Span, [a, b]: Sides): Span {
  let [startA, startB, endA, endB] = [fromA, fromB, toA, toB]
  while (startA < endA && startB < endB && a[startA] === b[startB]) {
    startA++
    startB++
  }
  while (startA < endA && startB < endB && a[endA - 1] === b[endB - 1]) {
    endA--
    endB--
  }
  return { fromA: startA, toA: endA, fromB: startB, toB: endB }
}

/** Finds the places of the tokens of two sides in a span. */
class Index {
  private readonly sides: Sides
  /** Number of each token in the span, on either side; all zeros between two spans. */
  private readonly counts: Sides
  /** First unpaired place of each token in the second side. */
  private readonly first: Int32Array
  /** Next place with the same token, for each place in the second side. */
  private readonly next: Int32Array

  constructor(sides: Sides, tokens: number) {
    this.sides = sides
    this.counts = [new Int32Array(tokens), new Int32Array(tokens)]
    this.first = new Int32Array(tokens)
    this.next = new Int32Array(sides[1].length)
  }

  /** Finds the tokens that the sides of a span have in common. */
  look({ fromA, toA, fromB, toB }: Span): Common {
    const [a, b] = this.sides
    const [inFirst, inSecond] = this.counts
    const { first, next } = this
    for (let place = fromA; place < toA; place++) add(inFirst, a[place] ?? 0)
    for (let place = toB - 1; place >= fromB; place--) {
      const token = b[place] ?? 0
      next[place] = first[token] ?? 0
      first[token] = place
      add(inSecond, token)
    }
    const once: Anchor[] = []
    const often: Anchor[] = []
    let common = false
    for (let inA = fromA; inA < toA; inA++) {
      const token = a[inA] ?? 0
      common ||= inSecond[token] !== 0
      if (inFirst[token] !== inSecond[token]) continue
      const inB = first[token] ?? 0
      first[token] = next[inB] ?? 0
      often.push({ inA, inB })
      if (inFirst[token] === 1) once.push({ inA, inB })
    }
    for (let place = fromA; place < toA; place++) inFirst[a[place] ?? 0] = 0
    for (let place = fromB; place < toB; place++) inSecond[b[place] ?? 0] = 0
    return { once, often, common }
  }
}

function add(counts: Int32Array, token: number): void {
  counts[token] = (counts[token] ?? 0) + 1
}

/** Returns the longest subsequence of anchors in the order of the first side that is in order in the second too. */
function rising(anchors: readonly Anchor[]): Anchor[] {
  // For each length, the part of that length that ends earliest.
  const ends: number[] = []
  const before = new Int32Array(anchors.length)
  const inB = (end: number) => anchors[ends[end] ?? 0]?.inB ?? 0
  for (const [index, anchor] of anchors.entries()) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (inB(middle) < anchor.inB) low = middle + 1
      else high = middle
    }
    before[index] = ends[low - 1] ?? -1
    ends[low] = index
  }
  const longest: Anchor[] = []
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const anchor = anchors[index]
    if (anchor) longest.push(anchor)
  }
  return longest.reverse()
}

/** Returns the spans before, between and behind anchors. */
function between({ fromA, toA, fromB, toB }: Span, anchors: readonly Anchor[]): Span[] {
  const starts = [{ inA: fromA - 1, inB: fromB - 1 }, ...anchors]
  const ends = [...anchors, { inA: toA, inB: toB }]
  return starts.flatMap(({ inA, inB }, index) => {
    const end = ends[index]
    return end ? [{ fromA: inA + 1, toA: end.inA, fromB: inB + 1, toB: end.inB }] : []
  })
}

/** Searches a short span, with a code unit below the surrogates for each token. */
function search(span: Span, [a, b]: Sides): Span[] {
  const units = new Map<number, string>()
  const text = (tokens: Int32Array) => {
    let units16 = ''
    for (const token of tokens) {
      const unit = units.get(token) ?? String.fromCharCode(units.size)
      units.set(token, unit)
      units16 += unit
    }
    return units16
  }
  const { fromA, toA, fromB, toB } = span
  return shortestWay(text(a.subarray(fromA, toA)), text(b.subarray(fromB, toB))).map((found) => ({
    fromA: fromA + found.fromA,
    toA: fromA + found.toA,
    fromB: fromB + found.fromB,
    toB: fromB + found.toB,
  }))
}

function shortestWay(a: string, b: string): Span[] {
  const spans: Span[] = []
  let [fromA, fromB, toA, toB] = [0, 0, 0, 0]
  const close = () => {
    if (toA > fromA || toB > fromB) spans.push({ fromA, toA, fromB, toB })
  }
  for (const [kind, { length }] of diff(a, b)) {
    if (kind === diff.DELETE) toA += length
    else if (kind === diff.INSERT) toB += length
    else {
      close()
      fromA = toA += length
      fromB = toB += length
    }
  }
  close()
  return spans
}
