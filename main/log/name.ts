import { maxNameSize } from './limits'

// C0 and C1 controls, line and paragraph separators, and the marks that turn the reading direction, with
// which one name could be made to look like another.
const unwanted = new RegExp(
  '[\\u0000-\\u001f\\u007f-\\u009f' +
    '\\u2028\\u2029' +
    '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]',
  'gu',
)

/**
 * A name as it is put into certificates: control characters removed, trimmed, and cut between characters
 * to at most 64 UTF-8 bytes. Cleaning a clean name changes nothing. May come out empty.
 */
export function cleanName(name: string): string {
  const trimmed = name.toWellFormed().replace(unwanted, '').trim()
  let size = 0
  let end = 0
  for (const character of trimmed) {
    size += Buffer.byteLength(character)
    if (size > maxNameSize) break
    end += character.length
  }
  return trimmed.slice(0, end).trim()
}
