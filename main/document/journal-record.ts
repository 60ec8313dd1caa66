import { createHash } from 'node:crypto'
import { ChangeSet, type ChangeSpec, type Text } from '@codemirror/state'
import { isLowSurrogate, toText } from '../../preload/text'
import { type EntryMark, isEntryName } from '../replica/entry-names'

/** Stored form of own edits that are in no segment: plain data. The base text is stored beside it. */
export interface JournalRecord {
  /** SHA-256 of the base text, hex. */
  readonly base: string
  /** Change set that leads from the base text to the one that the first entry fits; null for none. */
  readonly since: unknown
  /** Entries in the order of their edits; the change set of each fits what the one before it leaves. */
  readonly entries: readonly (EntryMark & { readonly changes: unknown })[]
}

/** Own edits that an earlier run left, and the text that the first one fits. */
export interface LeftEdits {
  readonly text: Text
  readonly entries: readonly (EntryMark & { readonly changes: ChangeSet })[]
  /** The stored base text and the change set that leads from it to `text`; null where none is stored. */
  readonly base: { readonly hash: string; readonly since: ChangeSet } | null
  /** True if the text that they were made in is gone: their inserts stand near their places in another one. */
  readonly isNear: boolean
}

/** SHA-256 of a text in UTF-8, hex. */
export const textHash = (text: string): string => createHash('sha256').update(text).digest('hex')

/**
 * Reads a record with the base text beside it. Where the base does not fit, as in a database that was repaired, the
 * text last seen is taken if it fits; otherwise the inserts of the entries are put near their places in the text last
 * seen, and nothing is deleted. Returns null for data that is no record.
 */
export function readJournal(record: unknown, base: unknown, lastSeen: Text): LeftEdits | null {
  const read = entriesOf(record)
  if (!read) return null
  const { hash, since, entries } = read
  const stored = typeof base === 'string' ? toText(base) : null
  for (const text of [stored, lastSeen]) {
    const leading = since ?? (text && ChangeSet.empty(text.length))
    if (!text || leading?.length !== text.length || !fits(entries, leading.newLength)) continue
    if (textHash(text.toString()) !== hash) continue
    return {
      text: leading.apply(text),
      entries,
      base: text === stored ? { hash, since: leading } : null,
      isNear: false,
    }
  }
  return { ...nearTo(lastSeen, entries), base: null, isNear: true }
}

type Entries = LeftEdits['entries']

interface ReadRecord {
  readonly hash: string
  readonly since: ChangeSet | null
  readonly entries: Entries
}

function entriesOf(record: unknown): ReadRecord | null {
  const { base, since = null, entries } = (record ?? {}) as Partial<Record<keyof JournalRecord, unknown>>
  if (typeof base !== 'string' || !Array.isArray(entries) || entries.length === 0) return null
  try {
    const read = entries.map(({ name, times, changes }) => {
      if (typeof name !== 'string' || !isEntryName(name) || !Number.isSafeInteger(times))
        throw new RangeError('no mark of an entry')
      return { name, times, changes: ChangeSet.fromJSON(changes) }
    })
    return { hash: base, since: since === null ? null : ChangeSet.fromJSON(since), entries: read }
  } catch {
    return null
  }
}

function fits(entries: Entries, length: number): boolean {
  let end = length
  return entries.every(({ changes }) => {
    const follows = changes.length === end
    end = changes.newLength
    return follows
  })
}

function nearTo(text: Text, entries: Entries): Pick<LeftEdits, 'text' | 'entries'> {
  let after = text
  const near = entries.map(({ changes, ...mark }) => {
    const inserts: ChangeSpec[] = []
    changes.iterChanges((from, _to, _fromNew, _toNew, insert) => {
      if (insert.length > 0) inserts.push({ from: placeIn(after, from), insert })
    })
    const moved = ChangeSet.of(inserts, after.length, '\n')
    after = moved.apply(after)
    return { ...mark, changes: moved }
  })
  return { text, entries: near }
}

/** Returns the place in a text nearest to an offset, not inside a surrogate pair. */
function placeIn(text: Text, offset: number): number {
  const place = Math.min(offset, text.length)
  return isLowSurrogate(text.sliceString(place, place + 1).charCodeAt(0)) ? place - 1 : place
}
