import { crc32c } from '../crc32c'
import {
  compareKeys,
  contentAt,
  encodeNumber,
  isBlockWhole,
  isWritten,
  masked,
  Numbers,
  type Place,
  placeIn,
  type Row,
  rowsOf,
  trailerSize,
} from './blocks'

const footerSize = 48
/** Smallest size of a table, in bytes. */
export const minTableSize = footerSize
const magic = Buffer.from('57fb808b247547db', 'hex')
/** A block without rows: one restart point, and the number of restart points. */
const emptyBlock = Buffer.from('0000000001000000', 'hex')

/**
 * Returns true if all blocks of a table match their checksums. LevelDB does not verify them on reading, and some
 * mismatches end the process. `size` is that of the table, which ends with its footer. Format: LevelDB,
 * doc/table_format.md.
 */
export function isTableWhole(table: Buffer, size: number): boolean {
  try {
    return footerOf(table, size).every((place) => {
      if (!isBlockWhole(table, place)) return false
      const content = contentAt(table, place)
      // A block of unknown compression counts as whole: a later LevelDB may have written it.
      return !content || placesIn(content).every((inner) => isBlockWhole(table, inner))
    })
  } catch {
    return false // a wrong number or place
  }
}

/**
 * Makes a table that replaces a damaged one: with all blocks that are whole, and those others that can be read, with
 * new checksums; the store's users check the rows. Rows of the latter are between `first` and `last`, if these are
 * known, since LevelDB relies on the bounds of its tables. LevelDB looks for the footer at the end of `size` bytes, and
 * repair at the end of the file: the new index follows the first footer, and the same footer follows the index.
 */
export function repairTable(table: Buffer, bounds: Bounds): Buffer {
  const { size } = bounds
  const kept = Buffer.alloc(size - footerSize)
  table.copy(kept, 0, 0, kept.length)
  const index: Buffer[] = []
  for (const { place, last } of keptBlocks(kept, indexOf(table, size), bounds)) {
    const end = place.offset + place.size
    kept.writeUInt32LE(masked(crc32c(kept.subarray(place.offset, end + 1))), end + 1)
    const where = Buffer.from([...encodeNumber(place.offset), ...encodeNumber(place.size)])
    index.push(
      Buffer.concat([Buffer.from([0, last.length, where.length].flatMap(encodeNumber)), last, where]),
    )
  }
  const [metaBlock, indexBlock] = [emptyBlock, blockOf(index)]
  const metaAt = size
  const indexAt = metaAt + metaBlock.length + trailerSize
  const handles = [metaAt, metaBlock.length, indexAt, indexBlock.length].flatMap(encodeNumber)
  const footer = Buffer.alloc(footerSize)
  Buffer.from(handles).copy(footer)
  magic.copy(footer, footerSize - magic.length)
  return Buffer.concat([kept, footer, withTrailer(metaBlock), withTrailer(indexBlock), footer])
}

/** Returns true if a table, with its footer at its end, has blocks with rows. */
export const hasRows = (table: Buffer): boolean => indexOf(table, table.length).rows.length > 0

interface Bounds {
  readonly size: number
  readonly first?: Buffer
  readonly last?: Buffer
}

interface KeptBlock {
  readonly place: Place
  /** A key that is not before any of its rows, and before all rows of the blocks that follow. */
  readonly last: Buffer
}

/** Returns the blocks that are kept, in their order. */
function keptBlocks(table: Buffer, index: Index, bounds: Bounds): KeptBlock[] {
  // Without a whole index, blocks are found one after the other by their checksums, up to the first damaged one. A
  // filter follows the last block with rows.
  const found = index.isWhole ? [] : leadingBlocks(table, bounds)
  const end = found.at(-1)?.place
  const from = end ? end.offset + end.size + trailerSize : 0
  for (const { key, value } of index.rows) {
    const place = orNull(() => placeIn(value))
    if (!place || place.offset < from) continue
    const isWhole = orNull(() => isBlockWhole(table, place)) ?? false
    if (index.isWhole && isWhole) found.push({ place, last: key })
    else if (index.isWhole) keepReadable(found, table, place, { ...bounds, upTo: key })
    else if (isWhole) keepReadable(found, table, place, bounds)
  }
  return found
}

