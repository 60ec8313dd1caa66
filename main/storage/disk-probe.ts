import { open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const margin = 64 * 1024
const pieceSize = 256 * 1024

/**
 * Checks, by writing, that a database folder's disk takes as many bytes as LevelDB writes when it opens: its logs once
 * more, as a table. Rejects with the file system's error when it does not.
 */
export async function probeDisk(directory: string): Promise<void> {
  let size = margin
  for (const name of await readdir(directory))
    if (/^\d+\.log$/.test(name)) size += (await stat(join(directory, name))).size
  const path = join(directory, 'room.probe')
  try {
    const file = await open(path, 'w', 0o600)
    try {
      const piece = Buffer.alloc(pieceSize)
      for (let done = 0; done < size; done += pieceSize)
        await file.writeFile(piece.subarray(0, Math.min(pieceSize, size - done)))
      await file.sync()
    } finally {
      await file.close()
    }
  } finally {
    await rm(path, { force: true })
  }
}
