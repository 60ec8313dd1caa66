import { crc32c } from '../crc32c'
import { masked } from './blocks'

/** Block size of a log, in bytes; the header of a part is never split. */
const blockSize = 32_768
/** Bytes before each part of a record: its checksum, size and kind. */
const headerSize = 7
const kinds = { full: 1, first: 2, middle: 3, last: 4 } as const

interface Part {
  readonly kind: number | undefined
  readonly content: Buffer
  readonly end: number
}

/** Reads the whole records of a LevelDB log, up to the first damaged one. Format: LevelDB, doc/log_format.md. */
export function* recordsIn(log: Buffer): Generator<Buffer> {
  let begun: Buffer[] = []
  for (let at = 0; ; ) {
    at = partAfter(at)
    const part = partAt(log, at)
    if (!part) return
    const { kind, content, end } = part
    if (kind === kinds.full || kind === kinds.first) begun = []
    begun.push(content)
    if (kind === kinds.full || kind === kinds.last) yield Buffer.concat(begun)
    at = end
  }
}

/**
 * Returns true if a corrupt part of a log is followed by intact ones: LevelDB silently skips it and the rest of its
 * block. A corrupt part at the end may be half written by a killed process.
 */
export function isLogDamaged(log: Buffer): boolean {
  let isBroken = false
  for (let at = 0; at + headerSize <= log.length; ) {
    const begin = partAfter(at)
    const part = partAt(log, begin)
    if (part && isBroken) return true
    isBroken = !part
    if (part) at = part.end
    else {
      // Its size may still be right.
      const next = begin + headerSize + (begin + 6 <= log.length ? log.readUInt16LE(begin + 4) : 0)
      if (partAt(log, partAfter(next))) return true
      at = begin + blockSize - (begin % blockSize)
    }
  }
  return false
}

/** Returns the offset of the next part: `at`, or the next block. */
const partAfter = (at: number): number => {
  const left = blockSize - (at % blockSize)
  return left < headerSize ? at + left : at
}

/** Returns the part of a record that begins at `at`; null for a damaged one. */
function partAt(log: Buffer, at: number): Part | null {
  if (at + headerSize > log.length) return null
  const end = at + headerSize + log.readUInt16LE(at + 4)
  if (end > log.length || masked(crc32c(log.subarray(at + 6, end))) !== log.readUInt32LE(at)) return null
  return { kind: log[at + 6], content: log.subarray(at + headerSize, end), end }
}
