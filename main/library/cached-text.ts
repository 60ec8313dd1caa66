import { ChangeSet } from '@codemirror/state'
import { toText } from '../../preload/text'
import { openRecord, placeId, recordKey } from '../profile/sealed-record'
import { vaultKinds } from '../profile/vault'

/** The sealed records of a document's text last seen. */
export interface SealedText {
  /** The document's id. */
  readonly id: Uint8Array
  readonly whole: Uint8Array
  /** Edits made since, in order. */
  readonly edits: readonly Uint8Array[]
}

/** Returns the whole text of a record; null for none. One of an earlier form has no mark. */
export function wholeOf(record: unknown): { text: string; mark: string } | null {
  if (typeof record === 'string') return { text: record, mark: '' }
  const { text, mark } = (record ?? {}) as Partial<Record<'text' | 'mark', unknown>>
  return typeof text === 'string' && typeof mark === 'string' ? { text, mark } : null
}

/** Returns the changes of a record that follows the whole text with this mark; null for another. Throws a RangeError. */
export function editOf(record: unknown, mark: string): ChangeSet | null {
  const stored = (record ?? {}) as Partial<Record<'mark' | 'changes', unknown>>
  return stored.mark === mark ? ChangeSet.fromJSON(stored.changes) : null
}

/**
 * Returns a text last seen, opened with the key of texts; null if it is unreadable. It is older where some of its edits
 * are unreadable.
 */
export function openCachedText(key: Uint8Array, { id, whole: sealed, edits }: SealedText): string | null {
  const whole = wholeOf(opened(key, recordKey(vaultKinds.text, id), sealed))
  if (!whole) return null
  if (edits.length === 0) return whole.text
  let text = toText(whole.text)
  for (const [place, edit] of edits.entries())
    try {
      const changes = editOf(
        opened(key, recordKey(vaultKinds.textEdits, placeId(id, place)), edit),
        whole.mark,
      )
      if (!changes) break
      text = changes.apply(text)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      break
    }
  return text.toString()
}

function opened(key: Uint8Array, name: Uint8Array, sealed: Uint8Array): unknown {
  try {
    return openRecord(key, name, sealed)
  } catch {
    return null
  }
}
