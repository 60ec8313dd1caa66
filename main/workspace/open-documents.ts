import type { DocumentId } from '../../preload/contract'
import { leftWords, repairedWords } from '../../preload/messages/damage'
import type { RestoreTarget } from '../backup/restore-document'
import type { Environment } from '../base/environment'
import { hasCode, SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import { within } from '../base/timeout'
import type { JournalKeep } from '../document/edit-journal'
import type { StartReplica } from '../document/replica-thread'
import { isSoundInside } from '../document/snapshot-checker'
import { makeSnapshot } from '../document/snapshot-maker'
import { type DocumentKeys, keysFromRead } from '../keys/derive'
import { holderFor, type Identity } from '../keys/identity'
import type { Library } from '../library/library'
import { DocumentLog } from '../log/document-log'
import type { Snapshot } from '../log/format/snapshot'
import type { DocumentQuota, ProfileQuota } from '../log/quota'
import { SessionLog } from '../log/session-log'
import type { Reachability } from '../network/network'
import type { DocumentContent } from '../replica/replica-protocol'
import type { NotedStore } from '../repo/noted-store'
import type { DocumentSync } from '../sync/document-sync'
import type { Sync } from '../sync/sync'
import { recoverFork } from './fork-recovery'
import type { LibraryRecorder } from './library-recorder'
import { isNotSaved, notSaved } from './saving-watch'
import { SharedDocument } from './shared-document'

/** How long leaving waits for what was typed to become durable, in ms: a disk that refuses must not hold it up. */
const leaveLimit = 3_000

/**
 * How long own edits that an earlier run left wait before they are put in without anybody looking, in ms: a copy of
 * this profile that has put them in is heard first.
 */
const enterDelay = 10_000

/** Delay from finding damage to reconnecting to the peers, in ms. */
const meetingDelay = 500

/** Notices that stay put away, for each document; of more the oldest come back. */
const maxDismissed = 2_000

/** A document that is in sync with whoever shares it, and open or not. */
export interface KeptDocument {
  readonly log: DocumentLog
  readonly quota: DocumentQuota
  peers: DocumentSync
  stopPeers: () => void
  document: SharedDocument | null
  /** The document is about to be open. */
  opening: Promise<void> | null
  stopRescue: () => void
  /** True while a reconnection to the peers is scheduled. */
  meeting: boolean
}

/** Dependencies and callbacks of `OpenDocuments`. */
export interface OpenDocumentsOptions {
  readonly store: NotedStore
  readonly environment: Environment
  readonly startReplica: StartReplica
  readonly sync: Sync
  readonly quota: ProfileQuota
  readonly recorder: LibraryRecorder
  readonly library: () => Library
  /** This person, as others see them. */
  readonly self: () => { name: string; identity: Identity }
  /** Seed of the keys with which this computer confirms what it stores. */
  readonly holderSeed: () => Uint8Array
  readonly reachability: () => Reachability
  /** Called when what the peers hold of a document changed, or it was closed. */
  readonly onHeard: (id: DocumentId, peers: DocumentSync, isOpen: boolean) => Promise<void>
  /** Called when something that the library shows changed. */
  readonly onDocuments: () => void
  readonly onFailure: (error: unknown) => void
  /** Something that the person should know, in plain words. */
  readonly onNotice: (message: string) => void
}

/** The documents of a library that are in sync: their logs, who shares them, and those that are open. */
export class OpenDocuments {
  private readonly options: OpenDocumentsOptions
  private readonly kept = new Map<DocumentId, Promise<KeptDocument>>()
  private readonly ready = new Map<DocumentId, KeptDocument>()
  private readonly dropping = new Map<DocumentId, Promise<void>>()
  private closing = false
  /** Those that were open when closing began. */
  private ending: readonly SharedDocument[] = []

  /** Does no I/O. */
  constructor(options: OpenDocumentsOptions) {
    this.options = options
  }

  /** A document whose log is open; null for all others. */
  find(id: DocumentId): KeptDocument | null {
    return this.ready.get(id) ?? null
  }

  /** All whose logs are open. */
  all(): KeptDocument[] {
    return [...this.ready.values()]
  }

  /** A document of the library in sync, opened for that if it is not yet. Rejects with DOCUMENT_UNKNOWN or STORE_DAMAGED. */
  keep(id: DocumentId): Promise<KeptDocument> {
    const known = this.kept.get(id)
    if (known) return known
    const dropping = this.dropping.get(id) ?? Promise.resolve()
    const opening = dropping.then(() => this.openLog(id))
    this.kept.set(id, opening)
    opening.catch(() => this.kept.delete(id))
    return opening
  }

  /** Opens a document of the library. Rejects with DOCUMENT_UNKNOWN, or ROLE_TOO_LOW for a kept one. */
  async document(id: DocumentId): Promise<SharedDocument> {
    for (;;) {
      if (this.library.entry(id).removed) throw unknownDocument()
      const kept = await this.keep(id)
      const { document } = kept
      // One that is being closed has edits on their way to the log, which the next must find there.
      if (document?.ended) await document.ended.catch(() => undefined)
      else if (document) return document.retain()
      else {
        // By one at a time: what the journal has left belongs to one document.
        kept.opening ??= this.read(id, kept).finally(() => {
          kept.opening = null
        })
        await kept.opening
      }
    }
  }

  /** Applies the better keys that the library now has for a document: reconnects to the peers with them. */
  async upgrade(id: DocumentId): Promise<void> {
    const kept = await this.keep(id)
    const { documentId, verify } = this.library.entry(id).keys
    if (verify) kept.log.setVerifyKey(verify)
    kept.stopPeers()
    this.options.sync.remove(documentId)
    this.share(id, kept)
    kept.document?.upgraded()
  }

  /** Ends all that runs for a document, with what was typed saved. */
  async drop(id: DocumentId): Promise<void> {
    const kept = await this.kept.get(id)
    this.kept.delete(id)
    this.ready.delete(id)
    if (!kept) return
    // A new request for the document waits until nothing of it runs any more.
    const dropped = this.end(id, kept).finally(() => this.dropping.delete(id))
    this.dropping.set(
      id,
      dropped.catch(() => undefined),
    )
    await dropped
  }

  /** Where what a backup has of a document goes. Rejects with DOCUMENT_UNKNOWN or STORE_DAMAGED. */
  async restoreTarget(id: DocumentId): Promise<Omit<RestoreTarget, 'own'>> {
    const { log } = await this.keep(id)
    const { keys } = this.library.entry(id)
    return { log, verify: keys.verify, isSound: this.checkerOf(keys, log) }
  }

  /** Waits for what was typed to become durable in the logs, but not for long. */
  async flush(limit = leaveLimit): Promise<void> {
    await Promise.all(this.all().map(({ document }) => document?.savedWithin(limit)))
  }

  /** Documents of which edits are not durable here, after `limit` ms in which they may become so. */
  async unsaved(limit: number): Promise<DocumentId[]> {
    await this.flush(limit)
    return [...this.ready].flatMap(([id, { document }]) => (document?.unsavedEdits ? [id] : []))
  }

  /**
   * Documents that are saved here with all that was typed, of which edits made in this run are nowhere else, though
   * someone else has them or a link to them. Saves what was typed, and waits a moment for who is there to confirm it.
   */
  async unshared(): Promise<DocumentId[]> {
    await this.flush()
    const found = () =>
      [...this.ready].filter(
        ([id, kept]) =>
          (kept.peers.newUnshared || kept.document?.isJournaled) &&
          !kept.document?.unsavedEdits &&
          this.isShared(id, kept),
      )
    const confirmed = Promise.all(found().map(([, { peers }]) => confirmedByPeers(peers)))
    await within(this.options.environment.clock, leaveLimit, confirmed)
    return found().map(([id]) => id)
  }

  /**
   * Ends all, with what was typed saved within `limit` ms; `leave` ends what the documents are shared by, before
   * their logs close. `lost` tells what was not saved.
   */
  async close(leave: () => Promise<void>, limit: number): Promise<void> {
    this.closing = true
    await Promise.all(this.dropping.values())
    const results = await Promise.allSettled(this.kept.values())
    const all = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    for (const { stopRescue } of all) stopRescue()
    // All of them, whatever becomes of one.
    this.ending = all.flatMap(({ document }) => document ?? [])
    const ends = await Promise.allSettled(this.ending.map((document) => document.end(limit)))
    for (const { stopPeers } of all) stopPeers()
    await leave()
    for (const { log } of all) await log.close()
    for (const end of ends) if (end.status === 'rejected' && !isNotSaved(end.reason)) throw end.reason
  }

  /** NOT_SAVED for edits that `close` has not saved yet; null without any. Closing a log tries again. */
  get lost(): SwarmpadError | null {
    const lost = this.ending.map((document) => document.unsavedEdits).filter((edits) => edits > 0)
    return lost.length > 0
      ? notSaved(
          lost.reduce((sum, edits) => sum + edits),
          lost.length,
        )
      : null
  }

  private get library(): Library {
    return this.options.library()
  }

  private self(): { name: string; identity: Identity } {
    return this.options.self()
  }

  /** True if the library shows a document that can be read. */
  private holds(id: DocumentId): boolean {
    const entry = this.library.entries.get(id)
    return entry !== undefined && !entry.removed && entry.keys.role !== 'keep'
  }

  private isShared(id: DocumentId, { log, peers }: KeptDocument): boolean {
    const entry = this.library.entries.get(id)
    return entry !== undefined && (entry.given || entry.waiting || log.holdsOthers || peers.hasReplicas)
  }

  private async openLog(id: DocumentId): Promise<KeptDocument> {
    const { keys, quota: limit } = this.library.entry(id)
    const { store, environment } = this.options
    const { documentId, verify } = keys
    const quota = this.options.quota.document(limit)
    const noted = store.tipsOf(documentId)
    const log = new DocumentLog({ store, environment, documentId, verify, quota, noted })
    await log.open()
    store.noteFound(documentId, log.vector)
    const kept: KeptDocument = {
      log,
      quota,
      peers: this.add(id, log),
      stopPeers: () => undefined,
      document: null,
      opening: null,
      stopRescue: () => undefined,
      meeting: false,
    }
    this.follow(id, kept)
    log.onStored(() => this.options.recorder.note(id))
    log.onDamaged(() => this.meetAnew(id, kept))
    log.onMended((by) => this.options.onNotice(repairedWords(this.library.entry(id).title, by)))
    kept.stopRescue = recoverFork({
      log,
      clock: environment.clock,
      canWrite: () => this.library.entry(id).keys.role === 'write',
      document: () => kept.document,
      open: () => this.document(id),
    })
    this.ready.set(id, kept)
    if (keys.role === 'write' && (await this.library.journals.has(id)))
      environment.clock.set(enterDelay, () => void this.enterLeft(id))
    return kept
  }

  /** Puts in own edits of an earlier run in the background, so that others get them. */
  private async enterLeft(id: DocumentId): Promise<void> {
    if (this.closing) return
    try {
      const document = await this.document(id)
      await document.drained().finally(() => document.close())
    } catch (error) {
      // Removed or closed meanwhile: they stay where they are.
      if (!(error instanceof SwarmpadError)) this.options.onFailure(error)
    }
  }

  /** Reconnects to the peers and announces all again, as less is held than was announced. Rule S16. */
  private meetAnew(id: DocumentId, kept: KeptDocument): void {
    if (kept.meeting) return
    // More damage may be found right after.
    kept.meeting = true
    this.options.environment.clock.set(meetingDelay, () => {
      kept.meeting = false
      if (this.ready.get(id) !== kept || this.closing) return
      kept.stopPeers()
      this.options.sync.remove(kept.log.documentId)
      this.share(id, kept)
      kept.document?.reconnected()
    })
  }

  private share(id: DocumentId, kept: KeptDocument): void {
    kept.peers = this.add(id, kept.log)
    this.follow(id, kept)
  }

  private follow(id: DocumentId, kept: KeptDocument): void {
    kept.stopPeers = kept.peers.onChange(() => {
      this.options.recorder.note(id)
      this.hear(id, kept)
    })
  }

  /** Reports that what the peers hold of a document changed, or that it was closed. */
  private hear(id: DocumentId, kept: KeptDocument): void {
    this.options
      .onHeard(id, kept.peers, kept.document !== null)
      .catch((error) => this.options.onFailure(error))
      .finally(() => kept.document?.updateSuccessors())
  }

  private add(id: DocumentId, log: DocumentLog): DocumentSync {
    const { keys, manifest } = this.library.entry(id)
    const peers = this.options.sync.add({
      keys,
      log,
      store: this.options.store,
      role: keys.role,
      manifest: manifest === null ? null : fromHex(manifest),
      onManifest: (bytes) => this.learnManifest(id, bytes),
      signer: { pair: holderFor(this.options.holderSeed(), keys.documentId), name: '' },
      isSound: this.checkerOf(keys, log),
    })
    peers.setPresence({ ...this.self(), caret: null })
    return peers
  }

  private checkerOf(
    { content }: DocumentKeys,
    log: DocumentLog,
  ): ((snapshot: Snapshot) => Promise<boolean>) | null {
    if (!content) return null
    const { startReplica, environment } = this.options
    const { clock } = environment
    return (snapshot) => isSoundInside({ snapshot, log, contentKey: content, startReplica, clock })
  }

  private learnManifest(id: DocumentId, manifest: Uint8Array): void {
    const entry = this.library.entry(id)
    if (entry.manifest !== null) return
    const keys = entry.keys.read ? keysFromRead(entry.keys.read, manifest) : entry.keys
    if (keys.verify) this.ready.get(id)?.log.setVerifyKey(keys.verify)
    void this.library
      .put({ ...entry, keys, manifest: hex(manifest) })
      .catch((error) => this.options.onFailure(error))
  }

  private async read(id: DocumentId, kept: KeptDocument): Promise<void> {
    const text = await this.library.text(id)
    const { keep, state } = await this.library.journals.open(id, text)
    // Unless it was removed meanwhile.
    if (this.ready.get(id) !== kept) return
    kept.document = this.newDocument(id, kept, text, keep)
    if (state !== 'sound') this.options.onNotice(leftWords(this.library.entry(id).title, state))
  }

  private newDocument(
    id: DocumentId,
    kept: KeptDocument,
    text: string,
    journal: JournalKeep,
  ): SharedDocument {
    const { environment, startReplica, reachability } = this.options
    return new SharedDocument({
      environment,
      startReplica,
      text,
      journal,
      keys: () => this.library.entry(id).keys,
      log: kept.log,
      peers: () => kept.peers,
      reachability,
      self: () => this.self(),
      newSession: () => this.newSession(id),
      dismissed: () => this.library.entry(id).dismissed,
      dismiss: (keys) => this.dismiss(id, keys),
      successors: () => this.library.entry(id).successors,
      keepSuccessors: async (successors) => {
        await this.library.put({ ...this.library.entry(id), successors })
        this.options.onDocuments()
      },
      isShared: () => this.isShared(id, kept),
      noteGiven: async () => {
        const entry = this.library.entry(id)
        if (!entry.given) await this.library.put({ ...entry, given: true })
      },
      holds: (other) => this.holds(other),
      onFailure: (error) => this.options.onFailure(error),
      onChange: () => this.options.recorder.noteText(id),
      onContent: (content) => this.makeSnapshot(id, kept, content),
      onClose: async () => {
        try {
          if (kept.document) await this.options.recorder.record(id, kept.document, true)
        } catch (error) {
          // Only what the library shows is lost by it, and found again when the document is opened.
          this.options.onFailure(error)
        } finally {
          kept.document = null
          if (!this.closing) this.hear(id, kept)
        }
      },
    })
  }

  private makeSnapshot(id: DocumentId, { log }: KeptDocument, content: DocumentContent): void {
    const { keys } = this.library.entry(id)
    if (keys.role !== 'write') return
    const { startReplica, environment } = this.options
    const made = makeSnapshot({ content, keys, log, startReplica, environment })
    // Closed meanwhile: another is made the next time.
    made.catch((error) => {
      if (!hasCode(error, 'CLOSED')) this.options.onFailure(error)
    })
  }

  private async dismiss(id: DocumentId, keys: readonly string[]): Promise<void> {
    const entry = this.library.entry(id)
    const all = [...new Set([...entry.dismissed, ...keys])]
    await this.library.put({ ...entry, dismissed: all.slice(-maxDismissed) })
  }

  private newSession(id: DocumentId): SessionLog | null {
    const { keys } = this.library.entry(id)
    if (keys.role !== 'write') return null
    const { name, identity } = this.self()
    const { environment } = this.options
    return new SessionLog({ documentId: keys.documentId, keys, identity, name, environment })
  }

  private async end(id: DocumentId, { document, stopPeers, stopRescue, log }: KeptDocument): Promise<void> {
    stopRescue()
    try {
      await document?.end(leaveLimit)
    } finally {
      stopPeers()
      this.options.sync.remove(this.library.entry(id).keys.documentId)
      await log.close()
    }
  }
}

/** Returns the error for a document that the library does not show. */
export const unknownDocument = (): SwarmpadError => new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'library' })

/** Resolves when all that was made in this run is confirmed, at once where nobody is there who could. */
function confirmedByPeers(peers: DocumentSync): Promise<void> {
  const isOver = () =>
    !peers.newUnshared ||
    !peers.peers.some(({ connected, outdated, full }) => connected && !outdated && !full)
  return new Promise((resolve) => {
    const look = () => {
      if (!isOver()) return
      stop()
      resolve()
    }
    const stop = peers.onChange(look)
    look()
  })
}
