import { hashedRecords } from './hashed-records'

/** Bounds of the notes, in bytes and numbers. Rule D10. */
export const noteBounds = { recordSize: 32 * 1024, count: 64, totalSize: 64 * 1024 }

/** Notes: records of the documents that replaced this one, which `workspace/successors.ts` owns. Rules D10 and R1. */
export const notesPart = hashedRecords({ name: 'notes', root: 'spare', bounds: noteBounds })
