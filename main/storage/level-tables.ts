import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c } from './crc32c'
import { unsnap } from './snappy'

/** Bytes of tables that are checked at most: about 0.3 s, and the reading. */
const maxChecked = 256 * 1024 * 1024

const footerSize = 48
const magic = Buffer.from('57fb808b247547db', 'hex')
/** Behind each block: its kind, and a checksum of block and kind. */
const trailerSize = 5
const kinds = { plain: 0, snappy: 1 } as const
/** What LevelDB adds to a checksum, so that one over bytes that hold checksums is of use. */
const maskDelta = 0xa282ead8

/**
 * Whether LevelDB's tables (names of files in a folder) are whole. It does not check their blocks when it
 * reads, and ends the process at some that are not. Tables are never changed once they are written, so this
 * can be asked while the database is open; those that are gone meanwhile are left out, and so is what lies
 * beyond 256 MiB. Format: LevelDB, doc/table_format.md.
 */
export async function areTablesWhole(directory: string, names: readonly string[]): Promise<boolean> {
  let checked = 0
  for (const name of names) {
    if (checked >= maxChecked) return true
    const table = await readFile(join(directory, name)).catch(() => null)
    if (!table) continue // LevelDB itself says what it cannot read
    if (!isTableWhole(table)) return false
    checked += table.length
  }
  return true
}

/** Whether all blocks of a table have the checksums that stand behind them. */
export function isTableWhole(table: Buffer): boolean {
  try {
    const footer = table.subarray(-footerSize)
    if (footer.length < footerSize || !footer.subarray(-magic.length).equals(magic)) return false
    const reader = new VarintReader(footer)
    const [metaindex, index] = [handle(reader), handle(reader)]
    const blocks = [metaindex, index].flatMap((place) => handlesIn(blockAt(table, place)))
    for (const place of blocks) blockAt(table, place)
    return true
  } catch {
    return false // a number, a place or a checksum that is wrong
  }
}

interface Handle {
  readonly offset: number
  readonly size: number
}

/** A block's content, its checksum checked. Throws for a wrong one. */
function blockAt(table: Buffer, { offset, size }: Handle): Buffer {
  const end = offset + size
  if (end + trailerSize > table.length) throw new Error('past the end')
  const stored = (table.readUInt32LE(end + 1) - maskDelta) >>> 0
  if (((stored >>> 17) | (stored << 15)) >>> 0 !== crc32c(table.subarray(offset, end + 1)))
    throw new Error('another checksum')
  const content = table.subarray(offset, end)
  return table[end] === kinds.snappy ? unsnap(content) : content
}

/** The blocks that an index names: values of its entries, before the list of places to begin at. */
function handlesIn(index: Buffer): Handle[] {
  const end = index.length - 4 - 4 * index.readUInt32LE(index.length - 4)
  const reader = new VarintReader(index)
  const found: Handle[] = []
  while (reader.at < end) {
    reader.next() // bytes of the key that are shared with the one before
    const [rest, size] = [reader.next(), reader.next()]
    reader.at += rest
    const value = reader.at
    found.push(handle(reader))
    reader.at = value + size
  }
  return found
}

const handle = (reader: VarintReader): Handle => ({ offset: reader.next(), size: reader.next() })

/** Reads numbers of 7 bits a byte, the lowest first. Throws past the end. */
class VarintReader {
  at = 0

  constructor(private readonly bytes: Buffer) {}

  next(): number {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.bytes.readUInt8(this.at++)
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
  }
}
