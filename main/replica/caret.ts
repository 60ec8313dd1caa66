import type { ObjectId } from './genesis'

/** A place in a page: before one of its elements, or at its end. */
export interface CaretPlace {
  /** The id of a Text, or of the map of given text. */
  readonly page: ObjectId
  /** Automerge's name of the element, or 'e' for the end; in given text '+' and an index in UTF-16 code units. */
  readonly cursor: string
}

/** A selection in the form sent to peers. Rule D8. */
export interface CaretName {
  /** The end that stays while the selection is extended. */
  readonly anchor: CaretPlace
  readonly head: CaretPlace
}

/** The longest caret, in bytes: four ids, of 10 digits, '@' and 64 letters each, and three blanks. */
export const maxCaretLength = 4 * (10 + 1 + 64) + 3

/** Encodes a caret. */
export function encodeCaret({ anchor, head }: CaretName): Uint8Array {
  return Buffer.from(`${anchor.page} ${anchor.cursor} ${head.page} ${head.cursor}`, 'latin1')
}

/** Decodes a caret of `encodeCaret`; null for anything else: Automerge panics at some invalid names. */
export function decodeCaret(bytes: Uint8Array): CaretName | null {
  if (bytes.length > maxCaretLength) return null
  const words = Buffer.from(bytes).toString('latin1').split(' ')
  const [anchorPage = '', anchorCursor = '', headPage = '', headCursor = ''] = words
  const isSound =
    words.length === 4 &&
    [anchorPage, headPage].every(isId) &&
    [anchorCursor, headCursor].every((cursor) => cursor === 'e' || isIndex(cursor) || isId(cursor))
  if (!isSound) return null
  return { anchor: { page: anchorPage, cursor: anchorCursor }, head: { page: headPage, cursor: headCursor } }
}

/** Given text has up to 16,384 units (rule D3). */
const isIndex = (word: string): boolean => /^\+(0|[1-9][0-9]{0,4})$/.test(word)

/** Automerge's counters have 32 bits, and all actors of a document 32 bytes (rules D1, D2). */
const isId = (word: string): boolean =>
  /^[1-9][0-9]{0,9}@[0-9a-f]{64}$/.test(word) && Number.parseInt(word, 10) <= 0xffff_ffff
