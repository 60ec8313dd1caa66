import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Numbers } from './level-blocks'
import { recordsIn } from './level-log'

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

/** What the list of files says of a table: its size in bytes, and the keys between which its rows lie. */
export interface ListedTable {
  readonly size: number
  readonly first: Buffer
  readonly last: Buffer
}

/**
 * The tables that a LevelDB database is made of, by number; null where that is not known:
 * nothing lies there, or its list of files cannot be read, of which LevelDB tells when it opens it. Rejects with
 * the system's error. Format: LevelDB, db/version_edit.cc.
 */
export async function tablesOf(directory: string): Promise<Map<number, ListedTable> | null> {
  const current = await readIfThere(join(directory, 'CURRENT'))
  const name = /^(MANIFEST-\d+)\n$/.exec(current?.toString('latin1') ?? '')?.[1]
  const manifest = name ? await readIfThere(join(directory, name)) : null
  if (!manifest) return null
  const tables = new Map<number, ListedTable>()
  try {
    for (const edit of recordsIn(manifest)) apply(edit, tables)
    return tables
  } catch (error) {
    if (error instanceof RangeError) return null // an edit that is none
    throw error
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/** Changes the tables as a record of a manifest says. Throws for one of another form. */
function apply(edit: Buffer, tables: Map<number, ListedTable>): void {
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
      case fields.nextFile:
      case fields.lastSequence:
      case fields.previousLog:
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
