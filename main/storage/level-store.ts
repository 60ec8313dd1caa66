import { mkdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { SwarmpadError } from '../errors'
import type { Range, Store, Write } from './store'

type Bytes = Uint8Array
type Database = ClassicLevel<Bytes, Bytes>

/** A store in a folder of its own, on LevelDB. Every write is synced to the disk. */
export class LevelStore implements Store {
  private readonly directory: string
  private database: Database | null = null
  private opening: Promise<void> | null = null
  private writes: Promise<unknown> = Promise.resolve()
  private closed = false

  /** Does no I/O. The folder is made when it is not there. */
  constructor(directory: string) {
    this.directory = directory
  }

  open(): Promise<void> {
    this.opening ??= this.start()
    return this.opening
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    try {
      return (await this.running().get(key)) ?? null
    } catch (cause) {
      throw damaged(cause)
    }
  }

  async *entries(range: Range): AsyncIterable<[Uint8Array, Uint8Array]> {
    const { gte, lt, reverse = false, limit = -1 } = range
    const iterator = this.running().iterator({ gte, lt, reverse, limit, highWaterMarkBytes: 256 * 1024 })
    try {
      for await (const entry of iterator) yield entry
    } catch (cause) {
      throw cause instanceof SwarmpadError ? cause : damaged(cause)
    }
  }

  write(writes: readonly Write[]): Promise<void> {
    const written = this.writes.then(() => this.put(writes))
    this.writes = written.catch(() => undefined)
    return written
  }

  async close(): Promise<void> {
    this.closed = true
    await this.opening?.catch(() => undefined)
    await this.writes
    const database = this.database
    this.database = null
    await database?.close()
  }

  private running(): Database {
    if (!this.database) throw new SwarmpadError('CLOSED', 'The database is not open.')
    return this.database
  }

  private async start(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 })
    this.database = await openDatabase(this.directory)
  }

  private async put(writes: readonly Write[]): Promise<void> {
    const operations = writes.map(({ key, value }) =>
      value === null ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    )
    try {
      await this.running().batch(operations, { sync: true })
    } catch (cause) {
      if (cause instanceof SwarmpadError) throw cause
      // After a failed write LevelDB refuses all others until it is opened anew.
      await this.reopen()
      throw new SwarmpadError(
        'STORE_WRITE_FAILED',
        'Nothing can be written to disk. Check that it is not full or read-only.',
        { cause },
      )
    }
  }

  private async reopen(): Promise<void> {
    if (this.closed) return
    const database = this.running()
    try {
      await database.close()
    } finally {
      // A full disk may refuse this too: then the next write tries again.
      this.database = await openDatabase(this.directory).catch(() => database)
    }
  }
}

async function openDatabase(directory: string): Promise<Database> {
  const database: Database = new ClassicLevel(directory, { keyEncoding: 'view', valueEncoding: 'view' })
  try {
    await database.open()
    return database
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause
    if (cause?.code === 'LEVEL_LOCKED')
      throw new SwarmpadError(
        'PROFILE_BUSY',
        'This profile is open in another Swarmpad. Use that one, or start with another --profile.',
        { cause: error },
      )
    throw damaged(error)
  }
}

const damaged = (cause: unknown): SwarmpadError =>
  new SwarmpadError(
    'STORE_DAMAGED',
    'The database of this profile cannot be read. Put the profile folder back from a backup, or start with another --profile.',
    { cause },
  )
