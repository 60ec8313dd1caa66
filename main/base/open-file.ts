import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/**
 * Opens a file to read it, at once even if it is a named pipe: that would otherwise wait for a writer for ever.
 * Rejects with the system's error.
 */
export const openForReading = (path: string): Promise<FileHandle> =>
  // Windows has no such flag, and no such pipes among files.
  open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
