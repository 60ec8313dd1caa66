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

/** A table in the list of files: its size in bytes, and the keys between which its rows lie. */
export interface ListedTable {
  readonly size: number
  readonly first: Buffer
  readonly last: Buffer
}

/** Contents of the list of a database's files. */
export interface FileList {
  /** The file that the list is in. */
  readonly name: string
  /** By their numbers. */
  readonly tables: Map<number, ListedTable>
  /** Logs with lower numbers than this are not read, but for the one before. */
  logNumber: number
  previousLog: number
}

/**
 * The list of files of a LevelDB database; null where it is not known: nothing lies there, or it cannot be read, which
 * LevelDB tells when it opens the database. Rejects with the system's error. Format: LevelDB, db/version_edit.cc.
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

/** The tables that a LevelDB database is made of, by number; null and rejects as `fileListOf`. */
export async function tablesOf(directory: string): Promise<Map<number, ListedTable> | null> {
  return (await fileListOf(directory))?.tables ?? null
}

async function readIfThere(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/** Changes a list as a record of a manifest says. Throws for one of another form. */
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
