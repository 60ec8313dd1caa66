/** A seeded source of numbers, so that a failing run can be played again. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
  /** True with the given probability. */
  chance(probability: number): boolean
  /** One of the items, which must not be none. */
  pick<T>(items: readonly T[]): T
  bytes(size: number): Buffer
}

/** Numbers from a 32-bit seed. Algorithm: mulberry32, Tommy Ettinger, public domain. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    bytes: (size) => Buffer.from(Array.from({ length: size }, () => below(256))),
  }
}

const samples = [
  'a',
  'word ',
  '\n',
  '\r\n',
  '😀',
  '👩‍👩‍👧',
  'e\u0301',
  '\ufffc',
  'ß',
  '漢字',
  'x'.repeat(300),
  '# Title\n',
]

/** Text to insert, with what breaks careless code: pairs, combining marks, \r\n, long lines, U+FFFC. */
export const randomText = (random: Random): string => random.pick(samples)

/** An edit of `text` that does not cut a surrogate pair. */
export function randomEdit(random: Random, text: string): { from: number; to: number; insert: string } {
  const from = snap(text, random.below(text.length + 1))
  const deletes = random.chance(0.35)
  const to = deletes
    ? snap(text, Math.min(text.length, from + random.below(random.chance(0.1) ? 2000 : 12)))
    : from
  const insert = deletes && random.chance(0.6) ? '' : randomText(random)
  return { from: Math.min(from, to), to: Math.max(from, to), insert }
}

function snap(text: string, offset: number): number {
  const unit = text.charCodeAt(offset)
  return offset > 0 && unit >= 0xdc00 && unit <= 0xdfff ? offset - 1 : offset
}
