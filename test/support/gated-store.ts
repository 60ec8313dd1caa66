import { SwarmpadError } from '../../main/base/errors'
import { MemoryStore } from '../../main/storage/memory-store'
import type { Range, Write } from '../../main/storage/store'

/** Something to wait for, until `open` is called. */
export function makeGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

/** A store in memory that a test makes slow, or unreadable. */
export class GatedStore extends MemoryStore {
  /** Nothing can be read. */
  isUnreadable = false
  private reads: { readonly isHeld: (key: Uint8Array) => boolean; readonly passed: Promise<void> } | null =
    null
  private nextWrite: Promise<void> | null = null

  /** Lets reads of records with such keys wait until the returned function is called. */
  holdReads(isHeld: (key: Uint8Array) => boolean): () => void {
    const { passed, open } = makeGate()
    this.reads = { isHeld, passed }
    return () => {
      this.reads = null
      open()
    }
  }

  /** Lets the next write wait until the returned function is called. */
  holdWrite(): () => void {
    const { passed, open } = makeGate()
    this.nextWrite = passed
    return open
  }

  override async get(key: Uint8Array): Promise<Uint8Array | null> {
    await this.pass(key)
    return super.get(key)
  }

  override async *entries(range: Range): AsyncIterable<[Uint8Array, Uint8Array]> {
    await this.pass(range.gte)
    yield* super.entries(range)
  }

  override async write(writes: readonly Write[]): Promise<void> {
    const held = this.nextWrite
    this.nextWrite = null
    if (held) await held
    return super.write(writes)
  }

  private async pass(key: Uint8Array): Promise<void> {
    if (this.reads?.isHeld(key)) await this.reads.passed
    if (this.isUnreadable) throw new SwarmpadError('STORE_DAMAGED', { part: 'database' })
  }
}
