import type { Random } from '../test/support/random'

/** Sizes at which editing is measured, in UTF-16 code units. */
export const sizes = [
  { name: '1 kB', size: 1_000 },
  { name: '100 kB', size: 100_000 },
  { name: '1 MB', size: 1_000_000 },
] as const

/** Prose of about a length, in paragraphs. */
export function prose(random: Random, length: number): string {
  const parts: string[] = []
  for (let size = 0; size < length; ) {
    const part = random.chance(0.01) ? '\n\n' : `${random.pick(words)} `
    parts.push(part)
    size += part.length
  }
  return parts.join('').slice(0, length)
}

const words = 'the quick brown fox jumps over a lazy dog while seven people write one text together'.split(
  ' ',
)
