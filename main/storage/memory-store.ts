import { SwarmpadError } from '../base/errors'
import { nextTurn } from '../base/next-turn'
import type { NotesFile, Range, Store, Write } from './store'

/** Data that survives a crash of the stores that use it, one at a time. */
export class MemoryDisk {
  /** Values by key, as latin1 strings, whose order is that of the bytes. */
  readonly values = new Map<string, Uint8Array>()
  /** While true, every write is refused. */
  full = false
  /** It was repaired and not scrubbed since. */
  suspect = false
  /** Contents of the notes beside the values. */
  notes: Uint8Array = new Uint8Array(0)
}

/**
 * A store in memory, for simulations; it works without `open`. As with a real disk, a write is durable some time after
 * it was requested: to simulate a crash, drop the store without `close` and open another one on the same disk.
 */
export class MemoryStore implements Store {
  private readonly disk: MemoryDisk
  private crashed = false
  private closed = false
  private writes: Promise<unknown> = Promise.resolve()

  /** It has no files of a database. */
  readonly hasUnknownFiles = false
  readonly notes: NotesFile

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.disk = disk
    this.notes = {
      read: async () => this.disk.notes,
      append: async (bytes) => this.note(Buffer.concat([this.disk.notes, bytes])),
      replace: async (bytes) => this.note(Uint8Array.from(bytes)),
      close: async () => undefined,
    }
  }

  async open(): Promise<void> {
    this.check()
  }

  get isSuspect(): boolean {
    return this.disk.suspect
  }

  async noteLookedThrough(): Promise<void> {
    this.disk.suspect = false
  }

  async includeUnknownFiles(): Promise<void> {}

  async deleteUnknownFiles(): Promise<void> {}

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    this.check()
    const value = this.disk.values.get(nameOf(key))
    return value ? Uint8Array.from(value) : null
  }

  async *entries(range: Range): AsyncIterable<[Uint8Array, Uint8Array]> {
    this.check()
    const from = nameOf(range.gte)
    const to = nameOf(range.lt)
    const names = [...this.disk.values.keys()].filter((name) => name >= from && name < to).sort()
    if (range.reverse) names.reverse()
    const found = names.slice(0, range.limit).map((name) => [name, this.disk.values.get(name)] as const)
    for (const [name, value] of found) if (value) yield [Buffer.from(name, 'latin1'), Uint8Array.from(value)]
  }

  write(writes: readonly Write[]): Promise<void> {
    const written = this.closed ? Promise.reject(closed()) : this.put(writes)
    this.writes = Promise.all([this.writes, written.catch(() => undefined)])
    return written
  }

  private async put(writes: readonly Write[]): Promise<void> {
    await nextTurn()
    // A write that is pending at a crash is neither applied nor answered.
    if (this.crashed) await new Promise<never>(() => undefined)
    if (this.disk.full) throw new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
    for (const { key, value } of writes) {
      if (value === null) this.disk.values.delete(nameOf(key))
      else this.disk.values.set(nameOf(key), Uint8Array.from(value))
    }
  }

  /** As if the process had died: writes under way are lost, later ones are never answered. */
  crash(): void {
    this.crashed = true
  }

  /** It has no files. */
  async compact(): Promise<void> {}

  async close(): Promise<void> {
    this.closed = true
    if (!this.crashed) await this.writes
  }

  private note(bytes: Uint8Array): void {
    if (this.disk.full) throw new Error('The disk is full.')
    if (!this.crashed) this.disk.notes = bytes
  }

  private check(): void {
    if (this.closed) throw closed()
  }
}

const closed = (): SwarmpadError => new SwarmpadError('CLOSED')

const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1')
