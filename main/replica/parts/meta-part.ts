import { hashedRecords } from './hashed-records'

/** Bounds of the facts about a document, in bytes and numbers. Rule D12. */
export const metaBounds = { recordSize: 32 * 1024, count: 65_536, totalSize: 32 * 1024 * 1024 }

/** Facts beside the text. In a person's private document they are what the person arranged: `personal/`. Rule D12. */
export const metaPart = hashedRecords({ name: 'meta', root: 'meta', bounds: metaBounds })
