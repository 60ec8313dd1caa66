import { titleWords } from '../../../preload/messages/format'
import { fold } from '../../../preload/text/fold'
import type { Row } from './rows'

/** Letters that follow each other faster than this, in ms, look for one beginning. */
const pause = 700

/** Returns the index of the row to which a key leads from `index`; null for a key that leads nowhere. */
export function rowForKey(key: string, rows: readonly Row[], index: number, page: number): number | null {
  const row = rows[index]
  switch (key) {
    case 'ArrowDown':
      return step(rows, index, 1)
    case 'ArrowUp':
      return step(rows, index, -1)
    case 'Home':
      return step(rows, -1, 1)
    case 'End':
      return step(rows, rows.length, -1)
    case 'PageDown':
      return step(rows, Math.min(index + page, rows.length) - 1, 1) ?? step(rows, rows.length, -1)
    case 'PageUp':
      return step(rows, Math.max(index - page, -1) + 1, -1) ?? step(rows, -1, 1)
    case 'ArrowLeft':
      return row ? outerRow(rows, index, row) : null
    default:
      return null
  }
}

/** Returns the index of the next row in a direction that takes the keyboard; null without one. */
function step(rows: readonly Row[], from: number, by: 1 | -1): number | null {
  for (let index = from + by; index >= 0 && index < rows.length; index += by)
    if (takesKeyboard(rows[index])) return index
  return null
}

/** True for a row that the keyboard can be at: not for a heading that cannot be closed. */
export const takesKeyboard = (row: Row | undefined): boolean =>
  row !== undefined && (row.kind === 'document' || row.open !== null)

function outerRow(rows: readonly Row[], index: number, { level }: Row): number | null {
  for (let outer = index - 1; outer >= 0; outer--)
    if ((rows[outer]?.level ?? level) < level) return takesKeyboard(rows[outer]) ? outer : null
  return null
}

const wordsOf = (row: Row): string =>
  fold(row.kind === 'section' ? row.words : titleWords(row.document.title))

/** Finds rows by the letters with which they begin, typed one after another. */
export class TypeAhead {
  private typed = ''
  private at = -Infinity

  /** True while the next letter continues the ones before. `now` is in ms. */
  isTyping(now: number): boolean {
    return now - this.at < pause
  }

  /** Takes a letter, and returns the index of the next row from `index` on that begins so; null without one. */
  type(letter: string, rows: readonly Row[], index: number, now: number): number | null {
    this.typed = this.isTyping(now) ? this.typed + fold(letter) : fold(letter)
    this.at = now
    // The same letter again and again goes from row to row.
    const isOne = [...this.typed].every((one) => one === this.typed[0])
    const wanted = isOne ? (this.typed[0] ?? '') : this.typed
    const from = isOne ? index + 1 : index
    for (let offset = 0; offset < rows.length; offset++) {
      const at = (from + offset) % rows.length
      const row = rows[at]
      if (row && takesKeyboard(row) && wordsOf(row).startsWith(wanted)) return at
    }
    return null
  }
}
