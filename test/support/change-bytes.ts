import { createHash } from 'node:crypto'
import { readChangeBody } from '../../main/replica/change-header'
import { Reader, RunColumn } from '../../main/replica/columns'

const lengthOffset = 9
const valueLength = 0x56
const valueTypes = { text: 6, bytes: 7 } as const

/**
 * Turns the strings that some operations of a change put, by their numbers, into bytes, which Automerge's own encoder of
 * changes does not take. The change is otherwise the same, and its checksum fits.
 */
export function withBytesAt(change: Uint8Array, rows: ReadonlySet<number>): Uint8Array {
  if (rows.size === 0) return change
  const chunk = new Reader(change, lengthOffset)
  chunk.unsigned()
  const start = chunk.offset
  const { columns } = readChangeBody(chunk)
  const head = change.subarray(start, change.length - Buffer.concat(table(columns)).length)
  const changed = columns.map(({ specification, data }) => ({
    specification,
    data: specification === valueLength ? retyped(data, rows) : data,
  }))
  const body = Buffer.concat([head, ...table(changed)])
  const bytes = Buffer.concat([change.subarray(0, lengthOffset), unsigned(body.length), body])
  bytes.set(createHash('sha256').update(bytes.subarray(8)).digest().subarray(0, 4), 4)
  return bytes
}

type Column = { specification: number; data: Uint8Array }

/** The columns of a change with what stands before them. */
const table = (columns: readonly Column[]): Uint8Array[] => [
  unsigned(columns.length),
  ...columns.flatMap(({ specification, data }) => [unsigned(specification), unsigned(data.length)]),
  ...columns.map(({ data }) => data),
]

function retyped(data: Uint8Array, rows: ReadonlySet<number>): Uint8Array {
  const column = new RunColumn(data, 'unsigned')
  const values: number[] = []
  while (!column.ended) {
    const value = column.number() ?? 0
    values.push(rows.has(values.length) ? value - valueTypes.text + valueTypes.bytes : value)
  }
  return runs(values)
}

/** Encodes a column of numbers, without nulls, as Automerge does. */
function runs(values: readonly number[]): Uint8Array {
  const parts: Uint8Array[] = []
  let literals: number[] = []
  const flush = () => {
    if (literals.length > 0) parts.push(signed(-literals.length), ...literals.map(unsigned))
    literals = []
  }
  for (let from = 0; from < values.length; ) {
    let to = from + 1
    while (to < values.length && values[to] === values[from]) to++
    const value = values[from] ?? 0
    if (to - from === 1) literals.push(value)
    else {
      flush()
      parts.push(signed(to - from), unsigned(value))
    }
    from = to
  }
  flush()
  return Buffer.concat(parts)
}

/** LEB128. */
function unsigned(value: number): Uint8Array {
  const bytes: number[] = []
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80)
  return Uint8Array.from([...bytes, value])
}

/** Signed LEB128, for numbers of at most 30 bits. */
function signed(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest < -0x40 || rest >= 0x40; rest >>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Uint8Array.from([...bytes, rest & 0x7f])
}
