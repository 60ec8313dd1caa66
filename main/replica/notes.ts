import { type Handle, notesCounter, type ObjectId, rootNames } from './genesis'

/** Most notes of a document that are read, and most bytes in total. */
export const maxNotes = 64
export const maxNotesSize = 64 * 1024

/** A note: bytes that an author put beside the text, in the document's map `spare`. Its content is not checked. */
export interface Note {
  /** The first 32 hexadecimal digits of its SHA-256, so that putting it in again changes nothing. */
  readonly key: string
  readonly bytes: Uint8Array
}

/** Returns the id of the map that holds the notes, which the first change makes. Rule D1. */
export const notesId = (documentId: string): ObjectId => `${notesCounter}@${documentId}`

/** Puts a note into the document, unless it is in it. */
export function putNote(handle: Handle, map: ObjectId, { key, bytes }: Note): void {
  if (!handle.getWithType(map, key)) handle.put(map, key, bytes, 'bytes')
}

/**
 * Returns the notes of a document in the order of their keys, as many as fit the bounds. Values of any other form are
 * skipped. Rule D10.
 */
export function readNotes(handle: Handle, map: ObjectId): Note[] {
  const notes: Note[] = []
  let size = 0
  for (const key of handle.keys(map)) {
    if (notes.length === maxNotes) break
    if (!/^[0-9a-f]{32}$/.test(key)) continue
    const [type, value] = handle.getWithType(map, key) ?? []
    if (type !== 'bytes' || !(value instanceof Uint8Array) || size + value.length > maxNotesSize) continue
    size += value.length
    notes.push({ key, bytes: Uint8Array.from(value) })
  }
  return notes
}

/** Returns true for a patch of Automerge that changes a note. */
export const isOfNotes = (patch: { readonly path: readonly unknown[] }): boolean =>
  patch.path[0] === rootNames.spare
