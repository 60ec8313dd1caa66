import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import { hex } from '../base/hex'
import { SerialQueue } from '../base/serial-queue'
import { deviceChannel, deviceTopic } from '../keys/devices'
import type { LibraryEntry } from '../library/library-entry'
import type { Connection } from '../network/network'
import type { SideChannel } from '../sync/wire/side-channels'
import { DeviceChannel, type DeviceMessage, deviceKind } from './device-channel'
import { newEntryOf } from './new-entry'
import {
  decodeDocument,
  encodeDocument,
  invalid,
  maxPairedDocuments,
  type PairedDocument,
} from './pairing-messages'
import type { ChannelEvents } from './proved-channel'

/** How long changes of the library are gathered before the other computers hear of them, in ms. */
const gatherTime = 500

/** Workspace functions used by the exchange with the person's other computers. */
export interface DevicesHost {
  readonly clock: Clock
  /** All documents of the library, by id, removed ones included. */
  readonly entries: () => ReadonlyMap<string, LibraryEntry>
  /** True if the person removed a document from this computer. */
  readonly isGone: (id: string) => boolean
  /** Puts a document into the library, or adds to the keys that are there. */
  readonly adopt: (entry: LibraryEntry) => Promise<unknown>
  /** Changes what is kept of a document. */
  readonly put: (entry: LibraryEntry) => Promise<void>
  /** Brings a document of the library in sync. */
  readonly keep: (id: string) => Promise<unknown>
  readonly meet: (meeting: SideChannel<DeviceMessage>) => () => void
  readonly onFailure: (error: unknown) => void
}

/**
 * Propagates documents added on one of the person's computers to the others: each announces its library and
 * adds missing documents. Removals do not propagate, and a document removed here is not added back.
 * Rules P8 and P9.
 */
export class Devices implements SideChannel<DeviceMessage>, ChannelEvents<DeviceMessage, DeviceChannel> {
  readonly kind = deviceKind
  readonly topic: Uint8Array
  private readonly seed: Uint8Array
  private readonly host: DevicesHost
  private readonly visits = new Set<DeviceChannel>()
  private readonly leave: () => void
  private readonly telling: Debounce
  private readonly taking = new SerialQueue()
  private closed = false

  /** Begins at once. `seed`: of the author key, 32 bytes. */
  constructor(seed: Uint8Array, host: DevicesHost) {
    this.seed = seed
    this.host = host
    this.topic = deviceTopic(seed)
    this.telling = new Debounce(host.clock, () => {
      for (const visit of this.visits) this.tell(visit)
    })
    this.leave = host.meet(this)
  }

  /** Announces library changes to the other computers. */
  changed(): void {
    if (this.visits.size === 0) return
    this.telling.signal(gatherTime)
  }

  /** Stops the exchange; resolves when the step in progress has completed. Idempotent. */
  async close(): Promise<void> {
    this.closed = true
    this.telling.cancel()
    this.leave()
    await this.taking.idle()
  }

  channelId({ handshakeHash }: Connection): Uint8Array {
    return deviceChannel(this.seed, handshakeHash)
  }

  connect(connection: Connection, refuse: () => void): DeviceChannel {
    return new DeviceChannel({ seed: this.seed, connection, events: this, refuse })
  }

  onProved(visit: DeviceChannel): void {
    this.visits.add(visit)
    this.tell(visit)
  }

  /** Its documents come when both have the same version. */
  onOutdated(): void {}

  onMessage(visit: DeviceChannel, _type: DeviceMessage, body: Uint8Array): void {
    if (!this.visits.has(visit)) return
    const document = decodeDocument(body)
    visit.heard.add(hex(document.keys.documentId))
    if (visit.heard.size > maxPairedDocuments) throw invalid()
    this.taking.run(() => this.take(document)).catch((error) => this.host.onFailure(error))
  }

  onClose(visit: DeviceChannel): void {
    this.visits.delete(visit)
  }

  /** Sends every document whose entry changed since it was last sent. */
  private tell(visit: DeviceChannel): void {
    const shown = [...this.host.entries()].filter(([, { removed }]) => !removed)
    visit.port?.together(() => {
      for (const [id, entry] of shown.slice(0, maxPairedDocuments)) {
        const { keys, manifest, title } = entry
        const word = [keys.role, manifest !== null, title].join()
        if (visit.said.get(id) === word) continue
        visit.said.set(id, word)
        visit.send('document', encodeDocument(entry))
      }
    })
  }

  private async take(document: PairedDocument): Promise<void> {
    const { keys, title } = document
    const id = hex(keys.documentId)
    if (this.closed) return
    const known = this.host.entries().get(id)
    if (known?.removed || (!known && this.host.isGone(id))) return
    await this.host.adopt(newEntryOf(document))
    if (!known && !this.closed) await this.host.keep(id)
    if (this.closed) return
    const entry = this.host.entries().get(id)
    if (!entry || entry.removed || title === '' || title === entry.title) return
    // A document that is not open here learns its title from the computer where it was edited last.
    const editedAt = Math.max(document.editedAt ?? 0, entry.editedAt ?? 0) || null
    if (entry.title === '' || editedAt !== entry.editedAt) await this.host.put({ ...entry, title, editedAt })
  }
}
