import * as v from 'valibot'
import type { DocumentId } from '../../preload/contract/ids'
import type { WindowLayout } from '../../preload/contract/layout'
import { type Place, placeShape } from '../../preload/contract/place'
import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import { hasCode } from '../base/errors'
import { fromHex } from '../base/hex'
import type { Vault } from '../profile/vault'
import type { Store } from '../storage/store'
import { soundLayout, type WindowRecord, windowsOf } from './window-records'

/** Delay that gathers changes before they are written, in ms. */
const gatherTime = 5_000

/** Id of the record of the windows. */
const windowsId = new Uint8Array(0)

/**
 * Where the person was in each document, and which documents the windows show. Sealed on the disk, some seconds after it
 * changed. A place that cannot be written or read is lost without a word, since nothing depends on it.
 */
export class Places {
  private readonly vault: Vault
  private readonly store: Store
  private readonly has: (id: DocumentId) => boolean
  /** Places that are not on the disk yet. */
  private readonly changed = new Map<DocumentId, Place>()
  /** The windows, the one in front last; null as long as they are those on the disk. */
  private shown: readonly WindowRecord[] | null = null
  private isShownChanged = false
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

  /** Resolves to the windows that show a document of the library, with those documents, the one in front last. */
  async windows(): Promise<WindowRecord[]> {
    const records = this.shown ?? windowsOf((await this.vault.find('place', windowsId)).record)
    return records
      .map((record) => ({ ...record, layout: this.sound(record.layout) }))
      .filter(({ layout }) => layout.panes.some(({ tabs }) => tabs.length > 0))
  }

  /** Notes the windows, the one in front last. */
  noteWindows(windows: readonly WindowRecord[]): void {
    if (this.stopped) return
    this.shown = windows
    this.isShownChanged = true
    this.writing.signal(gatherTime)
  }

  /** Returns a layout with documents that the library shows, each in one tab. */
  sound(layout: WindowLayout): WindowLayout {
    return soundLayout(layout, this.has)
  }

  /** Writes what is not on the disk yet; nothing is noted from then on. */
  async close(): Promise<void> {
    this.stopped = true
    this.writing.cancel()
    await this.write()
  }

  private async write(): Promise<void> {
    const places = [...this.changed].map(([id, place]) => this.vault.sealed('place', fromHex(id), place))
    const last = this.isShownChanged ? [this.vault.sealed('place', windowsId, { windows: this.shown })] : []
    const written = [...this.changed]
    this.isShownChanged = false
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
