import type { Line, Range } from '@codemirror/state'
import { Decoration } from '@codemirror/view'
import type { Stretch } from './lines'

/** Letters on either side of a hidden mark that are kept together, at most: the sign of a longer word may stand alone. */
const longest = 20

const unbrokenMark = Decoration.mark({ class: 'md-unbroken' })

/** The end of a word or its punctuation before a mark, and the beginning of one after it. Other scripts break anywhere. */
const letters =
  "(?:(?![\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmr}\\p{sc=Mymr}])[\\p{L}\\p{M}\\p{N}’'])"
const before = new RegExp(`(?:${letters}+\\p{P}*|\\S?\\p{P}+|\\S)$`, 'u')
const after = new RegExp(`^(?:\\p{P}*${letters}+|\\p{P}+)`, 'u')

/**
 * Returns marks on the words of a line that a hidden mark parts, such as `**bold**,`: the page could break the row where
 * the mark was, and begin the next one with the comma. `hidden` are the hidden marks of the line, in order.
 */
export function unbroken(line: Line, hidden: readonly Stretch[]): Range<Decoration>[] {
  const words: { from: number; to: number }[] = []
  const marks = joined(hidden)
  const text = (from: number, to: number) => line.text.slice(from - line.from, to - line.from)
  for (const [index, { from, to }] of marks.entries()) {
    const start = Math.max(marks[index - 1]?.to ?? line.from, from - longest)
    const end = Math.min(marks[index + 1]?.from ?? line.to, to + longest)
    const left = before.exec(text(start, from))?.[0].length ?? 0
    const right = after.exec(text(to, end))?.[0].length ?? 0
    if (left === 0 || right === 0) continue
    const last = words.at(-1)
    if (last && from - left <= last.to) last.to = to + right
    else words.push({ from: from - left, to: to + right })
  }
  return words.map(({ from, to }) => unbrokenMark.range(from, to))
}

/** Stretches of which those that touch are one. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const all: { from: number; to: number }[] = []
  for (const { from, to } of stretches) {
    const last = all.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else all.push({ from, to })
  }
  return all
}
