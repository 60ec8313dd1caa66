/** A range of a text and its new content; positions in UTF-16 code units. */
export interface Replacement {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** Bytes of a replacement: two numbers of 4 bytes, little-endian, and the content as UTF-8. */
export function writeReplacement({ from, to, insert }: Replacement): Buffer {
  const range = Buffer.alloc(8)
  range.writeUInt32LE(from, 0)
  range.writeUInt32LE(to, 4)
  return Buffer.concat([range, Buffer.from(insert)])
}

/** The replacement of bytes. */
export const readReplacement = (bytes: Buffer): Replacement => ({
  from: bytes.readUInt32LE(0),
  to: bytes.readUInt32LE(4),
  insert: bytes.subarray(8).toString(),
})
