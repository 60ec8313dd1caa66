import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'

/** Why LevelDB could not open a database: one of its codes, if it says one. */
export const levelCode = (error: unknown): string | undefined =>
  (error as { cause?: { code?: string } }).cause?.code

/** Returns true for an error of LevelDB or the system that means that no file descriptor is left. */
export function lacksFiles(error: unknown): boolean {
  const { code, message, cause } = error as Partial<Error> & { code?: unknown }
  if (code === 'EMFILE' || code === 'ENFILE' || /too many open files/i.test(message ?? '')) return true
  return cause instanceof Error && lacksFiles(cause)
}

/**
 * Sees to it that one process at a time looks at a database's files: LevelDB locks only what it opens, and files are
 * mended before that. It is an empty database inside the folder, which the system unlocks when the process ends, in
 * whatever way. Resolves to what gives it back. Rejects with LevelDB's error, code LEVEL_LOCKED where another has it.
 */
export async function lockFolder(directory: string): Promise<() => Promise<void>> {
  const location = join(directory, 'guard')
  for (let tries = 0; ; tries++) {
    const lock = new ClassicLevel(location)
    try {
      await lock.open()
      return () => lock.close()
    } catch (error) {
      await lock.close()
      // Nothing is in it: one that is damaged is made again. That another process has it is found out first of all, but
      // not without a file descriptor.
      if (tries > 0 || levelCode(error) === 'LEVEL_LOCKED' || lacksFiles(error)) throw error
      await rm(location, { recursive: true, force: true })
    }
  }
}
