import * as v from 'valibot'
import type { DocumentId } from '../../preload/contract/ids'
import { type LastShown, type Place, placeShape } from '../../preload/contract/place'
import { documentId } from '../../preload/contract/shapes'
import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import { hasCode } from '../base/errors'
import { fromHex } from '../base/hex'
import type { Vault } from '../profile/vault'
import type { Store } from '../storage/store'

/** Delay that gathers changes before they are written, in ms. */
const gatherTime = 5_000

/** Id of the record of the document that was shown last. */
const lastId = new Uint8Array(0)

const lastShape = v.object({ document: v.nullable(documentId), outline: v.boolean() })

/**
 * Where the person was in each document, and which one was shown last. Sealed on the disk, some seconds after it
 * changed. A place that cannot be written or read is lost without a word, since nothing depends on it.
 */
export class Places {
  private readonly vault: Vault
  private readonly store: Store
  private readonly has: (id: DocumentId) => boolean
  /** Places that are not on the disk yet. */
  private readonly changed = new Map<DocumentId, Place>()
  private last: LastShown | null = null
  private isLastChanged = false
  private readonly writing: Debounce
  private stopped = false

  /** `has` tells if the library shows a document. Does no I/O. */
  constructor(options: { vault: Vault; store: Store; clock: Clock; has: (id: DocumentId) => boolean }) {
    this.vault = options.vault
    this.store = options.store
    this.has = options.has
    this.writing = new Debounce(options.clock, () => void this.write())
  }

  /** Resolves to the place in a document; null if none is known. */
  async of(id: DocumentId): Promise<Place | null> {
    return this.changed.get(id) ?? this.read(fromHex(id), placeShape)
  }

  /** Notes the place in a document. Ignores a document that the library does not show. */
  note(id: DocumentId, place: Place): void {
    if (this.stopped || !this.has(id)) return
    this.changed.set(id, place)
    this.writing.signal(gatherTime)
  }

  /** Resolves to what was shown last. Its document is null if the library does not show it any more. */
  async lastShown(): Promise<LastShown> {
    const last = this.last ?? (await this.read(lastId, lastShape))
    const document = last?.document ?? null
    return {
      document: document !== null && this.has(document) ? document : null,
      outline: last?.outline ?? false,
    }
  }

  /** Notes what is shown now. */
  noteLastShown(last: LastShown): void {
    if (this.stopped) return
    this.last = last
    this.isLastChanged = true
    this.writing.signal(gatherTime)
  }

  /** Writes what is not on the disk yet; nothing is noted from then on. */
  async close(): Promise<void> {
    this.stopped = true
    this.writing.cancel()
    await this.write()
  }

  private async write(): Promise<void> {
    const places = [...this.changed].map(([id, place]) => this.vault.sealed('place', fromHex(id), place))
    const last = this.isLastChanged ? [this.vault.sealed('place', lastId, this.last)] : []
    const written = [...this.changed]
    this.isLastChanged = false
    try {
      if (places.length + last.length > 0) await this.store.write([...places, ...last])
    } catch (error) {
      if (!hasCode(error, 'STORE_WRITE_FAILED')) throw error
    }
    // A place that was noted meanwhile is written the next time.
    for (const [id, place] of written) if (this.changed.get(id) === place) this.changed.delete(id)
  }

  private async read<Shape extends v.GenericSchema>(
    id: Uint8Array,
    shape: Shape,
  ): Promise<v.InferOutput<Shape> | null> {
    const { record } = await this.vault.find('place', id)
    const result = v.safeParse(shape, record)
    return result.success ? result.output : null
  }
}
