/** A word in the sense of the spelling check: letters, marks and digits, with apostrophes inside. */
const wordPattern = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu

/** Returns true for one of the person's words, also with a capital, in capitals, or with an English genitive's s. */
export function isOwnWord(word: string, own: ReadonlySet<string>): boolean {
  if (own.has(word)) return true
  const plain = word.endsWith("'s") || word.endsWith('’s') ? word.slice(0, -2) : word
  if (plain !== word && own.has(plain)) return true
  const lower = plain.toLowerCase()
  return (
    plain !== lower && own.has(lower) && (plain.slice(1) === lower.slice(1) || plain === plain.toUpperCase())
  )
}

/** Yields the places of the person's words in a text, as offsets in UTF-16 code units. */
export function* ownWordsIn(text: string, own: ReadonlySet<string>): Generator<{ from: number; to: number }> {
  if (own.size === 0) return
  for (const { 0: word, index } of text.matchAll(wordPattern))
    if (isOwnWord(word, own)) yield { from: index, to: index + word.length }
}

/** Returns the place of a word that touches an offset of a text; null where it is not. */
export function placeOfWord(text: string, word: string, offset: number): { from: number; to: number } | null {
  if (word === '') return null
  let from = text.indexOf(word, Math.max(0, offset - word.length))
  while (from >= 0 && from <= offset) {
    if (offset <= from + word.length) return { from, to: from + word.length }
    from = text.indexOf(word, from + 1)
  }
  return null
}
