import { open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { streamFile } from '../whole-file'
import { tablesOf } from './level-manifest'
import { isTableWhole, mendTable } from './level-tables'

/** Bytes of tables that are looked at, at most: about 0.3 s, and the reading. */
const maxLookedAt = 256 * 1024 * 1024

/** Lies beside the tables from before one of them is mended until all that was stored has been looked at. */
const mark = 'MENDED'

/**
 * Looks at the tables of a LevelDB database that is not open, and puts others in the place of those that are damaged,
 * with all of their rows that can still be read. So one damaged block costs what it holds, and not the database: what
 * then lacks may be rows, or the last writing of a row that an older one stands for. Tables are never changed once
 * they are written, so another process that has the database open is not disturbed. Those that are gone are left for
 * LevelDB to tell of. Rejects with the system's error.
 */
export async function mendTables(directory: string): Promise<void> {
  const tables = await tablesOf(directory)
  const names = tables ? await readdir(directory) : []
  let lookedAt = 0
  for (const [number, size] of tables ?? []) {
    const name = names.find((one) => /\.(ldb|sst)$/.test(one) && Number.parseInt(one, 10) === number)
    if (!name || lookedAt >= maxLookedAt) continue
    const path = join(directory, name)
    const table = await readFile(path)
    lookedAt += table.length
    if (isTableWhole(table, size)) continue
    await setMark(directory)
    await replace(path, mendTable(table, size), size)
  }
}

/** Whether a database was mended and not looked through since. */
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

async function setMark(directory: string): Promise<void> {
  const file = await open(join(directory, mark), 'a', 0o600)
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function replace(path: string, table: Buffer, size: number): Promise<void> {
  const unique = 'mended'
  // One that a process left which was killed.
  await rm(`${path}.${unique}.part`, { force: true })
  await streamFile({
    path,
    unique,
    pieces: (async function* () {
      yield table
    })(),
    prove: async (draft) => {
      if (!isTableWhole(await readFile(draft), size)) throw new Error('the disk gives back something else')
    },
  })
}
