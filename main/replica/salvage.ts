import { SwarmpadError } from '../base/errors'
import { decodeSegment, openSegment } from '../log/format/segment'
import { insertedText } from './inserted-text'

/** A change that is left out, as far as it can be recovered from its segment. */
export interface SalvagedChange {
  readonly seq: number
  readonly bytes: Uint8Array
  /** '' for none. */
  readonly text: string
}

/**
 * Returns the changes in a stored segment from sequence number `first` on; null if its seal does not open or its
 * content is malformed. Bounded like the segment (rule S6).
 */
export function salvageSegment(options: {
  contentKey: Uint8Array
  segment: Uint8Array
  first: number
}): SalvagedChange[] | null {
  try {
    const { seqFrom, changes } = openSegment(options.contentKey, decodeSegment(options.segment))
    return changes
      .map((bytes, index) => ({ seq: seqFrom + index, bytes, text: insertedText(bytes) }))
      .filter(({ seq }) => seq >= options.first)
  } catch (error) {
    if (error instanceof SwarmpadError) return null
    throw error
  }
}
