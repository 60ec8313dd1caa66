import { createHash } from 'node:crypto'
import { Reader } from '../../main/replica/columns'

const chunkStart = 9
const hashSize = 32

/** Changes columns of a document chunk; the tables are the changes (0) and the operations (1). Checksum and sizes fit. */
export function rewriteDocument(
  bytes: Uint8Array,
  rewrite: (table: number, specification: number, data: Uint8Array) => Uint8Array,
): Uint8Array {
  const chunk = new Reader(bytes, chunkStart)
  chunk.unsigned()
  const start = chunk.offset
  for (let actors = chunk.unsigned(); actors > 0; actors--) chunk.take(chunk.unsigned())
  for (let heads = chunk.unsigned(); heads > 0; heads--) chunk.take(hashSize)
  const head = bytes.subarray(start, chunk.offset)
  const layouts = [0, 1].map(() =>
    Array.from({ length: chunk.unsigned() }, () => [chunk.unsigned(), chunk.unsigned()] as const),
  )
  const tables = layouts.map((layout, table) =>
    layout.map(([specification, size]) => ({
      specification,
      data: rewrite(table, specification, Uint8Array.from(chunk.take(size))),
    })),
  )
  const body = Buffer.concat([
    head,
    ...tables.map((columns) =>
      Buffer.concat([
        unsigned(columns.length),
        ...columns.flatMap(({ specification, data }) => [unsigned(specification), unsigned(data.length)]),
      ]),
    ),
    ...tables.flatMap((columns) => columns.map(({ data }) => data)),
    bytes.subarray(chunk.offset),
  ])
  const signed = Buffer.concat([Buffer.of(0), unsigned(body.length), body])
  const checksum = createHash('sha256').update(signed).digest().subarray(0, 4)
  return Buffer.concat([bytes.subarray(0, 4), checksum, signed])
}

function unsigned(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  return Buffer.from([...bytes, left])
}
