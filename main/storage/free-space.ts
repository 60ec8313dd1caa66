import { statfs } from 'node:fs/promises'

/** Resolves to the bytes free on a folder's disk for users other than root. Rejects with the file system's error. */
export async function freeSpace(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
