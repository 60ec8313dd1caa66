/** The largest block that is looked at, in bytes: LevelDB's have 4 KiB, an index somewhat more. */
const maxSize = 64 * 1024 * 1024

/** Decompresses Snappy data; throws for anything else. Format: snappy, format_description.txt. */
export function unsnap(bytes: Buffer): Buffer {
  let at = 0
  const next = (): number => bytes.readUInt8(at++)
  const number = (size: number): number => {
    at += size
    return bytes.readUIntLE(at - size, size)
  }
  let size = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = next()
    size += (byte & 0x7f) * scale
    if (byte < 0x80) break
  }
  if (size > maxSize) throw new RangeError('too large')
  const out = Buffer.alloc(size)
  let end = 0
  while (at < bytes.length) {
    const tag = next()
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      const length = 1 + (short < 60 ? short : number(short - 59))
      if (at + length > bytes.length || end + length > size) throw new RangeError('past the end')
      bytes.copy(out, end, at, at + length)
      at += length
      end += length
      continue
    }
    const length = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2)
    const back = kind === 1 ? (tag >> 5) * 256 + next() : number(kind === 2 ? 2 : 4)
    if (back === 0 || back > end || end + length > size) throw new RangeError('past the end')
    // Byte by byte: a copy may go on into what it writes.
    for (let left = length; left > 0; left--, end++) out[end] = out[end - back] ?? 0
  }
  if (end !== size) throw new RangeError('cut short')
  return out
}
