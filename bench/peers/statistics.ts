/** The middle value, or the mean of the two in the middle; NaN for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2
}

/** An aim: at most so many times the value of the system compared with, or at most so much. */
export type Aim = { readonly times: number } | { readonly most: number }

/**
 * True if a value meets an aim. `compared`: the other system's value, which an aim in times needs; without it, the
 * result is null.
 */
export function meets(aim: Aim, value: number, compared: number | undefined): boolean | null {
  if ('most' in aim) return value <= aim.most
  return compared === undefined ? null : value <= aim.times * compared
}

/**
 * The ms that each key took: `pressed` holds when it was pressed and the length that the text then had with it,
 * `seen` the lengths in the order in which another peer had them. A key that was never seen is left out.
 */
export function delays(
  pressed: readonly { length: number; at: number }[],
  seen: readonly { length: number; at: number }[],
): number[] {
  const found: number[] = []
  let next = 0
  for (const { length, at } of pressed) {
    while (next < seen.length && (seen[next]?.length ?? 0) < length) next++
    const arrival = seen[next]
    if (arrival) found.push(arrival.at - at)
  }
  return found
}
