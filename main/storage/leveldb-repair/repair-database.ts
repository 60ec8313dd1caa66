import { constants, copyFile, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { streamFile, syncFolder } from '../../base/atomic-file'
import { probeDisk } from '../disk-probe'
import { isLogDamaged } from './log-records'
import { tablesOf } from './manifest'
import { hasRows, isTableWhole, mendTable, minTableSize } from './tables'

/** Bytes of tables that are looked at, at most: about 0.3 s, and the reading. */
const maxLookedAt = 256 * 1024 * 1024

/** Lies beside the tables from before something is mended until all that was stored has been looked at. */
const mark = 'MENDED'

/** Where files lie as they were before they were mended, until something is mended again: somebody may know better. */
const aside = 'damaged'

/**
 * Looks at the tables of a LevelDB database that is not open, and puts others in the place of those that are damaged,
 * with all of their rows that can still be read. So one damaged block costs what it holds, and not the database: what
 * then lacks may be rows, or the last writing of a row that an older one stands for; it is marked as mended. So it is
 * where its log is damaged, of which LevelDB leaves out what it cannot read. Those that are gone are left for LevelDB
 * to report. Nobody else may have the database open. Rejects with the system's error.
 */
export async function repairDatabase(directory: string): Promise<void> {
  const tables = await tablesOf(directory)
  const names = tables ? await readdir(directory) : []
  for (const name of names)
    if (/^\d+\.log$/.test(name) && isLogDamaged(await readFile(join(directory, name))))
      await setMark(directory)
  let lookedAt = 0
  for (const [number, listed] of tables ?? []) {
    const name = names.find((one) => isTable(one) && Number.parseInt(one, 10) === number)
    if (!name || lookedAt >= maxLookedAt) continue
    const path = join(directory, name)
    const table = await readFile(path)
    lookedAt += table.length
    if (isTableWhole(table, listed.size)) continue
    await setMark(directory)
    await replace(path, mendTable(table, listed), listed.size)
  }
}

/**
 * Rebuilds the list of files of a database that is not open and whose list cannot be read. Nobody else may
 * have the database open. Recently deleted entries may reappear, so it is marked as mended. Tables then
 * overlap, ordered by their numbers and not by their rows: all has to be compacted before anything is read.
 * Rejects with the system's error, or LevelDB's.
 */
export async function remakeList(directory: string): Promise<void> {
  // LevelDB makes a table of its log here, and takes the log away also where the disk took no table.
  await probeDisk(directory)
  await setMark(directory)
  for (const name of (await readdir(directory)).filter((one) => /^\d+\.log$/.test(one)))
    await keepAside(join(directory, name))
  for (const name of (await readdir(directory)).filter(isTable)) {
    const path = join(directory, name)
    const table = await readFile(path)
    const size = Math.max(table.length, minTableSize)
    const mended = isTableWhole(table, size) ? table : mendTable(table, { size })
    // One without rows would end the process.
    if (!hasRows(mended)) await rename(path, join(directory, aside, name))
    else if (mended !== table) await replace(path, mended, size)
  }
  await ClassicLevel.repair(directory)
  // Where it puts lists and logs that it has read.
  await rename(join(directory, 'lost'), join(directory, aside, 'lost')).catch(() => undefined)
}

/** Resolves to true if a database was mended and not looked through since. */
export async function isMarkedMended(directory: string): Promise<boolean> {
  return stat(join(directory, mark)).then(
    () => true,
    () => false,
  )
}

/** Notes that it was looked through. Rejects with the system's error. */
export async function removeMark(directory: string): Promise<void> {
  await rm(join(directory, mark), { force: true })
}

const isTable = (name: string): boolean => /^\d+\.(ldb|sst)$/.test(name)

/** Copies a file to where damaged ones are kept, unless one of its name is there: that one is older. */
async function keepAside(path: string): Promise<void> {
  const copy = join(dirname(path), aside, basename(path))
  await copyFile(path, copy, constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

async function setMark(directory: string): Promise<void> {
  if (!(await isMarkedMended(directory))) await rm(join(directory, aside), { recursive: true, force: true })
  await mkdir(join(directory, aside), { recursive: true, mode: 0o700 })
  const file = await open(join(directory, mark), 'a', 0o600)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(directory)
}

async function replace(path: string, table: Buffer, size: number): Promise<void> {
  await keepAside(path)
  const unique = 'mended'
  // One that a process left which was killed.
  await rm(`${path}.${unique}.part`, { force: true })
  await streamFile({
    path,
    unique,
    content: table,
    prove: async (draft) => {
      if (!isTableWhole(await readFile(draft), size)) throw new Error('the disk gives back something else')
    },
  })
}
