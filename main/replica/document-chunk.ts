import { SwarmpadError } from '../base/errors'
import { Reader } from './columns'

/** Values that one column of a document chunk may hold at most: operations, changes, or what stands in them. Rule T7. */
export const maxColumnValues = 1 << 24
/** The same for a small chunk, and for each byte of a larger one: a character that was written takes a byte. */
const smallColumn = 1 << 16
const valuesPerByte = 4

const magic = [0x85, 0x6f, 0x4a, 0x83]
const documentChunk = 0
const headerSize = 9
const hashSize = 32
/** Set in a column's specification where it is deflated for itself. */
const deflated = 8
const rawColumn = 7
const stringColumn = 5
const booleanColumn = 4
const deltaColumn = 3

/**
 * Looks at a document chunk before Automerge does, so that a few bytes cannot ask for endless work: it has to be
 * one whole chunk without columns that are deflated for themselves, and no column may unfold to more values than
 * a chunk of that size can need. Throws MALFORMED. Format: https://automerge.org/automerge-binary-format-spec/
 */
export function checkDocumentChunk(bytes: Uint8Array): void {
  if (magic.some((byte, index) => bytes[index] !== byte)) throw invalid('no chunk')
  if (bytes[headerSize - 1] !== documentChunk) throw invalid('a chunk of another type')
  const chunk = new Reader(bytes, headerSize)
  const length = chunk.unsigned()
  if (chunk.offset + length !== bytes.length) throw invalid('its length does not match')
  for (let actors = chunk.count(1); actors > 0; actors--) chunk.take(chunk.unsigned())
  for (let heads = chunk.count(hashSize); heads > 0; heads--) chunk.take(hashSize)
  const columns = [...readColumns(chunk), ...readColumns(chunk)]
  const most = Math.min(maxColumnValues, Math.max(smallColumn, valuesPerByte * bytes.length))
  for (const { specification, size } of columns) {
    if (specification & deflated) throw invalid('a column is deflated')
    checkColumn(specification & 7, chunk.take(size), most)
  }
}

const readColumns = (chunk: Reader): { specification: number; size: number }[] =>
  Array.from({ length: chunk.count(2) }, () => ({ specification: chunk.unsigned(), size: chunk.unsigned() }))

function checkColumn(type: number, data: Uint8Array, most: number): void {
  if (type === rawColumn) return
  const reader = new Reader(data, 0)
  let count = 0
  while (reader.offset < data.length) {
    count += type === booleanColumn ? reader.unsigned() : readRun(reader, type)
    if (count > most) throw invalid('a column holds too much')
  }
}

/** How many values a run stands for: a repeated one, some written out, or none. */
function readRun(reader: Reader, type: number): number {
  const value = () => {
    if (type === stringColumn) reader.take(reader.unsigned())
    else if (type === deltaColumn) reader.signed()
    else reader.unsigned()
  }
  const run = reader.signed()
  if (run === 0) return reader.unsigned()
  if (run > 0) value()
  else for (let literal = run; literal < 0; literal++) value()
  return Math.abs(run)
}

const invalid = (reason: string): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: `document: ${reason}` })
