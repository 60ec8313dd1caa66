import type { NotesFile, Range, Store, Write } from './store'

/** A store that passes every call on to another one; a subclass changes what it has to. */
export class ForwardingStore implements Store {
  protected readonly inner: Store

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

  write(writes: readonly Write[]): Promise<void> {
    return this.inner.write(writes)
  }

  compact(range: Range): Promise<void> {
    return this.inner.compact(range)
  }

  close(): Promise<void> {
    return this.inner.close()
  }
}
