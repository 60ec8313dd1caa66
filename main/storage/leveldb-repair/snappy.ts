/** Largest block that is decompressed, in bytes: LevelDB's have 4 KiB, an index somewhat more. */
const maxSize = 64 * 1024 * 1024

/** Decompresses Snappy data. Throws RangeError for anything else. Format: snappy, format_description.txt. */
export function unsnap(bytes: Buffer): Buffer {
  const input = new Input(bytes)
  const out = Buffer.alloc(input.size())
  let end = 0
  while (!input.isEmpty) {
    const tag = input.byte()
    if ((tag & 3) === 0) {
      const literal = input.take(literalLength(tag, input))
      if (end + literal.length > out.length) throw new RangeError('past the end')
      out.set(literal, end)
      end += literal.length
      continue
    }
    const { length, back } = copyOf(tag, input)
    if (back === 0 || back > end || end + length > out.length) throw new RangeError('past the end')
    // Byte by byte: a copy may overlap what it writes.
    for (let left = length; left > 0; left--, end++) out[end] = out[end - back] ?? 0
  }
  if (end !== out.length) throw new RangeError('cut short')
  return out
}

/** Reads compressed data. Throws RangeError past its end. */
class Input {
  private at = 0

  constructor(private readonly bytes: Buffer) {}

  get isEmpty(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    return this.bytes.readUInt8(this.at++)
  }

  /** Reads a little-endian number of `size` bytes. */
  number(size: number): number {
    this.at += size
    return this.bytes.readUIntLE(this.at - size, size)
  }

  /** Reads the size of the decompressed data. Throws RangeError for more than is decompressed. */
  size(): number {
    let size = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte()
      size += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    if (size > maxSize) throw new RangeError('too large')
    return size
  }

  take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new RangeError('past the end')
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }
}

function literalLength(tag: number, input: Input): number {
  const short = tag >> 2
  return 1 + (short < 60 ? short : input.number(short - 59))
}

/** Reads a copy: how many bytes are repeated, and how far back they begin. */
function copyOf(tag: number, input: Input): { length: number; back: number } {
  const kind = tag & 3
  if (kind === 1) return { length: 4 + ((tag >> 2) & 7), back: (tag >> 5) * 256 + input.byte() }
  return { length: 1 + (tag >> 2), back: input.number(kind === 2 ? 2 : 4) }
}
