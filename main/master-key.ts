import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
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
  const key = await readFile(path).catch((error) => {
    if (error.code === 'ENOENT') return makeKey(path, random(keySize))
    throw error
  })
  if (key.length !== keySize)
    throw new SwarmpadError(
      'STORE_DAMAGED',
      `The file "key" in ${directory} is damaged. Put it back from a backup.`,
    )
  return key
}

/** Puts a key at `path` whole or not at all, whenever this process ends. Rejects when one is there. */
async function makeKey(path: string, key: Buffer): Promise<Buffer> {
  const draft = `${path}.${process.pid}`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(key)
    await file.sync()
  } finally {
    await file.close()
  }
  await link(draft, path)
  await rm(draft)
  return key
}
