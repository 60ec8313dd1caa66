import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Numbers } from './blocks'
import { isLogDamaged, recordsIn } from './log-records'

const fields = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const

/** A table in the list of files: its size in bytes, and its first and last key. */
export interface ListedTable {
  readonly size: number
  readonly first: Buffer
  readonly last: Buffer
}

/** Contents of the list of a database's files. */
export interface FileList {
  /** Name of the file that holds the list. */
  readonly name: string
  /** By number. */
  readonly tables: Map<number, ListedTable>
  /** Logs with lower numbers than this are not read, but for the one before. */
  logNumber: number
  previousLog: number
}

/**
 * Reads the list of files of a LevelDB database; null without one, or if it cannot be read, which LevelDB reports when
 * it opens the database. Rejects with the system's error. Format: LevelDB, db/version_edit.cc.
 */
export async function fileListOf(directory: string): Promise<FileList | null> {
  const current = await readIfThere(join(directory, 'CURRENT'))
  const name = /^(MANIFEST-\d+)\n$/.exec(current?.toString('latin1') ?? '')?.[1]
  const manifest = name ? await readIfThere(join(directory, name)) : null
  if (!name || !manifest) return null
  const list: FileList = { name, tables: new Map(), logNumber: 0, previousLog: 0 }
  try {
    for (const edit of recordsIn(manifest)) apply(edit, list)
  } catch (error) {
    if (error instanceof RangeError) return null // not a valid edit
    throw error
  }
  // LevelDB reads on behind what is damaged, or not at all.
  return list.logNumber > 0 && !isLogDamaged(manifest) ? list : null
}

/** Reads the tables of a LevelDB database, by number; null and rejects as `fileListOf`. */
export async function tablesOf(directory: string): Promise<Map<number, ListedTable> | null> {
  return (await fileListOf(directory))?.tables ?? null
}

async function readIfThere(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/** Applies a record of a manifest to a list. Throws RangeError for an invalid record. */
function apply(edit: Buffer, list: FileList): void {
  const { tables } = list
  const numbers = new Numbers(edit)
  const bytes = (): Buffer => {
    const size = numbers.next()
    numbers.at += size
    return edit.subarray(numbers.at - size, numbers.at)
  }
  while (numbers.at < edit.length) {
    const field = numbers.next()
    switch (field) {
      case fields.comparator:
        bytes()
        break
      case fields.logNumber:
        list.logNumber = numbers.next()
        break
      case fields.previousLog:
        list.previousLog = numbers.next()
        break
      case fields.nextFile:
      case fields.lastSequence:
        numbers.next()
        break
      case fields.compactPointer:
        numbers.next() // its level
        bytes()
        break
      case fields.deletedFile:
        numbers.next()
        tables.delete(numbers.next())
        break
      case fields.newFile: {
        numbers.next()
        const [number, size] = [numbers.next(), numbers.next()]
        tables.set(number, { size, first: bytes(), last: bytes() })
        break
      }
      default:
        throw new RangeError('no such field')
    }
  }
}
