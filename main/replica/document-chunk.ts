import { SwarmpadError } from '../base/errors'
import { Reader } from './columns'
import { countValues } from './document-columns'

/** Most values in one column of a document chunk. Rule T7. */
const maxColumnValues = 1 << 24
/** The same for a small chunk, and for each byte of a larger one: a character takes at least a byte. */
const smallColumn = 1 << 16
const valuesPerByte = 4

const magic = [0x85, 0x6f, 0x4a, 0x83]
const documentChunk = 0
const headerSize = 9
const hashSize = 32
/** Bit of a column's specification that says that it is deflated by itself. */
const deflated = 8

/**
 * Checks a document chunk before Automerge reads it, so that a few bytes cannot cause endless work: it has to be one
 * whole chunk without columns that are deflated by themselves, and no column may unfold to more values than a chunk of
 * that size can need. Throws MALFORMED. Format: https://automerge.org/automerge-binary-format-spec/
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
    countValues(specification, chunk.take(size), most)
  }
}

const readColumns = (chunk: Reader): { specification: number; size: number }[] =>
  Array.from({ length: chunk.count(2) }, () => ({ specification: chunk.unsigned(), size: chunk.unsigned() }))

const invalid = (reason: string): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: `document: ${reason}` })
