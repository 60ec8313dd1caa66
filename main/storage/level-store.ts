import { mkdir, readdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { hasCode, SwarmpadError } from '../base/errors'
import { SerialQueue } from '../base/serial-queue'
import { probeDisk } from './disk-probe'
import { lacksFiles, levelCode, lockFolder } from './level-lock'
import { fileListOf } from './leveldb-repair/manifest'
import { isMarkedMended, remakeList, removeMark, repairDatabase } from './leveldb-repair/repair-database'
import { copyBack, deleteAside, putBack, setUnknownAside } from './leveldb-repair/unknown-files'
import { NotesOnDisk } from './notes-on-disk'
import type { NotesFile, Range, Store, Write } from './store'

type Bytes = Uint8Array
type Database = ClassicLevel<Bytes, Bytes>

/**
 * A store in a folder of its own, on LevelDB, with its notes in a file beside the folder. Every write is synced to the
 * disk.
 *
 * Reading goes on while the disk refuses writes. Tables are looked at, and mended where they are damaged, when it is
 * opened, up to 256 MiB of them; else values carry no checksum: on a damaged disk what is read may differ from what
 * was written, so whoever stores bytes checks them. An iteration that a refused write interrupts goes on after its
 * last key, and may then see what was written since.
 */
export class LevelStore implements Store {
  readonly notes: NotesFile
  private readonly directory: string
  /** Files that the list did not name, where they lie now. */
  private unknown: readonly string[] = []
  private database: Database | null = null
  private opening: Promise<void> | null = null
  private reopening: Promise<void> | null = null
  private readonly writes = new SerialQueue()
  /** A write failed, and the database was not reopened since. */
  private refused = false
  private closed = false
  private suspect = false
  /** It was mended again while it was in use. */
  private mendedAgain = false
  private unlock: (() => Promise<void>) | null = null

  /** Does no I/O. The folder is made when it is not there. */
  constructor(directory: string) {
    this.directory = directory
    this.notes = new NotesOnDisk(`${directory}.notes`)
  }

  /** As in Store; also rejects with STORE_WRITE_FAILED when the disk takes nothing. */
  async open(): Promise<void> {
    if (this.closed) throw new SwarmpadError('CLOSED')
    this.opening ??= this.start().catch((error) => {
      this.opening = null
      throw error
    })
    await this.opening
  }

  get isSuspect(): boolean {
    return this.suspect
  }

  async noteLookedThrough(): Promise<void> {
    if (this.mendedAgain) return // what is in memory was read before that
    await removeMark(this.directory).catch((cause) => Promise.reject(writeFailed(cause)))
    this.suspect = false
  }

  get hasUnknownFiles(): boolean {
    return this.unknown.length > 0
  }

  async includeUnknownFiles(): Promise<void> {
    const database = await this.running()
    this.database = null
    await database.close()
    try {
      await copyBack(this.directory, this.unknown)
      this.database = await remake(this.directory)
    } catch (error) {
      throw await openingFailed(this.directory, error)
    }
    this.suspect = true
  }

  async deleteUnknownFiles(): Promise<void> {
    const { unknown } = this
    this.unknown = []
    // Those that stay are no harm.
    if (unknown.length > 0) await deleteAside(this.directory, unknown).catch(() => undefined)
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    for (;;) {
      const database = await this.running()
      try {
        return (await database.get(key)) ?? null
      } catch (cause) {
        if (this.database === database) throw unreadable(cause)
      }
    }
  }

  async *entries(range: Range): AsyncIterable<[Uint8Array, Uint8Array]> {
    const { reverse = false } = range
    let { gte, lt, limit = Number.POSITIVE_INFINITY } = range
    for (;;) {
      const database = await this.running()
      try {
        for await (const entry of database.iterator({ gte, lt, reverse, limit, highWaterMarkBytes })) {
          if (reverse) lt = entry[0]
          else gte = Buffer.concat([entry[0], Buffer.of(0)])
          limit--
          yield entry
        }
        return
      } catch (cause) {
        if (this.database === database) throw unreadable(cause)
      }
    }
  }

  write(writes: readonly Write[]): Promise<void> {
    return this.writes.run(() => this.put(writes))
  }

  async compact({ gte, lt }: Range): Promise<void> {
    const database = await this.running()
    try {
      await database.compactRange(gte, lt)
    } catch (cause) {
      if (this.database === database) throw unreadable(cause)
    }
  }

  async close(): Promise<void> {
    this.closed = true
    await this.opening?.catch(() => undefined)
    await this.writes.idle()
    await this.reopening?.catch(() => undefined)
    const database = this.database
    this.database = null
    await database?.close()
    await this.unlock?.()
    this.unlock = null
  }

  /** Returns the open database; waits while it is being reopened. */
  private async running(): Promise<Database> {
    if (this.reopening || (this.refused && !this.database && !this.closed)) await this.reopen()
    if (!this.database) throw new SwarmpadError('CLOSED')
    return this.database
  }

  private async start(): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw writeFailed(cause)
    }
    try {
      this.unlock ??= await lockFolder(this.directory)
      this.unknown = await setUnknownAside(this.directory)
      this.database = await openDatabase(this.directory, this.unknown)
      this.suspect = await isMarkedMended(this.directory)
    } catch (error) {
      await putBack(this.directory, this.unknown).catch(() => undefined)
      this.unknown = []
      await this.unlock?.()
      this.unlock = null
      throw error instanceof SwarmpadError ? error : await openingFailed(this.directory, error)
    }
  }

  private async put(writes: readonly Write[]): Promise<void> {
    const operations = writes.map(({ key, value }) =>
      value === null ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    )
    try {
      if (this.refused && !this.closed) await this.reopen()
      const database = await this.running()
      await database.batch(operations, { sync: true })
    } catch (cause) {
      if (hasCode(cause, 'CLOSED')) throw cause
      this.refused = true
      throw writeFailed(cause)
    }
  }

  /**
   * Reopens the database after a failed write, once there is room: the end of LevelDB's log is unsound then,
   * and anything written behind it would be lost at the next start. Until then it serves reads.
   */
  private reopen(): Promise<void> {
    this.reopening ??= this.openAnew().finally(() => {
      this.reopening = null
    })
    return this.reopening
  }

  private async openAnew(): Promise<void> {
    await probeDisk(this.directory).catch((cause) => Promise.reject(writeFailed(cause)))
    const database = this.database
    this.database = null
    await database?.close()
    if (this.closed) return
    const wasMarked = await isMarkedMended(this.directory)
    // Files that the list does not name by now are leftovers of this process: none is put back.
    this.database = await openDatabase(this.directory, [])
    this.mendedAgain ||= !wasMarked && (await isMarkedMended(this.directory))
    this.refused = false
  }
}

