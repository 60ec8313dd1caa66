import { randomUUID } from 'node:crypto'
import { streamFile } from '../base/atomic-file'
import { SwarmpadError } from '../base/errors'
import { writeFailureOf } from '../base/write-failure'

/**
 * Writes a file where a person wants it, in the place of whatever is there, whole or not at all. Rejects with
 * STORE_WRITE_FAILED, or as the pieces of the content do; an older file is then unchanged.
 */
export async function saveFile(
  path: string,
  content: string | Uint8Array | AsyncIterable<string>,
  what: 'copy' | 'picture',
): Promise<void> {
  try {
    await streamFile({ path, content, unique: randomUUID(), mode: 0o666 })
  } catch (cause) {
    throw asWriteFailure(cause, what)
  }
}

/** Returns STORE_WRITE_FAILED for an error of the system, with its reason; an error of this program stays as it is. */
export const asWriteFailure = (cause: unknown, what: 'copy' | 'picture'): SwarmpadError =>
  cause instanceof SwarmpadError
    ? cause
    : new SwarmpadError('STORE_WRITE_FAILED', { what, because: writeFailureOf(cause) }, { cause })
