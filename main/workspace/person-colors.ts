/** Number of colours that the theme has for people. */
const colorCount = 8

/**
 * Returns a colour for each person by key, 0 to `colorCount - 1`: the same one for the same author key, unless two
 * people present would share it and another one is free.
 */
export function assignColors(
  people: readonly { key: string; authorKey: Uint8Array | null }[],
): Map<string, number> {
  const colors = new Map<string, number>()
  const taken = new Set<number>()
  for (const person of [...people].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    let color = (person.authorKey?.[0] ?? 0) % colorCount
    for (let tries = 0; taken.has(color) && tries < colorCount; tries++) color = (color + 1) % colorCount
    taken.add(color)
    colors.set(person.key, color)
  }
  return colors
}
