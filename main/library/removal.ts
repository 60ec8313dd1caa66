import { removalDays } from '../../preload/contract/library'
import type { LibraryEntry } from './library-entry'

/** How long a removed document can be restored, in ms. */
export const removalTime = removalDays * 24 * 60 * 60 * 1000

/** `removedAt` of a document that is to be deleted at once. */
export const deletedNow = 0

/** Returns true for a removed document whose time to be restored is over `now` (ms since the Unix epoch). */
export const isOver = ({ removedAt }: Pick<LibraryEntry, 'removedAt'>, now: number): boolean =>
  removedAt !== null && (removedAt === deletedNow || removedAt + removalTime <= now)
