import { SwarmpadError } from '../base/errors'
import { probeDisk } from './disk-probe'

/** The system's codes for a disk or folder that refuses writes. */
const refusals = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EACCES', 'EPERM'])

/** Returns LevelDB's code of an error on opening a database, if it has one. */
export const levelCode = (error: unknown): string | undefined =>
  (error as { cause?: { code?: string } }).cause?.code

/**
 * Returns true for an error of LevelDB or the system that means that no file descriptor is left. LevelDB gives no code
 * for that, only a text.
 */
export function lacksFiles(error: unknown): boolean {
  const { code, message, cause } = error as Partial<Error> & { code?: unknown }
  if (code === 'EMFILE' || code === 'ENFILE' || /too many open files/i.test(message ?? '')) return true
  return cause instanceof Error && lacksFiles(cause)
}

/** Returns the error for a database that LevelDB or the system did not open. */
export async function openingFailed(directory: string, error: unknown): Promise<SwarmpadError> {
  if (error instanceof SwarmpadError) return error
  if (levelCode(error) === 'LEVEL_LOCKED') return new SwarmpadError('PROFILE_BUSY', {}, { cause: error })
  if (lacksFiles(error) || refusals.has((error as NodeJS.ErrnoException).code ?? ''))
    return writeFailed(error)
  if (levelCode(error) === 'LEVEL_IO_ERROR')
    return probeDisk(directory).then(
      () => damaged(error),
      (cause) => writeFailed(cause),
    )
  return damaged(error)
}

/** Returns the error for a failed write. */
export const writeFailed = (cause: unknown): SwarmpadError =>
  lacksFiles(cause)
    ? noMoreFiles(cause)
    : new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' }, { cause })

/** Returns the error for a failed read: nothing is damaged if the process had no file descriptor left. */
export const readFailed = (cause: unknown): SwarmpadError =>
  lacksFiles(cause) ? noMoreFiles(cause) : damaged(cause)

const noMoreFiles = (cause: unknown): SwarmpadError =>
  new SwarmpadError('STORE_WRITE_FAILED', { what: 'open-files' }, { cause })

const damaged = (cause: unknown): SwarmpadError =>
  new SwarmpadError('STORE_DAMAGED', { part: 'database' }, { cause })
