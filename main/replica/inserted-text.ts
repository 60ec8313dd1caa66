import { SwarmpadError } from '../base/errors'
import { readChangeBody } from './change-header'
import { Reader } from './columns'

/** Offset of a chunk's length: behind magic bytes, checksum and type. */
const lengthOffset = 9
const valueKinds = (5 << 4) | 6
const valueBytes = (5 << 4) | 7
/** Value type UTF-8, in the low four bits of a value's metadata. */
const textKind = 6

/**
 * Returns the text that a change inserts, in the order of its operations, read from its columns without running
 * Automerge, as far as a malformed change allows; '' for none. Never longer than the change's bytes. Format: https://automerge.org/automerge-binary-format-spec/
 */
export function insertedText(change: Uint8Array): string {
  const pieces: Uint8Array[] = []
  try {
    const chunk = new Reader(change, lengthOffset)
    chunk.unsigned()
    const { columns } = readChangeBody(chunk)
    const column = (wanted: number) =>
      columns.find(({ specification }) => specification === wanted)?.data ?? new Uint8Array(0)
    const values = new Reader(column(valueBytes), 0)
    for (const { value, count } of runsOf(column(valueKinds))) {
      const size = Math.floor(value / 16)
      if (size === 0) continue
      const bytes = values.take(size * count)
      if (value % 16 === textKind) pieces.push(bytes)
    }
  } catch (error) {
    // Text found before the error counts.
    if (!(error instanceof SwarmpadError)) throw error
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Reads the runs of a run-length encoded column, without runs of nulls. */
function* runsOf(data: Uint8Array): Generator<{ value: number; count: number }> {
  const reader = new Reader(data, 0)
  while (reader.offset < data.length) {
    const run = reader.signed()
    if (run > 0) yield { value: reader.unsigned(), count: run }
    else if (run === 0) reader.unsigned()
    else for (let literal = run; literal < 0; literal++) yield { value: reader.unsigned(), count: 1 }
  }
}
