import { statfs } from 'node:fs/promises'

/** Bytes that are free on the disk of a folder, for who is not root. Rejects with the file system's error. */
export async function freeSpace(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
