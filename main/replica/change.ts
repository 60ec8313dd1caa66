import { type ChangeHeader, hashChange, readChangeHeader } from './change-header'
import { type Operations, readOperations } from './change-operations'

/** A change as it was read: header, operations, and the bytes of its chunk. */
export interface Change extends ChangeHeader {
  readonly operations: Operations
  readonly bytes: Uint8Array
}

/** Place of a change among all others: its actor (hex), its number there, and the counter of its last operation. */
export interface KnownChange {
  readonly actor: string
  readonly seq: number
  /** Without operations, the counter before its first. */
  readonly maxOp: number
}

/**
 * Reads a change chunk; `hash` is what `hashChange` returns for it. Throws MALFORMED for what breaks D2 or D3. References
 * are not followed.
 */
export function readChange(bytes: Uint8Array, hash: Uint8Array = hashChange(bytes)): Change {
  const header = readChangeHeader(bytes, hash)
  return { ...header, operations: readOperations(header), bytes }
}

/** Returns the counter of a change's last operation; without operations, the counter before its first. */
export const maxOpOf = ({ startOp, operations }: Pick<Change, 'startOp' | 'operations'>): number =>
  startOp + operations.count - 1
