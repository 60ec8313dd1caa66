import type { Random } from './random'
import type { Edit } from './trace'

/** Keys that are typed where the last one was, in a row, before the place changes, about. */
const run = 60
/** Of a hundred keys so many take a character away, as in sessions that were recorded. */
const corrections = 28
const letters = [...'etaoinshrdlu      ,.', '\n']

/** Someone who types for a year: mostly on at the end, and corrects and goes back now and then. */
export class YearTypist {
  private readonly random: Random
  private place: number | null = null

  constructor(random: Random) {
    this.random = random
  }

  /** The next key in a text of `length` code units. */
  next(length: number): Edit {
    const { random } = this
    if (this.place === null || random.below(run) === 0)
      this.place = random.chance(0.7) ? length : random.below(length + 1)
    const place = Math.min(this.place, length)
    if (place > 0 && random.below(100) < corrections) {
      this.place = place - 1
      return { from: place - 1, to: place, insert: '' }
    }
    this.place = place + 1
    return { from: place, to: place, insert: random.pick(letters) }
  }

  /** Begins somewhere else: the text was changed by others. */
  look(): void {
    this.place = null
  }
}
