import { SwarmpadError } from '../../../main/base/errors'
import { ForwardingStore } from '../../../main/storage/forwarding-store'
import type { Write } from '../../../main/storage/store'

/** A store in front of another, whose disk can be full or hang. */
export class UnreliableStore extends ForwardingStore {
  declare readonly inner: ForwardingStore['inner']
  /** 'full': refuses writes; 'hangs': takes them and never answers, as if power failed meanwhile. */
  disk: 'works' | 'full' | 'hangs' = 'works'
  /** All writes that were asked for, also refused ones. */
  readonly asked: (readonly Write[])[] = []

  override async write(writes: readonly Write[]): Promise<void> {
    this.asked.push(
      writes.map(({ key, value }) => ({ key: Uint8Array.from(key), value: value && Uint8Array.from(value) })),
    )
    if (this.disk === 'full') throw new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' })
    if (this.disk === 'hangs') return new Promise(() => undefined)
    await this.inner.write(writes)
  }
}
