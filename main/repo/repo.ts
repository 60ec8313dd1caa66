import { Emitter } from '../../preload/emitter'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { DocumentLog } from '../log/document-log'
import { type DocumentQuota, defaultLimits, ProfileQuota, type QuotaLimits } from '../log/quota'
import { ScrubSchedule, type ScrubTarget } from '../log/scrub/scrub-schedule'
import type { TimeSlicer } from '../log/scrub/time-slicer'
import type { Network } from '../network/network'
import { DiskSpace } from '../storage/disk-space'
import type { Range, Store } from '../storage/store'
import { writeStoreVersion } from '../storage/store-version'
import { Sync } from '../sync/sync'
import type { SideChannel } from '../sync/wire/side-channels'
import { DocumentTarget } from './document-target'
import { forgetDocument } from './forget-document'
import { type KeptParts, PartOpener } from './kept-parts'
import { LogSharing, type SharingTerms } from './log-sharing'
import type { LowerPart } from './lower-part'
import { lowerParts } from './lower-parts'
import { NotedStore } from './noted-store'
import { openStore } from './open-store'
import { HeldDocument, type RepoDocument } from './repo-document'
import type { RepoEvents } from './repo-events'
import { RestingLogs } from './resting-logs'

/** Terms of a document, with the bytes that others' edits may take in it; null for as many as usual. */
export interface DocumentTerms extends SharingTerms {
  readonly quota: number | null
}

/** Dependencies of a repo. */
export interface RepoOptions {
  readonly store: Store
  readonly network: Network
  readonly environment: Environment
  /** Limits on the space of others' edits. */
  readonly limits?: QuotaLimits
  /** Free bytes of the disk that the store is on; null if it is never short. */
  readonly freeSpace: (() => Promise<number>) | null
  /** The version of the wire that is spoken; for trying two against each other. */
  readonly wireVersion?: number
  /** The lower parts; for trying others. */
  readonly parts?: readonly LowerPart[]
  /** Ranges of the records that its user keeps in the store, to be noted beside it (S20). */
  readonly records: readonly Range[]
  /** Returns the terms of a document that apply now. Throws DOCUMENT_UNKNOWN. */
  readonly terms: (id: string) => DocumentTerms
  /** Resolves to true if the repo's user does without the open log of a document; without it all logs stay open. */
  readonly mayRest?: (id: string) => Promise<boolean>
}

const ignore = (): void => undefined

/**
 * The lower half as one object: the logs of a profile's documents on one store, with one quota, one scrub schedule and
 * one sync. It can read no document. Ids of documents are in hex. Invariants:
 *
 * 1. A document has at most one open log; one that is being closed is awaited before it is opened again.
 * 2. A document is shared from before `keep` resolves until it is dropped, with its log open or closed.
 * 3. Files that the database does not name are deleted only after all logs were found whole.
 * 4. A suspect store is cleared only after all logs were read.
 * 5. A log is closed, and the document goes on being shared, while nothing needs it: no channel, no window, no edit of
 *    this run, no damage. Decision 54.
 */
export class Repo {
  readonly store: NotedStore
  readonly quota: ProfileQuota
  private readonly options: RepoOptions
  private readonly emitter = new Emitter<RepoEvents>()
  private readonly sync: Sync
  private readonly space: DiskSpace
  private readonly parts: PartOpener
  private readonly checks: ScrubSchedule
  private readonly resting: RestingLogs
  private readonly opening = new Map<string, Promise<HeldDocument>>()
  private readonly ready = new Map<string, HeldDocument>()
  private readonly dropping = new Map<string, Promise<void>>()
  private state: 'open' | 'stopping' | 'closed' = 'open'
  private closing: Promise<void> | null = null

  /** Does no I/O. */
  constructor(options: RepoOptions) {
    const { network, environment, wireVersion, freeSpace, records } = options
    const { clock, random } = environment
    this.options = options
    this.store = new NotedStore(options.store, { random, records })
    this.sync = new Sync({ network, environment, ...(wireVersion === undefined ? {} : { wireVersion }) })
    this.quota = new ProfileQuota(options.limits ?? defaultLimits)
    this.parts = new PartOpener({ parts: options.parts ?? lowerParts, store: this.store, environment })
    this.space = new DiskSpace({
      clock,
      freeSpace,
      onFree: (free) => {
        this.quota.setFree(free)
        this.parts.setFree(free)
      },
    })
    this.resting = new RestingLogs({
      clock,
      sync: this.sync,
      mayRest: options.mayRest ?? null,
      open: () => this.ready.values(),
      isOpen: (held) => this.ready.get(held.id) === held,
      wake: (id) => this.wake(id),
      close: (held) => this.closeRested(held),
      onUnopened: (id, error) => this.emitter.emit('unopened', { id, error }),
    })
    this.checks = new ScrubSchedule({ clock, targets: () => this.targets() })
    network.on('reachability', (reachability) => this.emitter.emit('reachability', reachability))
  }

