import { SwarmpadError } from '../../../main/base/errors'
import type { NotesFile, Range, Store, Write } from '../../../main/storage/store'

/** A store in front of another, whose disk can be full or hang. */
export class UnreliableStore implements Store {
  readonly inner: Store
  /** 'full': refuses writes; 'hangs': takes them and never answers, as if power failed meanwhile. */
  disk: 'works' | 'full' | 'hangs' = 'works'
  /** All writes that were asked for, also refused ones. */
  readonly asked: (readonly Write[])[] = []

  constructor(inner: Store) {
    this.inner = inner
  }

  open(): Promise<void> {
    return this.inner.open()
  }

  get isSuspect(): boolean {
    return this.inner.isSuspect
  }

  noteLookedThrough(): Promise<void> {
    return this.inner.noteLookedThrough()
  }

  get notes(): NotesFile {
    return this.inner.notes
  }

  get hasUnknownFiles(): boolean {
    return this.inner.hasUnknownFiles
  }

  includeUnknownFiles(): Promise<void> {
    return this.inner.includeUnknownFiles()
  }

  deleteUnknownFiles(): Promise<void> {
    return this.inner.deleteUnknownFiles()
  }

  get(key: Uint8Array): Promise<Uint8Array | null> {
    return this.inner.get(key)
  }

  entries(range: Range): AsyncIterable<[key: Uint8Array, value: Uint8Array]> {
    return this.inner.entries(range)
  }

  async write(writes: readonly Write[]): Promise<void> {
    this.asked.push(
      writes.map(({ key, value }) => ({ key: Uint8Array.from(key), value: value && Uint8Array.from(value) })),
    )
    if (this.disk === 'full') throw new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
    if (this.disk === 'hangs') return new Promise(() => undefined)
    await this.inner.write(writes)
  }

  compact(range: Range): Promise<void> {
    return this.inner.compact(range)
  }

  close(): Promise<void> {
    return this.inner.close()
  }
}
