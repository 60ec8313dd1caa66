import { pause } from './place'

/** When memory counts as settled. */
interface Settling {
  /** Time between two looks, in ms. */
  readonly every: number
  /** Number of looks one after the other that differ by less than the share of the memory. */
  readonly looks: number
  readonly share: number
  /** How long it may take, in ms. */
  readonly limit: number
}

/** Resolves to the resident memory of this process, in bytes, once it has settled or the limit is over. */
export async function settledMemory({ every, looks, share, limit }: Settling): Promise<number> {
  const end = Date.now() + limit
  let last = 0
  for (let steady = 0; steady < looks && Date.now() < end; ) {
    await pause(every)
    globalThis.gc?.()
    const { rss } = process.memoryUsage()
    steady = Math.abs(rss - last) < share * rss ? steady + 1 : 0
    last = rss
  }
  return last
}