const highWaterMarkBytes = 256 * 1024
/** No key is longer, in bytes. */
const maxKeySize = 256
/** The system's codes of a disk, or a folder, that takes no writes. */
const refusals = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EACCES', 'EPERM'])

/**
 * Opens a database that this process has locked, mended where that is needed, then with files that were set aside.
 * Rejects as `open` does.
 */
async function openDatabase(directory: string, aside: readonly string[]): Promise<Database> {
  try {
    // Must come first: LevelDB takes tables as they are, and may begin to rewrite them as soon as it is open.
    await repairDatabase(directory)
    return await openLevel(directory).catch(async (error) => {
      if (!(await isListDamaged(directory, error, aside))) throw error
      await copyBack(directory, aside)
      return remake(directory)
    })
  } catch (error) {
    throw await openingFailed(directory, error)
  }
}

/** Opens a database with a list made from the files that are there. */
async function remake(directory: string): Promise<Database> {
  await remakeList(directory)
  const database = await openLevel(directory)
  await database.compactRange(Buffer.of(0), Buffer.alloc(maxKeySize, 0xff))
  return database
}

/** Returns the error to report when LevelDB or the system kept a database from being opened. */
async function openingFailed(directory: string, error: unknown): Promise<SwarmpadError> {
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

async function openLevel(directory: string): Promise<Database> {
  // It begins to open by itself, soon after it is made.
  const database: Database = new ClassicLevel(directory, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: !(await holdsData(directory)),
  })
  await database.open()
  return database
}

/**
 * Returns true if a database cannot be opened because its list of files, or the file that names the list, is
 * damaged, missing or older than the files. If a table in the list is missing and no table was set aside, the
 * folder may be an incomplete copy: then it stays untouched.
 */
async function isListDamaged(directory: string, error: unknown, aside: readonly string[]): Promise<boolean> {
  if (!(await holdsData(directory))) return false
  if ((await fileListOf(directory)) === null) return true
  const isMissing = String((error as { cause?: unknown }).cause).includes('missing files')
  return (
    levelCode(error) === 'LEVEL_CORRUPTION' && (!isMissing || aside.some((path) => /\.(ldb|sst)$/.test(path)))
  )
}

/** True if a folder holds data. LevelDB that finds no list of its files starts empty and deletes them. */
const holdsData = async (directory: string): Promise<boolean> =>
  (await readdir(directory)).some((name) => /\.(ldb|sst|log)$/.test(name))

const writeFailed = (cause: unknown): SwarmpadError =>
  lacksFiles(cause)
    ? noMoreFiles(cause)
    : new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' }, { cause })

/** Returns the error for a failed read: nothing is damaged if the process had no file descriptor left. */
const unreadable = (cause: unknown): SwarmpadError =>
  lacksFiles(cause) ? noMoreFiles(cause) : damaged(cause)

const noMoreFiles = (cause: unknown): SwarmpadError =>
  new SwarmpadError('STORE_WRITE_FAILED', { what: 'open-files' }, { cause })

const damaged = (cause: unknown): SwarmpadError =>
  new SwarmpadError('STORE_DAMAGED', { part: 'database' }, { cause })
