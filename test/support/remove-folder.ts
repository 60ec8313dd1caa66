import { rm } from 'node:fs/promises'
import { vi } from 'vitest'

/**
 * Removes a folder that something may still be writing into, within `timeout` ms: the retries of `rm` itself would not
 * see what came since.
 */
export async function removeFolder(folder: string, timeout: number): Promise<void> {
  const remove = async () => {
    await rm(folder, { recursive: true, force: true })
    return true
  }
  await vi.waitFor(remove, { timeout, interval: 100 })
}
