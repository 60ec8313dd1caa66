/** UTF-8 bytes of a name. */
export const maxNameSize = 64

/**
 * Controls, line and paragraph separators, what stands for nothing and cannot be seen, and the marks that turn the
 * reading direction. The joiners and the variation selectors for text and emoji stay: letters and emoji need them.
 */
const unwanted =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufff9-\ufffb]|(?!\p{Join_Control}|\ufe0e|\ufe0f)\p{Default_Ignorable_Code_Point}/gu
/** Blanks, also that of Braille, and joiners. */
const blankEnds = /^[\s\p{Zs}\u2800\p{Join_Control}]+|[\s\p{Zs}\u2800\p{Join_Control}]+$/gu
/** Letters, digits and signs: neither blanks nor marks that need a letter, nor characters without a form. */
const visible = /[^\p{M}\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u

/**
 * A name as others see it: what cannot be seen removed, blanks at the ends too, and cut between characters to at most
 * 64 UTF-8 bytes. Empty for a name in which nothing can be seen. Cleaning a clean name changes nothing. Rule C5.
 */
export function cleanName(name: string): string {
  const trimmed = seen(name)
  let size = 0
  let end = 0
  for (const character of trimmed) {
    size += Buffer.byteLength(character)
    if (size > maxNameSize) break
    end += character.length
  }
  const short = trim(trimmed.slice(0, end))
  return visible.test(short) ? short : ''
}

/** Returns true if a name would be cut. */
export const isNameTooLong = (name: string): boolean => Buffer.byteLength(seen(name)) > maxNameSize

/** A name without what cannot be seen, and without blanks at the ends. */
const seen = (name: string): string => trim(name.toWellFormed().replace(unwanted, ''))

const trim = (text: string): string => text.replace(blankEnds, '')
