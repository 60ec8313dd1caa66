import type { Range, Store } from './store'

/** Most keys that are deleted in one write, since a log can be large. */
const step = 1_000

/** Deletes all entries of some ranges. Rejects with STORE_WRITE_FAILED; entries deleted before that stay deleted. */
export async function deleteRanges(store: Store, ranges: readonly Range[]): Promise<void> {
  for (const range of ranges)
    for (;;) {
      const keys: Uint8Array[] = []
      for await (const [key] of store.entries({ ...range, limit: step })) keys.push(key)
      if (keys.length === 0) break
      await store.write(keys.map((key) => ({ key, value: null })))
    }
}