  /** Adds a listener; returns its remover. */
  on<Name extends keyof RepoEvents>(name: Name, listener: (detail: RepoEvents[Name]) => void): () => void {
    return this.emitter.on(name, listener)
  }

  /**
   * Opens the store: `secret` gives its key as for `openStore`, then `load` reads what the repo's user keeps. Rejects
   * with PROFILE_BUSY, PROFILE_NEWER, STORE_DAMAGED, STORE_WRITE_FAILED, or as `secret` and `load` do.
   */
  async open(steps: {
    secret: (begun: boolean) => Promise<Uint8Array>
    load: (key: Uint8Array) => Promise<void>
  }): Promise<void> {
    const { store } = this
    const key = await openStore(store, steps.secret)
    try {
      await steps.load(key)
      await writeStoreVersion(store)
    } catch (error) {
      await store.close()
      throw error
    }
    await this.space.open()
    this.checks.start()
    this.resting.start()
  }

  /** Returns a document whose log is open; null for all others. */
  find(id: string): RepoDocument | null {
    return this.ready.get(id) ?? null
  }

  /** Opens and shares a document's log, if it is not yet. Rejects with STORE_DAMAGED, CLOSED or as `terms` throws. */
  keep(id: string): Promise<RepoDocument> {
    const { now } = this
    // At once, so that it is not closed before the caller has it.
    this.ready.get(id)?.need(now)
    return this.held(id).then((held) => {
      held.need(now)
      return held
    })
  }

  /** Announces a document that is kept from now on, its log open or not: others may have it or a link to it. */
  share(id: string): void {
    this.ready.get(id)?.share()
    this.resting.share(id)
  }

  /** Lets all logs that are open stay so until the returned function is called. */
  hold(): () => void {
    return this.resting.hold()
  }

  /**
   * Keeps documents, one after the other so that a thousand of them delay nothing, and deletes the files that the
   * database does not name if all their logs are whole and the rest of the store `isWhole`. Resolves to whether all
   * could be opened, and to those of which less was found than was noted (S20); to null once `stop` was called. Rejects
   * as `onFailure` throws only.
   */
  async keepAll(
    ids: Iterable<string>,
    { isWhole, onFailure }: { isWhole: boolean; onFailure: (id: string, error: unknown) => void },
  ): Promise<{ isAll: boolean; short: readonly string[] } | null> {
    const short: string[] = []
    let isAll = true
    for (const id of ids) {
      if (this.state !== 'open') return null
      try {
        const wasOpen = this.opening.has(id)
        const held = await this.held(id)
        if (held.log.isShort) short.push(id)
        if (!wasOpen) await this.resting.restAgain(held)
      } catch (error) {
        isAll = false
        onFailure(id, error)
      }
    }
    if (isAll && isWhole && short.length === 0) await this.store.deleteUnknownFiles()
    return { isAll, short }
  }

  /** Reads all logs if the store is suspect, and clears it if `isAll` documents are kept and could be read. */
  scrub(isAll: boolean): Promise<void> {
    return this.checks.scrub(this.store, isAll)
  }

  /** Reconnects to the peers of a document whose log is open, on the terms that apply now. */
  reconnect(id: string): void {
    this.ready.get(id)?.sharing.reconnect()
  }

  /** Closes a document's log, after `before`, which is called at once and may still write. Rejects as `before` does. */
  async drop(id: string, before: () => Promise<void> = async () => undefined): Promise<void> {
    // One that was closed for want of anything to do may be opened again meanwhile.
    for (let opening = this.opening.get(id); opening && !this.ready.has(id); opening = this.opening.get(id))
      await opening.catch(ignore)
    const held = this.ready.get(id)
    if (!held) {
      this.resting.end(id)
      return this.dropping.get(id)
    }
    this.opening.delete(id)
    this.ready.delete(id)
    const dropped = this.end(held, before).finally(() => this.dropping.delete(id))
    // A caller that asks for the document again waits until nothing of it runs.
    this.dropping.set(id, dropped.catch(ignore))
    await dropped
  }

  /** Deletes a document's log and all its lower parts. Rejects with STORE_WRITE_FAILED. */
  async forget(documentId: Uint8Array): Promise<void> {
    const id = hex(documentId)
    await this.drop(id)
    const forgotten = forgetDocument(this.store, documentId, this.options.parts)
    // Opening it again waits until all of it is gone.
    this.dropping.set(id, forgotten.catch(ignore))
    await forgotten.finally(() => this.dropping.delete(id))
  }

  /** Opens a channel that belongs to no document; returns a function that ends it. */
  meet(channel: SideChannel): () => void {
    return this.sync.openSideChannel(channel)
  }

  /** False after `stop`: nothing more is to be begun in the background. */
  get isOpen(): boolean {
    return this.state === 'open'
  }

  /** Begins nothing more in the background: no check, no reconnection, no opening. */
  stop(): void {
    if (this.state === 'open') this.state = 'stopping'
    this.checks.stop()
    this.resting.stop()
    this.space.close()
  }

