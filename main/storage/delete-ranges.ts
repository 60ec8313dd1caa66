import type { Range, Store } from './store'

/** Keys that are deleted in one write, since a log can be large. */
const step = 1_000

/** Deletes all entries of some ranges. Rejects with STORE_WRITE_FAILED; what was deleted before stays so. */
export async function deleteRanges(store: Store, ranges: readonly Range[]): Promise<void> {
  for (const range of ranges)
    for (;;) {
      const keys: Uint8Array[] = []
      for await (const [key] of store.entries({ ...range, limit: step })) keys.push(key)
      if (keys.length === 0) break
      await store.write(keys.map((key) => ({ key, value: null })))
    }
}
