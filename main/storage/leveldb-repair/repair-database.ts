import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { streamFile } from '../../base/atomic-file'
import { probeDisk } from '../disk-probe'
import { isLogDamaged } from './log-records'
import { tablesOf } from './manifest'
import { copyToOriginals, moveToOriginals, setMark } from './repair-mark'
import { hasRows, isTableWhole, minTableSize, repairTable } from './tables'

/** Most bytes of tables that are checked: about 0.3 s of work, and the reading. */
const maxChecked = 256 * 1024 * 1024

/**
 * Checks the tables of a LevelDB database that is not open, and replaces damaged ones by tables with all rows that can
 * still be read. A damaged block then costs what it holds, and not the database: rows may be missing, or an older
 * write of a row may be back, so the database is marked as repaired. It is also marked if its log is damaged, since
 * LevelDB skips what it cannot read there. Missing tables are left for LevelDB to report. No one else may have the
 * database open. Rejects with the system's error.
 */
export async function repairDatabase(directory: string): Promise<void> {
  const tables = await tablesOf(directory)
  const names = tables ? await readdir(directory) : []
  for (const name of names)
    if (isLog(name) && isLogDamaged(await readFile(join(directory, name)))) await setMark(directory)
  let checked = 0
  for (const [number, listed] of tables ?? []) {
    const name = names.find((one) => isTable(one) && Number.parseInt(one, 10) === number)
    if (!name || checked >= maxChecked) continue
    const path = join(directory, name)
    const table = await readFile(path)
    checked += table.length
    if (isTableWhole(table, listed.size)) continue
    await setMark(directory)
    await replace(path, repairTable(table, listed), listed.size)
  }
}

/**
 * Rebuilds the list of files of a database that is not open and whose list cannot be read. No one else may have the
 * database open. Recently deleted entries may reappear, so it is marked as repaired. Its tables then overlap, ordered
 * by their numbers and not by their rows: all has to be compacted before anything is read. Rejects with the system's
 * error, or LevelDB's.
 */
export async function rebuildList(directory: string): Promise<void> {
  // LevelDB turns its log into a table here, and deletes the log even if the disk took no table.
  await probeDisk(directory)
  await setMark(directory)
  for (const name of (await readdir(directory)).filter(isLog)) await copyToOriginals(join(directory, name))
  for (const name of (await readdir(directory)).filter(isTable)) {
    const path = join(directory, name)
    const table = await readFile(path)
    const size = Math.max(table.length, minTableSize)
    const repaired = isTableWhole(table, size) ? table : repairTable(table, { size })
    // LevelDB ends the process at a table without rows.
    if (!hasRows(repaired)) await moveToOriginals(path)
    else if (repaired !== table) await replace(path, repaired, size)
  }
  await ClassicLevel.repair(directory)
  // LevelDB's folder for lists and logs that it has read.
  await moveToOriginals(join(directory, 'lost')).catch(() => undefined)
}

const isTable = (name: string): boolean => /^\d+\.(ldb|sst)$/.test(name)

const isLog = (name: string): boolean => /^\d+\.log$/.test(name)

async function replace(path: string, table: Buffer, size: number): Promise<void> {
  await copyToOriginals(path)
  const unique = 'mended'
  // A killed process may have left one.
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
