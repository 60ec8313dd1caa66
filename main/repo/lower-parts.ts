import { replicaRanges } from '../sync/replicas/replica-records'
import type { LowerPart } from './lower-part'

/** The data that documents have in the lower half beside their logs. A new part goes to the end. */
export const lowerParts: readonly LowerPart[] = [
  // The records of who stores a document, which its sync reads and writes.
  { name: 'replicas', ranges: replicaRanges, keeping: null },
]
