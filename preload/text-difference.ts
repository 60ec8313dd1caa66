import { ChangeSet, type Text } from '@codemirror/state'
import diff from 'fast-diff'
import { isHighSurrogate, isLowSurrogate } from './text'

/** Past this many characters in the part that differs, one replacement serves better than minutes of search. */
const searchLimit = 8_000

/**
 * A change set that leads from one text to another, touching little. It never cuts a surrogate pair.
 * Used when the steps between two texts are unknown; otherwise the steps themselves are better.
 */
export function difference(before: Text, after: Text): ChangeSet {
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
  const changes = searches ? search(removed, inserted, start) : [whole]
  return ChangeSet.of(changes, a.length, '\n')
}

function search(removed: string, inserted: string, offset: number) {
  const changes: { from: number; to: number; insert: string }[] = []
  let position = offset
  for (const [kind, text] of diff(removed, inserted)) {
    if (kind === diff.INSERT) changes.push({ from: position, to: position, insert: text })
    else {
      if (kind === diff.DELETE) changes.push({ from: position, to: position + text.length, insert: '' })
      position += text.length
    }
  }
  return changes
}

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
