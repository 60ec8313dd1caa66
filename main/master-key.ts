import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SwarmpadError } from './errors'

const keySize = 32

/**
 * The key that seals what a profile keeps: read from `key` in its folder, made at first use, readable
 * by its owner alone. A key that is there is never overwritten. Throws STORE_DAMAGED when it cannot be
 * used.
 */
export async function loadMasterKey(directory: string, random: (size: number) => Buffer): Promise<Buffer> {
  const path = join(directory, 'key')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      const key = random(keySize)
      await file.writeFile(key)
      await file.sync()
      return key
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const key = await readFile(path)
  if (key.length !== keySize)
    throw new SwarmpadError(
      'STORE_DAMAGED',
      `The file "key" in ${directory} is damaged. Put it back from a backup.`,
    )
  return key
}
