/** True for a text, given in pieces of whole lines, that may have tags or links. Much quicker than reading them. */
export function mayHaveFacts(pieces: Iterable<string>): boolean {
  let isFirst = true
  for (const piece of pieces) {
    if ((isFirst && piece.startsWith('---')) || /#[^\s#]|\[\[/.test(piece)) return true
    isFirst = false
  }
  return false
}
