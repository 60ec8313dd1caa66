import { readdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { levelCode, openingFailed } from '../level-errors'
import { fileListOf } from './manifest'
import { rebuildList, repairDatabase } from './repair-database'
import { isMarked, removeMark } from './repair-mark'
import { copyBack, deleteAside, putBack, setUnknownAside } from './unknown-files'

/** LevelDB with bytes as keys and values. */
export type Level = ClassicLevel<Uint8Array, Uint8Array>

/** A database that was opened with the repair it needed. */
export interface RepairedDatabase {
  /** The database as `openRepaired` opened it. */
  readonly level: Level
  /** True if the database was repaired and not scrubbed since: entries may be missing, or old ones back. */
  readonly isSuspect: boolean
  /** True if files that its list did not name lie aside. */
  readonly hasFilesAside: boolean
  /** Notes that all of it was scrubbed. Has no effect if it was repaired while in use. Rejects with the system's error. */
  clearSuspect(): Promise<void>
  /**
   * Rebuilds the database with copies of the files that lie aside, and opens it; it is suspect from then on. It must be
   * closed. Rejects as `openRepaired`.
   */
  includeFilesAside(): Promise<Level>
  /** Deletes the files that lie aside. Never rejects: files that stay do no harm. */
  deleteFilesAside(): Promise<void>
  /** Opens it again in a process that had it open and closed it. Rejects as `openRepaired`. */
  reopen(): Promise<Level>
}

/** No key is longer, in bytes. */
const maxKeySize = 256

/**
 * Opens the LevelDB database of a folder that this process has locked; creates an empty one if needed. Before that,
 * files that the database's list does not name are moved aside, since LevelDB would delete them, and damaged tables are
 * replaced; if the list itself cannot be read it is rebuilt, with the files aside. Rejects with PROFILE_BUSY,
 * STORE_DAMAGED or STORE_WRITE_FAILED, or with the system's error, and then the files aside are put back. Decision 28.
 */
export async function openRepaired(directory: string): Promise<RepairedDatabase> {
  const aside = await setUnknownAside(directory)
  try {
    const level = await openDatabase(directory, aside)
    return new Repaired({ directory, level, aside, isSuspect: await isMarked(directory) })
  } catch (error) {
    await putBack(directory, aside).catch(() => undefined)
    throw error
  }
}

class Repaired implements RepairedDatabase {
  readonly level: Level
  private readonly directory: string
  private aside: readonly string[]
  private suspect: boolean
  /** It was repaired while in use: what is in memory was read before that, and no scrub covers it. */
  private wasRepairedInUse = false

  constructor(options: { directory: string; level: Level; aside: readonly string[]; isSuspect: boolean }) {
    this.directory = options.directory
    this.level = options.level
    this.aside = options.aside
    this.suspect = options.isSuspect
  }

  get isSuspect(): boolean {
    return this.suspect
  }

  get hasFilesAside(): boolean {
    return this.aside.length > 0
  }

  async clearSuspect(): Promise<void> {
    if (this.wasRepairedInUse) return
    await removeMark(this.directory)
    this.suspect = false
  }

  async includeFilesAside(): Promise<Level> {
    try {
      await copyBack(this.directory, this.aside)
      const level = await openRebuilt(this.directory)
      this.suspect = true
      return level
    } catch (error) {
      throw await openingFailed(this.directory, error)
    }
  }

  async deleteFilesAside(): Promise<void> {
    const { aside } = this
    this.aside = []
    if (aside.length > 0) await deleteAside(this.directory, aside).catch(() => undefined)
  }

  async reopen(): Promise<Level> {
    const wasMarked = await isMarked(this.directory)
    // Files that the list does not name are leftovers of this process: none is put back.
    const level = await openDatabase(this.directory, [])
    this.wasRepairedInUse ||= !wasMarked && (await isMarked(this.directory))
    return level
  }
}

/** Repairs a database's tables and opens it, with a rebuilt list if the list is damaged. Rejects as `openRepaired`. */
async function openDatabase(directory: string, aside: readonly string[]): Promise<Level> {
  try {
    // Must come first: LevelDB takes tables as they are, and may begin to rewrite them as soon as it is open.
    await repairDatabase(directory)
    return await openLevel(directory).catch(async (error) => {
      if (!(await isListDamaged(directory, error, aside))) throw error
      await copyBack(directory, aside)
      return openRebuilt(directory)
    })
  } catch (error) {
    throw await openingFailed(directory, error)
  }
}

/** Opens a database with a list rebuilt from the files in its folder, and compacts all of it. */
async function openRebuilt(directory: string): Promise<Level> {
  await rebuildList(directory)
  const level = await openLevel(directory)
  await level.compactRange(Buffer.of(0), Buffer.alloc(maxKeySize, 0xff))
  return level
}

async function openLevel(directory: string): Promise<Level> {
  // It begins to open by itself, soon after it is made.
  const level: Level = new ClassicLevel(directory, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: !(await holdsData(directory)),
  })
  await level.open()
  return level
}

/**
 * Returns true if a database cannot be opened because its list of files, or the file that names the list, is
 * damaged, missing or older than the files. If a table in the list is missing and no table lies aside, the
 * folder may be an incomplete copy: then it stays untouched.
 */
async function isListDamaged(directory: string, error: unknown, aside: readonly string[]): Promise<boolean> {
  if (!(await holdsData(directory))) return false
  if ((await fileListOf(directory)) === null) return true
  // LevelDB has one code for all damage and tells missing tables in its text only.
  const isMissing = String((error as { cause?: unknown }).cause).includes('missing files')
  return (
    levelCode(error) === 'LEVEL_CORRUPTION' && (!isMissing || aside.some((path) => /\.(ldb|sst)$/.test(path)))
  )
}

/** Resolves to true if a folder holds data. LevelDB that finds no list of its files starts empty and deletes them. */
const holdsData = async (directory: string): Promise<boolean> =>
  (await readdir(directory)).some((name) => /\.(ldb|sst|log)$/.test(name))