/** Returns the blocks from the table's beginning on that are whole and readable. */
function leadingBlocks(table: Buffer, bounds: Bounds): KeptBlock[] {
  const found: KeptBlock[] = []
  for (
    let place = nextWhole(table, 0);
    place;
    place = nextWhole(table, place.offset + place.size + trailerSize)
  )
    if (!keepReadable(found, table, place, bounds)) break
  return found
}

/** Adds a block to those found before it if all its rows can be read, in order and within bounds; true if so. */
function keepReadable(
  found: KeptBlock[],
  table: Buffer,
  place: Place,
  { first, last, upTo }: Bounds & { upTo?: Buffer },
): boolean {
  const block = rowsAt(table, place)
  if (!block?.isSearchable || !areInOrder(block.rows, found.at(-1)?.last ?? null, upTo ?? null)) return false
  const [from, to] = [block.rows[0]?.key, block.rows.at(-1)?.key]
  if (!from || !to) return false
  if ((first && compareKeys(from, first) < 0) || (last && compareKeys(to, last) > 0)) return false
  found.push({ place, last: to })
  return true
}

interface Index {
  /** The readable rows. */
  readonly rows: readonly Row[]
  readonly isWhole: boolean
}

function indexOf(table: Buffer, size: number): Index {
  const read = () => {
    const [, index] = footerOf(table, size)
    return { rows: rowsAt(table, index)?.rows ?? [], isWhole: isBlockWhole(table, index) }
  }
  return orNull(read) ?? { rows: [], isWhole: false }
}

/** Returns the readable rows of a block; null for an invalid block. */
const rowsAt = (table: Buffer, place: Place): ReturnType<typeof rowsOf> | null =>
  orNull(() => {
    const content = contentAt(table, place)
    return content && rowsOf(content)
  })

/** Returns the block that begins at `at` and matches the checksum behind it. */
function nextWhole(bytes: Buffer, at: number): Place | null {
  let crc = 0
  for (let end = at; end + trailerSize <= bytes.length; end++) {
    crc = crc32c(bytes.subarray(end, end + 1), crc)
    if (end > at && masked(crc) === bytes.readUInt32LE(end + 1)) return { offset: at, size: end - at }
  }
  return null
}

/** Returns true if rows are in order, all after `from` and none after `upTo`. */
function areInOrder(rows: readonly Row[], from: Buffer | null, upTo: Buffer | null): boolean {
  let before = from
  for (const { key } of rows) {
    if (!isWritten(key) || (before && compareKeys(before, key) >= 0)) return false
    before = key
  }
  return !upTo || !before || compareKeys(before, upTo) <= 0
}

/** Returns the places of the metaindex and the index, adjacent at the end. Throws for an invalid footer. */
function footerOf(table: Buffer, size: number): [metaindex: Place, index: Place] {
  const footer = table.subarray(size - footerSize, size)
  if (footer.length < footerSize || !footer.subarray(-magic.length).equals(magic))
    throw new RangeError('no footer')
  const numbers = new Numbers(footer)
  const [metaindex, index] = [numbers.place(), numbers.place()]
  const end = index.offset + index.size + trailerSize + footerSize
  const follows = index.offset === metaindex.offset + metaindex.size + trailerSize
  if (!follows || (end !== size && end !== table.length)) throw new RangeError('not at the end')
  return [metaindex, index]
}

/** Returns the places of the blocks that an index names. */
const placesIn = (index: Buffer): Place[] => rowsOf(index).rows.map(({ value }) => placeIn(value))

/** Makes a block of rows that have whole keys. */
function blockOf(rows: readonly Buffer[]): Buffer {
  if (rows.length === 0) return emptyBlock
  const starts = Buffer.alloc(4 * (rows.length + 1))
  let at = 0
  for (const [index, row] of rows.entries()) {
    starts.writeUInt32LE(at, 4 * index)
    at += row.length
  }
  starts.writeUInt32LE(rows.length, 4 * rows.length)
  return Buffer.concat([...rows, starts])
}

function withTrailer(block: Buffer): Buffer {
  const bytes = Buffer.concat([block, Buffer.alloc(trailerSize)])
  bytes.writeUInt32LE(masked(crc32c(bytes.subarray(0, block.length + 1))), block.length + 1)
  return bytes
}

/** Returns the result of `read`; null if it throws a RangeError, as for malformed data. */
function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