  /** Resolves when no log is being opened or closed. */
  async idle(): Promise<void> {
    await Promise.all(this.dropping.values())
    await Promise.allSettled(this.opening.values())
  }

  /** Says goodbye to all peers, leaves the network, and closes all logs and the store. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.finish()
    return this.closing
  }

  private async finish(): Promise<void> {
    this.stop()
    this.state = 'closed'
    try {
      await this.idle()
      for (const { sharing } of this.ready.values()) sharing.stop()
      this.resting.endAnnouncing()
      await this.sync.close()
      await this.options.network.close()
      for (const held of this.ready.values()) await held.close()
    } finally {
      await this.store.close()
    }
  }

  private held(id: string): Promise<HeldDocument> {
    const known = this.opening.get(id)
    if (known) return known
    if (this.state === 'closed') return Promise.reject(new SwarmpadError('CLOSED'))
    const dropped = this.dropping.get(id) ?? Promise.resolve()
    const opening = dropped.then(() => this.openLog(id))
    this.opening.set(id, opening)
    opening.catch(() => this.opening.delete(id))
    return opening
  }

  /** Opens a log that may be closed. Rejects with CLOSED for a document that was dropped, and after `stop`. */
  private async wake(id: string): Promise<HeldDocument> {
    if (!this.isOpen || !(this.opening.has(id) || this.resting.has(id))) throw new SwarmpadError('CLOSED')
    return this.held(id)
  }

  private targets(): ScrubTarget[] {
    const { store } = this
    const { clock } = this.options.environment
    const check = (id: string) => (pace: TimeSlicer) => this.check(id, pace)
    const ids = new Set([...this.opening.keys(), ...this.resting.ids()])
    return [...ids].map((id) => new DocumentTarget({ id, store, clock, check: check(id) }))
  }

  /** Checks all data of a document; a log that is opened for it is closed again. */
  private async check(id: string, pace: TimeSlicer): Promise<void> {
    const wasOpen = this.opening.has(id)
    const held = await this.wake(id)
    // The log last: once it is checked, the document is not due for a while.
    for (const target of [...held.parts.scrubbed, held.log]) {
      await target.health.check(pace)
      await target.idle()
    }
    if (!wasOpen) await this.resting.restAgain(held)
  }

  private async openLog(id: string): Promise<HeldDocument> {
    const { store, emitter } = this
    const { environment, terms } = this.options
    const { keys, quota: limit } = terms(id)
    const { documentId, verify } = keys
    const asleep = this.resting.find(id)
    const [quota = this.quota.document(), ...partQuotas] = asleep?.quotas ?? []
    quota.setLimit(limit ?? this.quota.limits.document)
    const noted = store.tipsOf(documentId)
    const log = new DocumentLog({ store, environment, documentId, verify, quota, noted })
    await log.open()
    const parts = await this.openParts(log, partQuotas)
    store.noteFound(documentId, log.vector)
    const sharing = new LogSharing({
      log,
      parts: parts.synced,
      store,
      sync: this.sync,
      network: this.options.network,
      clock: environment.clock,
      terms: () => terms(id),
      mayReconnect: () => this.state === 'open',
      onPeers: () => {
        document.used(this.now)
        emitter.emit('peers', document)
      },
      onManifest: (manifest) => emitter.emit('manifest', { document, manifest }),
      onDamaged: () => emitter.emit('damaged', document),
      onReconnected: () => emitter.emit('reconnected', document),
      announcing: asleep?.announcing ?? null,
    })
    this.resting.woke(id)
    const document: HeldDocument = new HeldDocument({ id, log, quota, parts, sharing }, this.now)
    log.onStored((segments) => emitter.emit('stored', { document, segments }))
    log.onMended((by) => emitter.emit('repaired', { document, by }))
    log.onProblem((problem) => emitter.emit('problem', { document, problem }))
    log.onShortage((shortage) => emitter.emit('shortage', { document, shortage }))
    this.ready.set(id, document)
    emitter.emit('opened', document)
    if (asleep && log.isShort) emitter.emit('short', document)
    return document
  }

  private async openParts(log: DocumentLog, quotas: readonly DocumentQuota[]): Promise<KeptParts> {
    try {
      return await this.parts.open(log.documentId, quotas)
    } catch (error) {
      await log.close()
      throw error
    }
  }

  private async end(held: HeldDocument, before: () => Promise<void>): Promise<void> {
    try {
      await before()
    } finally {
      held.sharing.stop()
      await held.close()
    }
  }

  private closeRested(held: HeldDocument): Promise<void> {
    const { id } = held
    this.opening.delete(id)
    this.ready.delete(id)
    this.emitter.emit('rested', held)
    const closed = held.close().finally(() => this.dropping.delete(id))
    const ended = closed.catch(ignore)
    this.dropping.set(id, ended)
    return ended
  }

  private get now(): number {
    return this.options.environment.clock.uptime()
  }
}
