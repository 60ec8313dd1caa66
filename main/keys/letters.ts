// Crockford's alphabet: no letters that are taken for one another.
const letters = '0123456789abcdefghjkmnpqrstvwxyz'

/** The lowest `count` times 5 bits of a number, as letters and digits for people to compare. */
export function lettersOf(number: number, count: number): string {
  return Array.from({ length: count }, (_, place) => letters[Math.floor(number / 32 ** place) % 32]).join('')
}
