import { type Attempt, type Made, nextId, push, underWay } from './forge-attempt'
import type { Random } from './random'

interface Given {
  readonly anchor: string
  /** UTF-16 code units. */
  readonly length: number
  readonly by: string
}

/** A session's last value at a key: the id of the operation, and its bytes as a string. */
interface LastValue {
  readonly id: string
  readonly value: string
}

/** A page in given text that an operation made. */
export interface Kid {
  readonly id: string
  readonly by: string
}

/**
 * Makes the operations on given text for a forge of changes. All given text is short, so that the bytes of each value are
 * those of an ASCII string.
 */
export class GivenForge {
  private readonly random: Random
  private readonly breaks: () => boolean
  private givens: Given[] = []
  /** The keys that pages have, and the last values, each by session and anchor. */
  private readonly kids = new Set<string>()
  private readonly values = new Map<string, LastValue>()

  constructor(random: Random, breaks: () => boolean) {
    this.random = random
    this.breaks = breaks
  }

  /** The anchors with given text that changes before the one under way made, and that one. */
  get size(): number {
    return this.givens.length
  }

  /** Keeps what a change did that was made with this attempt; it begins at a number of anchors. */
  keep(from: number, { kids, values }: Attempt, hash: string): void {
    this.givens.push(...this.givens.splice(from).map((given) => ({ ...given, by: hash })))
    for (const kid of kids) this.kids.add(kid)
    for (const [key, value] of values) this.values.set(key, value)
  }

  /** Forgets the anchors of a change that could not be made. */
  drop(from: number): void {
    this.givens.length = from
  }

  /** Puts given text on an anchor that the operation before made. */
  attach(attempt: Attempt, anchor: string): void {
    const { random } = this
    if (this.breaks()) {
      this.attachWrong(attempt, anchor)
      return
    }
    const value = random.pick(['x', 'some words', 'a 😀 b', '\ufffc\0\ufeff', 'given '.repeat(15)])
    this.givens.push({ anchor, length: value.length, by: underWay })
    push(attempt, { action: 'set', obj: anchor, key: 's', value, pred: [] }, true)
    if (this.breaks())
      push(
        attempt,
        random.pick([
          { action: 'makeText', obj: anchor, key: 't', pred: [] },
          { action: 'set', obj: anchor, key: 's', value: 'other', pred: [] },
          { action: 'del', obj: anchor, key: 's', pred: [nextOf(anchor)] },
          { action: 'set', obj: anchor, key: 's', value: 'other', pred: [nextOf(anchor)] },
        ]),
        false,
      )
  }

  private attachWrong(attempt: Attempt, obj: string): void {
    const set = { action: 'set', obj, key: 's', pred: [] }
    push(
      attempt,
      this.random.pick([
        { ...set, value: 7, datatype: 'int' },
        { ...set, value: null },
        { ...set, value: '' },
        { ...set, value: 'x'.repeat(16_385) },
        { ...set, value: 'x', key: 'x' },
        { ...set, action: 'makeText' },
        { ...set, action: 'makeMap' },
      ]),
      false,
    )
  }

  /** Puts a page or a value into given text; returns the page. */
  operate(attempt: Attempt, made: Made): Kid | null {
    const { random } = this
    const isWrong = this.breaks()
    const isAbove = ({ by }: Given) => by === underWay || made.above.has(by)
    const candidates = this.givens.filter((given) => isAbove(given) !== isWrong).slice(-20)
    if (candidates.length === 0) return null
    const given = random.pick(candidates)
    if (random.chance(0.4)) return this.makeKid(attempt, made, given, !isWrong)
    this.putValue(attempt, made, given, !isWrong)
    return null
  }

  private makeKid(attempt: Attempt, made: Made, given: Given, isPlaced: boolean): Kid {
    const { random } = this
    const name = made.actor.slice(0, 16)
    const offset = random.below(given.length + 1)
    const sound = { action: 'makeText', obj: given.anchor, key: `+${offset}.${name}`, pred: [] }
    const place = `${made.actor} ${sound.obj} ${sound.key}`
    const isAgain = attempt.kids.has(place) || this.kids.has(place)
    attempt.kids.add(place)
    const id = nextId(attempt, made)
    const isWrong = this.breaks()
    const wrong = () =>
      random.pick([
        { ...sound, key: `+${given.length + 1}.${name}` },
        { ...sound, key: `+0${offset}.${name}` },
        { ...sound, key: `+${offset}.${name.slice(1)}` },
        { ...sound, key: `+${offset}.${'0'.repeat(16)}` },
        { ...sound, key: `+${offset}` },
        { ...sound, action: 'makeMap' },
        { ...sound, pred: [given.anchor] },
        { ...sound, action: 'set', value: 'text' },
      ])
    push(attempt, isWrong ? wrong() : sound, isPlaced && !isAgain && !isWrong)
    return { id, by: underWay }
  }

  private putValue(attempt: Attempt, made: Made, given: Given, isPlaced: boolean): void {
    const { random } = this
    const name = made.actor.slice(0, 16)
    const key = `-${name}.${random.pick([0, 1, 999_999_999])}`
    const place = `${made.actor} ${given.anchor} ${key}`
    const last = attempt.values.get(place) ?? this.values.get(place)
    const value = this.ranges(given.length)
    const sound = { action: 'set', obj: given.anchor, key, value, pred: last ? [last.id] : [] }
    const id = nextId(attempt, made)
    attempt.bytes.add(attempt.operations.length)
    const wrong = () =>
      random.pick([
        { ...sound, value: random.pick(badRanges(given.length)) },
        { ...sound, key: `-${'0'.repeat(16)}.0` },
        { ...sound, key: `-${name}.00` },
        { ...sound, key: `-${name}.1000000000` },
        { ...sound, key: `-${name}` },
        { ...sound, pred: last ? [] : [given.anchor] },
        { ...sound, action: 'del', value: undefined, pred: last ? [last.id] : [given.anchor] },
      ])
    const isWrong = this.breaks()
    const operation = isWrong ? wrong() : sound
    if (operation.action === 'del') attempt.bytes.delete(attempt.operations.length)
    push(attempt, operation, isPlaced && !isWrong && last?.value !== value)
    attempt.values.set(place, { id, value })
  }

  /** A value: ranges with units between them. */
  private ranges(length: number): string {
    const numbers: number[] = []
    let end = 0
    for (let gap = this.random.below(6); end + gap < length; gap = 1 + this.random.below(40)) {
      const taken = 1 + this.random.below(length - end - gap)
      numbers.push(gap, taken)
      end += gap + taken
      if (this.random.chance(0.4)) break
    }
    return String.fromCharCode(...numbers)
  }
}

/** Values that no program writes: the string of each has its bytes. */
const badRanges = (length: number): string[] => [
  String.fromCharCode(0),
  String.fromCharCode(0, 0),
  String.fromCharCode(0, length + 1),
  String.fromCharCode(length, 1),
  String.fromCharCode(0, 1, 0, 1),
  String.fromCharCode(0, 1, 1, 0),
  String.fromCharCode(0, 1).repeat(5_000),
]

/** The id of the operation that follows the one which made an anchor. */
const nextOf = (anchor: string): string => {
  const [counter = '', actor = ''] = anchor.split('@')
  return `${Number(counter) + 1}@${actor}`
}
