import { hex } from '../base/hex'
import { sameBytes } from '../keys/bytes'
import type { DocumentKeys } from '../keys/derive'
import type { DocumentSync, SyncedDocument } from './document-sync'
import type { MatchedDocument } from './matching/matching'

/** A connection on which the channel of a document rests. */
interface RestingPlace {
  /** Opens the channel. */
  request(document: SharedDocument): void
}

/** A document whose log is open, with its sync. */
interface Awake {
  readonly document: SyncedDocument
  readonly sync: DocumentSync
}

/** Stands for a document while its log is closed. */
interface Asleep {
  readonly digest: Uint8Array
  readonly hasSnapshot: boolean
  readonly wantsSnapshot: boolean
  readonly wantsPeers: boolean
  /** Opens and shares the log again; resolves when that is done or has failed. */
  readonly wake: () => Promise<void>
}

/** A document that is shared, with its log open or closed: it is matched the same way. Rules W80 to W83. */
export class SharedDocument implements MatchedDocument {
  /** Hex. */
  readonly id: string
  readonly keep: Uint8Array
  readonly topic: Uint8Array
  /** The connections whose peers share the document too, and on which its channel is closed for want of news. */
  readonly resting = new Set<RestingPlace>()
  private state: Awake | Asleep = unread
  /** The log was needed since it was closed, and could not be opened. */
  private isMissed = false

  constructor({ documentId, keep, topic }: DocumentKeys) {
    this.id = hex(documentId)
    this.keep = keep
    this.topic = topic
  }

  /** The document and its sync; null while the log is closed. */
  get awake(): Awake | null {
    return 'sync' in this.state ? this.state : null
  }

  digest(): Uint8Array {
    return 'sync' in this.state ? this.state.sync.digest() : this.state.digest
  }

  get hasSnapshot(): boolean {
    return 'sync' in this.state ? this.state.document.log.snapshots.held !== null : this.state.hasSnapshot
  }

  get wantsSnapshot(): boolean {
    return 'sync' in this.state ? this.state.sync.wantsSnapshot : this.state.wantsSnapshot
  }

  /** True while channels are to be open though both sides hold the same. Rule W83. */
  get wantsPeers(): boolean {
    return 'sync' in this.state ? this.state.sync.wantsPeers : this.state.wantsPeers
  }

  /** True if the log holds what it held when it was closed, and no peer missed it: what peers know of it goes on. */
  goesOn(sync: DocumentSync): boolean {
    return !this.isMissed && sameBytes(sync.digest(), this.digest())
  }

  /** Takes the sync of the open log. */
  begin(awake: Awake): void {
    this.state = awake
  }

  /** Keeps what is matched, for a log that is about to be closed. `wake` resolves when the log is open, or cannot be. */
  sleep(wake: () => Promise<void>): void {
    const { hasSnapshot, wantsSnapshot, wantsPeers } = this
    this.state = { digest: this.digest(), hasSnapshot, wantsSnapshot, wantsPeers, wake }
  }

  /** Has the log opened; resolves when that is done or has failed. */
  async wake(): Promise<void> {
    if ('wake' in this.state) await this.state.wake()
    if (!this.awake) this.isMissed = true
  }
}

/** The state before `begin`. */
const unread: Asleep = {
  digest: new Uint8Array(32),
  hasSnapshot: false,
  wantsSnapshot: false,
  wantsPeers: false,
  wake: async () => undefined,
}
