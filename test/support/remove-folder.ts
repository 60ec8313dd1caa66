import { rm } from 'node:fs/promises'
import { vi } from 'vitest'

/** How long the programs that write into a folder may take to end, in ms. */
const patience = 120_000

/** Removes a folder that something may still be writing into: its own retries would not see what came since. */
export async function removeFolder(folder: string): Promise<void> {
  const remove = async () => {
    await rm(folder, { recursive: true, force: true })
    return true
  }
  await vi.waitFor(remove, { timeout: patience, interval: 100 })
}
