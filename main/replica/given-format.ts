import { decodeText, malformed, Reader } from './columns'

/** The key of given text in an anchor's map. */
export const givenKey = 's'

/** Longest given text, in UTF-16 code units. Rule D3. */
export const maxGivenUnits = 16_384

/** Most bytes of given text and of values that take it out in one change. Rule D3. */
export const maxGivenBytes = 65_536

/** Most ranges of a value. Rule D3. */
export const maxRanges = 4_096

/** Letters of a session's key in the keys that it puts into a given text's map. */
export const nameLength = 16

/** A key that a session puts into a given text's map: for a page, or for a value that takes text out. */
export type GivenEditKey =
  /** The unit (UTF-16) before which the page stands. */
  | { readonly offset: number }
  /** The number of the value among those of its session. */
  | { readonly number: number }

/**
 * Returns the length of given text (UTF-8) in UTF-16 code units. Throws MALFORMED for text that is empty or longer than
 * D3 allows.
 */
export function checkGiven(bytes: Uint8Array): number {
  const { length } = decodeText(bytes)
  if (length === 0 || length > maxGivenUnits) throw malformed('given text of a wrong length')
  return length
}

/** Reads a key of a session (hex) in a given text's map; null for any other key. Rule D3. */
export function readGivenKey(key: string, session: string): GivenEditKey | null {
  const [, sort, before, name, after] =
    /^([+-])(?:(0|[1-9]\d{0,4})\.)?([0-9a-f]{16})(?:\.(0|[1-9]\d{0,8}))?$/.exec(key) ?? []
  if (name !== session.slice(0, nameLength)) return null
  if (sort === '+' && before !== undefined && after === undefined) return { offset: Number(before) }
  if (sort === '-' && before === undefined && after !== undefined) return { number: Number(after) }
  return null
}

/**
 * Returns the end of the last range of a value, in UTF-16 code units; 0 for none. Throws MALFORMED unless the value is
 * in the one form that D3 allows: ranges with units between them, each with a unit or more.
 */
export function checkRanges(bytes: Uint8Array): number {
  const reader = new Reader(bytes, 0)
  let end = 0
  for (let count = 0; !reader.ended; count++) {
    const gap = reader.unsigned()
    const length = reader.unsigned()
    if (count === maxRanges || length === 0 || (gap === 0 && count > 0))
      throw malformed('ranges of an unknown form')
    end += gap + length
    // Neither can the sum leave the safe integers.
    if (end > maxGivenUnits) throw malformed('ranges past the end of given text')
  }
  return end
}
