import { constants, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from '../../base/atomic-file'

/** File that lies beside the tables from before a repair until everything stored has been scrubbed. */
const mark = 'MENDED'

/** Folder with the files as they were before the last repair, for whoever can recover more of them. */
const originals = 'damaged'

/** Resolves to true if a database was repaired and not scrubbed since. */
export async function isMarked(directory: string): Promise<boolean> {
  return stat(join(directory, mark)).then(
    () => true,
    () => false,
  )
}

/** Marks a database as repaired, durably; the first mark empties the folder of originals. Rejects with the system's error. */
export async function setMark(directory: string): Promise<void> {
  if (!(await isMarked(directory))) await rm(join(directory, originals), { recursive: true, force: true })
  await mkdir(join(directory, originals), { recursive: true, mode: 0o700 })
  const file = await open(join(directory, mark), 'a', 0o600)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(directory)
}

/** Notes that a database was scrubbed. Rejects with the system's error. */
export async function removeMark(directory: string): Promise<void> {
  await rm(join(directory, mark), { force: true })
}

/** Copies a file of a marked database to the originals, unless one of its name is there: that one is older. */
export async function copyToOriginals(path: string): Promise<void> {
  const copy = join(dirname(path), originals, basename(path))
  await copyFile(path, copy, constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

/** Moves a file or folder of a marked database to the originals. Rejects with the system's error. */
export async function moveToOriginals(path: string): Promise<void> {
  await rename(path, join(dirname(path), originals, basename(path)))
}
