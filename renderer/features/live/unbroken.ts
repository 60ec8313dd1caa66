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
 * the mark was, and begin the next one with the comma. `hidden` are the hidden marks of the line, in order, `elements`
 * those that must stay one element of the page, such as links: a mark holds all of such a one, or is left out.
 */
export function unbroken(
  line: Line,
  hidden: readonly Stretch[],
  elements: readonly Stretch[],
): Range<Decoration>[] {
  const words: Stretch[] = []
  const marks = joined(hidden)
  const text = (from: number, to: number) => line.text.slice(from - line.from, to - line.from)
  for (const [index, { from, to }] of marks.entries()) {
    const start = Math.max(marks[index - 1]?.to ?? line.from, from - longest)
    const end = Math.min(marks[index + 1]?.from ?? line.to, to + longest)
    const left = before.exec(text(start, from))?.[0].length ?? 0
    const right = after.exec(text(to, end))?.[0].length ?? 0
    const word = left > 0 && right > 0 ? around({ from: from - left, to: to + right }, elements) : null
    if (word) words.push(word)
  }
  return joined(words.sort((a, b) => a.from - b.from)).map(({ from, to }) => unbrokenMark.range(from, to))
}

/** Widens a stretch to hold all of each element that it meets; null if one is too long. */
function around(word: Stretch, elements: readonly Stretch[]): Stretch | null {
  const cut = elements.find(
    ({ from, to }) => from < word.to && to > word.from && (from < word.from || to > word.to),
  )
  if (!cut) return word
  if (cut.to - cut.from > longest) return null
  return around({ from: Math.min(cut.from, word.from), to: Math.max(cut.to, word.to) }, elements)
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
