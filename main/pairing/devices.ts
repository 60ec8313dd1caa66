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

/** Delay of announcing library changes, so that several are sent together, in ms. */
const announceDelay = 500

/** Workspace functions used by the exchange with the person's other computers. */
export interface DevicesHost {
  readonly clock: Clock
  /** All documents of the library, by id, removed ones included. */
  readonly entries: () => ReadonlyMap<string, LibraryEntry>
  /** True if the person removed a document, on any of their computers. */
  readonly isRemoved: (id: string) => boolean
  /** Adds a document to the library, or better keys to a known one. */
  readonly addEntry: (entry: LibraryEntry) => Promise<unknown>
  /** Replaces an entry of the library. */
  readonly put: (entry: LibraryEntry) => Promise<void>
  /** Begins to sync a document of the library. */
  readonly keep: (id: string) => Promise<unknown>
  readonly meet: (meeting: SideChannel<DeviceMessage>) => () => void
  readonly onFailure: (error: unknown) => void
}

/**
 * Propagates documents added on one of the person's computers to the others: each announces its library and
 * adds missing documents. A document that the person removed is not added until they restored it.
 * Rules P8 and P9.
 */
export class Devices implements SideChannel<DeviceMessage>, ChannelEvents<DeviceMessage, DeviceChannel> {
  readonly kind = deviceKind
  readonly topic: Uint8Array
  private readonly seed: Uint8Array
  private readonly host: DevicesHost
  private readonly channels = new Set<DeviceChannel>()
  private readonly leave: () => void
  private readonly announcing: Debounce
  /** Documents whose entries changed since they were announced. */
  private readonly changes = new Set<string>()
  private readonly taking = new SerialQueue()
  /** Documents that came while they were removed, by id. */
  private readonly declined = new Map<string, PairedDocument>()
  private closed = false

  /** Begins the exchange. `seed`: of the author key, 32 bytes. */
  constructor(seed: Uint8Array, host: DevicesHost) {
    this.seed = seed
    this.host = host
    this.topic = deviceTopic(seed)
    this.announcing = new Debounce(host.clock, () => {
      const ids = [...this.changes]
      this.changes.clear()
      for (const channel of this.channels) this.announce(channel, ids)
    })
    this.leave = host.meet(this)
  }

  /** Announces a document whose entry changed to the other computers. */
  changed(id: string): void {
    if (this.channels.size === 0) return
    const entry = this.host.entries().get(id)
    // Another computer may delete it: once it is restored here, it is sent again.
    if (entry && entry.removedAt !== null) for (const { sent } of this.channels) sent.delete(id)
    this.changes.add(id)
    this.announcing.signal(announceDelay)
  }

  /** Takes documents that were removed when they came and have been restored since. */
  restored(): void {
    for (const [id, document] of this.declined)
      if (!this.host.isRemoved(id)) {
        this.declined.delete(id)
        this.takeLater(document)
      }
  }

  /** Stops the exchange; resolves when the step in progress has completed. Idempotent. */
  async close(): Promise<void> {
    this.closed = true
    this.announcing.cancel()
    this.leave()
    await this.taking.idle()
  }

  channelId({ handshakeHash }: Connection): Uint8Array {
    return deviceChannel(this.seed, handshakeHash)
  }

  connect(connection: Connection, refuse: () => void): DeviceChannel {
    return new DeviceChannel({ seed: this.seed, connection, events: this, refuse })
  }

  onProved(channel: DeviceChannel): void {
    this.channels.add(channel)
    this.announce(channel, this.host.entries().keys())
  }

  /** Ignores a computer with another version: its documents arrive after an update. */
  onOutdated(): void {}

  onMessage(channel: DeviceChannel, _type: DeviceMessage, body: Uint8Array): void {
    if (!this.channels.has(channel)) return
    const document = decodeDocument(body)
    channel.received.add(hex(document.keys.documentId))
    if (channel.received.size > maxPairedDocuments) throw invalid()
    this.takeLater(document)
  }

  onClose(channel: DeviceChannel): void {
    this.channels.delete(channel)
  }

  /** Sends those of some documents whose entries changed since they were last sent. */
  private announce(channel: DeviceChannel, ids: Iterable<string>): void {
    channel.port?.together(() => {
      for (const id of ids) {
        const entry = this.host.entries().get(id)
        if (!entry || entry.removedAt !== null) continue
        const { keys, manifest, title, shared } = entry
        const summary = [keys.role, manifest !== null, shared, title].join()
        const sent = channel.sent.get(id)
        if (sent === summary || (sent === undefined && channel.sent.size >= maxPairedDocuments)) continue
        channel.sent.set(id, summary)
        channel.send('document', encodeDocument(entry))
      }
    })
  }

  private takeLater(document: PairedDocument): void {
    this.taking.run(() => this.take(document)).catch((error) => this.host.onFailure(error))
  }

  private async take(document: PairedDocument): Promise<void> {
    const { keys, title } = document
    const id = hex(keys.documentId)
    if (this.closed) return
    const known = this.host.entries().get(id)
    if (known && known.removedAt !== null) return
    if (!known && this.host.isRemoved(id)) {
      if (this.declined.size < maxPairedDocuments) this.declined.set(id, document)
      return
    }
    await this.host.addEntry(newEntryOf(document))
    if (!known && !this.closed) await this.host.keep(id)
    if (this.closed) return
    const entry = this.host.entries().get(id)
    if (!entry || entry.removedAt !== null || title === '' || title === entry.title) return
    // A document that is not open here takes the title of the computer where it was edited last.
    const editedAt = Math.max(document.editedAt ?? 0, entry.editedAt ?? 0) || null
    if (entry.title === '' || editedAt !== entry.editedAt) await this.host.put({ ...entry, title, editedAt })
  }
}
