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

/**
 * The tables that a LevelDB database is made of, by number, with their sizes in bytes; null where that is not known:
 * nothing lies there, or its list of files cannot be read, of which LevelDB tells when it opens it. Format: LevelDB,
 * db/version_edit.cc.
 */
export async function tablesOf(directory: string): Promise<Map<number, number> | null> {
  try {
    const current = await readFile(join(directory, 'CURRENT'), 'latin1')
    if (!/^MANIFEST-\d+\n$/.test(current)) return null
    const manifest = await readFile(join(directory, current.trim()))
    const tables = new Map<number, number>()
    for (const edit of recordsIn(manifest)) apply(edit, tables)
    return tables
  } catch {
    return null // a file that is not there, or an edit that is none
  }
}

/** Changes the tables as a record of a manifest says. Throws for one of another form. */
function apply(edit: Buffer, tables: Map<number, number>): void {
  const numbers = new Numbers(edit)
  const skip = () => {
    const size = numbers.next()
    numbers.at += size
  }
  while (numbers.at < edit.length) {
    const field = numbers.next()
    switch (field) {
      case fields.comparator:
        skip()
        break
      case fields.logNumber:
      case fields.nextFile:
      case fields.lastSequence:
      case fields.previousLog:
        numbers.next()
        break
      case fields.compactPointer:
        numbers.next() // its level
        skip()
        break
      case fields.deletedFile:
        numbers.next()
        tables.delete(numbers.next())
        break
      case fields.newFile: {
        numbers.next()
        const [number, size] = [numbers.next(), numbers.next()]
        tables.set(number, size)
        skip()
        skip()
        break
      }
      default:
        throw new RangeError('no such field')
    }
  }
}
