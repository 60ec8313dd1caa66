import { Debounce } from '../base/debounce'
import type { Clock } from '../base/environment'
import type { DocumentKeys } from '../keys/derive'
import type { KeyPair } from '../keys/signature'
import type { DocumentLog } from '../log/document-log'
import type { Snapshot } from '../log/format/snapshot'
import type { Network } from '../network/network'
import type { Store } from '../storage/store'
import type { DocumentSync } from '../sync/document-sync'
import type { OwnPresence } from '../sync/own-presence'
import type { Sync } from '../sync/sync'
import type { SyncedPart } from '../sync/synced-part'
import { Announcing } from './announcing'

/** Delay from finding damage to reconnecting to the peers, in ms: more damage may be found right after. */
const reconnectDelay = 500

/** Terms on which a document is kept and shared. */
export interface SharingTerms {
  readonly keys: DocumentKeys
  /** As soon as it is known. */
  readonly manifest: Uint8Array | null
  /** Signs receipts for what is stored here, with a keeper's name; '' for a person's computer. */
  readonly signer: { readonly pair: KeyPair; readonly name: string }
  /** Presence to announce from the start; null to announce none. */
  readonly presence: OwnPresence | null
  /** Checks the content of a snapshot from a peer; null without read access. */
  readonly isSound: ((snapshot: Snapshot, log: DocumentLog) => Promise<boolean>) | null
  /** Others may have the document or a link to it: it is announced. */
  readonly isShared: boolean
  /** When the document last changed here, in ms since the Unix epoch; 0 for never. */
  readonly changedAt: number
}

/**
 * Shares a log, which is open, and the lower parts with the peers of the document, and reconnects to them after damage:
 * less is held then than was announced to them (rule S16). Announces the document.
 */
export class LogSharing {
  private readonly log: DocumentLog
  private readonly parts: readonly SyncedPart[]
  private readonly store: Store
  private readonly sync: Sync
  private readonly terms: () => SharingTerms
  private readonly onPeers: () => void
  private readonly onManifest: (manifest: Uint8Array) => void
  private readonly onReconnected: () => void
  private readonly stopListening: () => void
  private readonly reconnection: Debounce
  private readonly announcing: Announcing
  private readonly stopNoting: () => void
  private current: { readonly peers: DocumentSync; readonly stop: () => void }
  private stopped = false

  /**
   * `terms` is asked at each connection, `mayReconnect` after damage. `onDamaged` is called when a reconnection is
   * scheduled, `onReconnected` once it is done: `peers` is another object then.
   */
  constructor(options: {
    log: DocumentLog
    parts: readonly SyncedPart[]
    store: Store
    sync: Sync
    network: Network
    clock: Clock
    terms: () => SharingTerms
    mayReconnect: () => boolean
    onPeers: () => void
    onManifest: (manifest: Uint8Array) => void
    onDamaged: () => void
    onReconnected: () => void
    /** Announced the document while its log was closed; null for one that is opened first. */
    announcing: Announcing | null
  }) {
    this.log = options.log
    this.parts = options.parts
    this.store = options.store
    this.sync = options.sync
    this.terms = options.terms
    this.onPeers = () => {
      this.announcing.heard()
      options.onPeers()
    }
    this.onManifest = options.onManifest
    this.onReconnected = options.onReconnected
    this.current = this.connect()
    const { network, clock, announcing } = options
    const isUnheld = () => this.peers.unshared
    if (announcing) {
      this.announcing = announcing
      announcing.wake(isUnheld)
    } else {
      const { keys, isShared, changedAt } = this.terms()
      this.announcing = new Announcing({ network, clock, topic: keys.topic, isShared, changedAt }, isUnheld)
    }
    this.stopNoting = this.log.onStored((segments) => {
      if (segments.length > 0) this.announcing.changed()
    })
    this.reconnection = new Debounce(options.clock, () => {
      if (options.mayReconnect()) this.reconnect()
    })
    this.stopListening = this.log.onDamaged(() => {
      if (this.reconnection.isPending) return
      options.onDamaged()
      this.reconnection.signal(reconnectDelay)
    })
  }

  /** The peers that are present now, until the next reconnection. */
  get peers(): DocumentSync {
    return this.current.peers
  }

  /** Others may have the document or a link to it from now on: announces it. */
  share(): void {
    this.announcing.share()
  }

  /** Notes whether the person has the document open. */
  setOpen(isOpen: boolean): void {
    this.announcing.setOpen(isOpen)
  }

  /** Reconnects to the peers and announces everything again, on the terms that apply now. */
  reconnect(): void {
    if (this.stopped) return
    this.disconnect()
    this.current = this.connect()
    this.onReconnected()
  }

  /** True while the log is needed by no peer and for no reconnection. */
  get isIdle(): boolean {
    return !this.stopped && this.peers.isIdle && !this.reconnection.isPending
  }

  /**
   * Goes on sharing the document while its log is closed. `wake` is called when the log is needed: it opens the log, and
   * resolves when that is done or has failed. Returns what announces the document.
   */
  sleep(wake: () => Promise<void>): Announcing {
    this.stopWork()
    this.announcing.rest()
    this.current.stop()
    this.sync.sleep(this.log.documentId, wake)
    return this.announcing
  }

  /** Stops to share the log, with a goodbye. Idempotent. */
  stop(): void {
    if (this.stopped) return
    this.stopWork()
    this.announcing.end()
    this.disconnect()
  }

  private stopWork(): void {
    this.stopped = true
    this.stopListening()
    this.stopNoting()
    this.reconnection.cancel()
  }

  private connect(): { peers: DocumentSync; stop: () => void } {
    const { log, parts, store } = this
    const { keys, manifest, signer, presence, isSound } = this.terms()
    if (keys.verify) log.setVerifyKey(keys.verify)
    const peers = this.sync.add({
      keys,
      log,
      parts,
      store,
      role: keys.role,
      manifest,
      onManifest: this.onManifest,
      signer,
      isSound: isSound && ((snapshot) => isSound(snapshot, log)),
    })
    if (presence) peers.setPresence(presence)
    return { peers, stop: peers.onChange(this.onPeers) }
  }

  private disconnect(): void {
    this.current.stop()
    this.sync.remove(this.log.documentId)
  }
}
