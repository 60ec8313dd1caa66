import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { lacksFiles, levelCode } from './level-errors'

/**
 * Locks a database's folder for this process: LevelDB locks only what it opens, and files are repaired before that.
 * The lock is an empty database inside the folder, which the system unlocks when the process ends, in whatever way.
 * Resolves to a function that unlocks. Rejects with LevelDB's error, code LEVEL_LOCKED while another process has it.
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
      // It is empty, so a damaged one is made again. LevelDB checks its lock first, for which it needs a descriptor.
      if (tries > 0 || levelCode(error) === 'LEVEL_LOCKED' || lacksFiles(error)) throw error
      await rm(location, { recursive: true, force: true })
    }
  }
}
