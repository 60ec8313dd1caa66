import { malformed, Reader } from './columns'

/** The columns of a table in a document chunk, by their specifications: number, four bits up, and type. */
export type Columns = ReadonlyMap<number, Uint8Array>

const types = { delta: 3, boolean: 4, text: 5, raw: 7 } as const

/** Returns the type in a column's specification. */
const typeOf = (specification: number): number => specification & 7

/**
 * Counts the values of a column; 0 for raw bytes. Throws MALFORMED for a column that is cut short or holds more than
 * `most` values. Format: https://automerge.org/automerge-binary-format-spec/
 */
export function countValues(
  specification: number,
  data: Uint8Array,
  most = Number.POSITIVE_INFINITY,
): number {
  const type = typeOf(specification)
  if (type === types.raw) return 0
  const reader = new Reader(data, 0)
  let count = 0
  while (!reader.ended) {
    count += type === types.boolean ? reader.unsigned() : skipRun(reader, type)
    if (count > most) throw malformed('a column holds too much')
  }
  return count
}

/** Skips a run; returns the number of its values: one repeated, some written out, or nulls. */
function skipRun(reader: Reader, type: number): number {
  const run = reader.signed()
  if (run === 0) return reader.unsigned()
  for (let values = run > 0 ? 1 : -run; values > 0; values--)
    if (type === types.text) reader.take(reader.unsigned())
    else if (type === types.delta) reader.signed()
    else reader.unsigned()
  return Math.abs(run)
}

/** Reads the values of a column of numbers: -1 for null, 0 or 1 for booleans. Throws MALFORMED for one cut short. */
export function readColumn(columns: Columns, specification: number): Float64Array {
  const data = columns.get(specification) ?? new Uint8Array(0)
  const values = new Float64Array(countValues(specification, data))
  const reader = new Reader(data, 0)
  const type = typeOf(specification)
  if (type === types.boolean) fillBooleans(values, reader)
  else if (type === types.delta) fillDeltas(values, reader)
  else fillNumbers(values, reader)
  return values
}

function fillBooleans(values: Float64Array, reader: Reader): void {
  for (let index = 0, value = 0; !reader.ended; value = 1 - value) {
    const end = index + reader.unsigned()
    values.fill(value, index, end)
    index = end
  }
}

function fillNumbers(values: Float64Array, reader: Reader): void {
  for (let index = 0; !reader.ended; ) {
    const run = reader.signed()
    const end = index + (run === 0 ? reader.unsigned() : Math.abs(run))
    if (run < 0) while (index < end) values[index++] = reader.unsigned()
    else values.fill(run === 0 ? -1 : reader.unsigned(), index, end)
    index = end
  }
}

/** A run of deltas repeats the step from value to value. */
function fillDeltas(values: Float64Array, reader: Reader): void {
  let last = 0
  for (let index = 0; !reader.ended; ) {
    const run = reader.signed()
    const end = index + (run === 0 ? reader.unsigned() : Math.abs(run))
    if (run === 0) values.fill(-1, index, end)
    else
      for (let step = 0, at = index; at < end; at++) {
        if (run < 0 || at === index) step = reader.signed()
        last += step
        values[at] = last
      }
    index = end
  }
}
