import c, { type State } from 'compact-encoding'
import { SwarmpadError } from '../../base/errors'

/**
 * Runs `read` over hostile bytes. Throws MALFORMED when it runs past the end, stops before it, or fails in
 * any other way: what a peer sends leads to no other error.
 */
export function decodeWhole<T>(bytes: Uint8Array, read: (state: State) => T): T {
  const state: State = { start: 0, end: bytes.length, buffer: bytes }
  let value: T
  try {
    value = read(state)
  } catch (cause) {
    throw cause instanceof SwarmpadError ? cause : undecodable(cause)
  }
  if (state.start !== state.end) throw undecodable()
  return value
}

/** A `buffer` or string's bytes, copied, of at most `limit`. Throws MALFORMED. */
export function boundedBytes(state: State, limit: number): Buffer {
  const length = c.uint.decode(state)
  if (length > limit || length > state.end - state.start || !state.buffer) throw undecodable()
  const bytes = Buffer.from(state.buffer.subarray(state.start, state.start + length))
  state.start += length
  return bytes
}

const undecodable = (cause?: unknown): SwarmpadError =>
  new SwarmpadError('MALFORMED', { why: 'bytes that cannot be decoded' }, { cause })
