import { ChangeSet, type Text } from '@codemirror/state'
import diff from 'fast-diff'
import { isHighSurrogate, isLowSurrogate } from './text'

/** Past this many characters in the part that differs, one replacement serves better than minutes of search. */
const searchLimit = 8_000

/**
 * A change set that leads from one text to another, touching little. It never cuts a surrogate pair.
 * Used when the steps between two texts are unknown; otherwise the steps themselves are better.
 *
 * With `whole` changes are one that are no farther from each other than one of them is large: what stays the same between
 * them is chance. Letters of a new word that are found among many that went would else count as kept, and go too
 * where someone deletes these at the same time. What somebody deletes of such a stretch comes back instead.
 * (After Fraser's semantic clean-up of differences, 2006.)
 */
export function difference(before: Text, after: Text, { whole: joins = false } = {}): ChangeSet {
  const a = before.toString()
  const b = after.toString()
  const start = commonStart(a, b)
  const end = commonEnd(a, b, start)
  const removed = a.slice(start, a.length - end)
  const inserted = b.slice(start, b.length - end)
  if (removed === '' && inserted === '') return ChangeSet.empty(a.length)
  const whole = { from: start, to: a.length - end, insert: inserted }
  // fast-diff 1.3.0 recurses without end where halves of pairs stand alone.
  const searches =
    removed.length + inserted.length <= searchLimit && removed.isWellFormed() && inserted.isWellFormed()
  const found = searches ? search(removed, inserted, start, joins) : [whole]
  const changes = joins ? toTheEnds(found, a) : found
  return ChangeSet.of(changes, a.length, '\n')
}

interface Change {
  readonly from: number
  readonly to: number
  readonly insert: string
}

function search(removed: string, inserted: string, offset: number, joins: boolean): Change[] {
  const changes: Change[] = []
  let position = 0
  for (const [kind, text] of diff(removed, inserted)) {
    const end = kind === diff.INSERT ? position : position + text.length
    const change = { from: position, to: end, insert: kind === diff.INSERT ? text : '' }
    if (kind !== diff.EQUAL && joins) join(changes, change, removed)
    else if (kind !== diff.EQUAL) changes.push(change)
    position = end
  }
  return changes.map(({ from, to, insert }) => ({ from: from + offset, to: to + offset, insert }))
}

/** Adds a change behind others, as one with those that are no farther from it than one of them is large. */
function join(changes: Change[], next: Change, before: string): void {
  const last = changes.at(-1)
  if (!last || next.from - last.to > Math.max(sizeOf(last), sizeOf(next))) {
    changes.push(next)
    return
  }
  changes.pop()
  const kept = before.slice(last.to, next.from)
  join(changes, { from: last.from, to: next.to, insert: last.insert + kept + next.insert }, before)
}

/** The same for what stays the same before the first change and behind the last one. */
function toTheEnds(changes: readonly Change[], before: string): Change[] {
  const reached = [...changes]
  const [first] = reached
  if (first && first.from <= sizeOf(first))
    reached[0] = { ...first, from: 0, insert: before.slice(0, first.from) + first.insert }
  const last = reached.at(-1)
  if (last && before.length - last.to <= sizeOf(last))
    reached[reached.length - 1] = {
      ...last,
      to: before.length,
      insert: last.insert + before.slice(last.to),
    }
  return reached
}

const sizeOf = ({ from, to, insert }: Change): number => Math.max(to - from, insert.length)

function commonStart(a: string, b: string): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length > 0 && isHighSurrogate(a.charCodeAt(length - 1)) ? length - 1 : length
}

function commonEnd(a: string, b: string, start: number): number {
  const limit = Math.min(a.length, b.length) - start
  let length = 0
  while (length < limit && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length))
    length++
  return length > 0 && isLowSurrogate(a.charCodeAt(a.length - length)) ? length - 1 : length
}
