import { mkdir } from 'node:fs/promises'
import { hasCode, SwarmpadError } from '../base/errors'
import { SerialQueue } from '../base/serial-queue'
import { probeDisk } from './disk-probe'
import { openingFailed, readFailed, writeFailed } from './level-errors'
import { lockFolder } from './level-lock'
import { type Level, openRepaired, type RepairedDatabase } from './leveldb-repair/open-repaired'
import { NotesOnDisk } from './notes-on-disk'
import type { NotesFile, Range, Store, Write } from './store'

const highWaterMarkBytes = 256 * 1024

/**
 * A store on LevelDB in a folder, with its notes in a file beside the folder. Every write is synced to the disk.
 *
 * Reading goes on while the disk refuses writes. When the store is opened, up to 256 MiB of tables are checked and
 * damaged ones repaired. Values carry no other checksum: on a damaged disk a value that is read may differ from the
 * one written, so the store's users check what they read. An iteration that a refused write interrupts goes on after
 * its last key, and may then see later writes.
 *
 * Invariants: (1) `level` is null before `open`, after `close`, and while the database is closed to be opened again;
 * (2) after a failed write nothing is written before the database was opened again.
 */
export class LevelStore implements Store {
  readonly notes: NotesFile
  private readonly directory: string
  /** The opened database with its repair state; null before `open`. */
  private repaired: RepairedDatabase | null = null
  private level: Level | null = null
  private opening: Promise<void> | null = null
  private reopening: Promise<void> | null = null
  private readonly writes = new SerialQueue()
  /** A write failed, and the database was not opened again since. */
  private refused = false
  private closed = false
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
    return this.repaired?.isSuspect ?? false
  }

  async noteLookedThrough(): Promise<void> {
    await this.repaired?.clearSuspect().catch((cause) => Promise.reject(writeFailed(cause)))
  }

  get hasUnknownFiles(): boolean {
    return this.repaired?.hasFilesAside ?? false
  }

  async includeUnknownFiles(): Promise<void> {
    const level = await this.running()
    this.level = null
    await level.close()
    this.level = (await this.repaired?.includeFilesAside()) ?? null
  }

  async deleteUnknownFiles(): Promise<void> {
    await this.repaired?.deleteFilesAside()
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    for (;;) {
      const level = await this.running()
      try {
        return (await level.get(key)) ?? null
      } catch (cause) {
        if (this.level === level) throw readFailed(cause)
      }
    }
  }

  async *entries(range: Range): AsyncIterable<[Uint8Array, Uint8Array]> {
    const { reverse = false } = range
    let { gte, lt, limit = Number.POSITIVE_INFINITY } = range
    for (;;) {
      const level = await this.running()
      try {
        for await (const entry of level.iterator({ gte, lt, reverse, limit, highWaterMarkBytes })) {
          if (reverse) lt = entry[0]
          else gte = Buffer.concat([entry[0], Buffer.of(0)])
          limit--
          yield entry
        }
        return
      } catch (cause) {
        if (this.level === level) throw readFailed(cause)
      }
    }
  }

  write(writes: readonly Write[]): Promise<void> {
    return this.writes.run(() => this.put(writes))
  }

  async compact({ gte, lt }: Range): Promise<void> {
    const level = await this.running()
    try {
      await level.compactRange(gte, lt)
    } catch (cause) {
      if (this.level === level) throw readFailed(cause)
    }
  }

  async close(): Promise<void> {
    this.closed = true
    await this.opening?.catch(() => undefined)
    await this.writes.idle()
    await this.reopening?.catch(() => undefined)
    const { level } = this
    this.level = null
    await level?.close()
    await this.unlock?.()
    this.unlock = null
  }

  /** Resolves to the open database, once it was opened again if that is needed. Rejects with CLOSED, or as `open`. */
  private async running(): Promise<Level> {
    if (this.reopening || (this.refused && !this.level && !this.closed)) await this.reopen()
    if (!this.level) throw new SwarmpadError('CLOSED')
    return this.level
  }

  private async start(): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 })
    } catch (cause) {
      throw writeFailed(cause)
    }
    try {
      this.unlock ??= await lockFolder(this.directory)
      this.repaired = await openRepaired(this.directory)
      this.level = this.repaired.level
    } catch (error) {
      await this.unlock?.()
      this.unlock = null
      throw await openingFailed(this.directory, error)
    }
  }

  private async put(writes: readonly Write[]): Promise<void> {
    const operations = writes.map(({ key, value }) =>
      value === null ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    )
    try {
      if (this.refused && !this.closed) await this.reopen()
      const level = await this.running()
      await level.batch(operations, { sync: true })
    } catch (cause) {
      if (hasCode(cause, 'CLOSED')) throw cause
      this.refused = true
      throw writeFailed(cause)
    }
  }

  /**
   * Opens the database again after a failed write, once the disk has room: the end of LevelDB's log is damaged then,
   * and anything written behind it would be lost at the next start. Until then it serves reads.
   */
  private reopen(): Promise<void> {
    this.reopening ??= this.openAgain().finally(() => {
      this.reopening = null
    })
    return this.reopening
  }

  private async openAgain(): Promise<void> {
    await probeDisk(this.directory).catch((cause) => Promise.reject(writeFailed(cause)))
    const { level } = this
    this.level = null
    await level?.close()
    if (this.closed) return
    this.level = (await this.repaired?.reopen()) ?? null
    this.refused = false
  }
}
