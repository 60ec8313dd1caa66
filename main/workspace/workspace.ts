import type { DocumentId, DocumentSummary, NetworkReport, Notice, Profile } from '../../preload/contract'
import {
  lossWords,
  lostDocumentsWords,
  lostJournalWords,
  lostPersonWords,
  mendedDatabaseWords,
} from '../../preload/messages/damage'
import { errorWords } from '../../preload/messages/errors'
import { Backups } from '../backup/backups'
import { Emitter } from '../base/emitter'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { hex } from '../base/hex'
import { within } from '../base/timeout'
import { networkReport } from '../diagnose/network-report'
import type { StartReplica } from '../document/replica-thread'
import { keysFromWrite } from '../keys/derive'
import { fingerprint, type Identity } from '../keys/identity'
import { keysFromLink, parseLink } from '../keys/link'
import { cleanName } from '../keys/name'
import { AddDocument, type LinkPreview } from '../library/add-document'
import { Library } from '../library/library'
import { defaultLimits, ProfileQuota, type QuotaLimits } from '../log/quota'
import { ScrubSchedule } from '../log/scrub/scrub-schedule'
import type { Network } from '../network/network'
import { formatNode, parseNode } from '../network/node-address'
import { relayKeyFrom } from '../network/relay-key'
import { Pairing } from '../pairing/pairing'
import { ProfileStore } from '../profile/profile-store'
import { holdsRecords, Vault } from '../profile/vault'
import { forgetDocument } from '../repo/forget-document'
import { NotedStore } from '../repo/noted-store'
import { DiskSpace } from '../storage/disk-space'
import type { Store } from '../storage/store'
import { checkStoreVersion, writeStoreVersion } from '../storage/store-version'
import { Sync } from '../sync/sync'
import { documentSummary } from './document-summary'
import { LibraryRecorder } from './library-recorder'
import { OpenDocuments } from './open-documents'
import { Rotation } from './rotation'
import { savedOrHindered } from './saved-or-hindered'
import { notSaved } from './saving-watch'
import type { SharedDocument } from './shared-document'

/** Notices that are kept until somebody listens. */
const maxUnheard = 20
/** How long closing waits for edits to become durable, in ms. */
const closeLimit = 30_000
/** How long a backup, and taking a document away, wait for that, in ms. */
const flushLimit = 3_000
/** How long all else may take that closing does, in ms: a database that has much to write then takes seconds. */
const restLimit = 60_000

/** Dependencies of a workspace; each is passed in, so that a simulation can pass its own. */
export interface WorkspaceOptions {
  readonly store: Store
  readonly network: Network
  readonly environment: Environment
  readonly startReplica: StartReplica
  /** Gives the key that seals this profile's records, of which the store holds some if it is `begun`. */
  readonly masterKey: (begun: boolean) => Promise<Uint8Array>
  /** Sets this person's name. */
  readonly name?: string
  /** The version of the wire that is spoken; for trying two against each other. */
  readonly wireVersion?: number
  /** Free bytes of the disk that the store is on; without it none is ever short. */
  readonly freeSpace?: () => Promise<number>
  /** Limits on the space of others' edits here, as long as the person has set none. */
  readonly limits?: QuotaLimits
}

/** Events of a workspace. */
export interface WorkspaceEvents {
  documents: DocumentSummary[]
  profile: Profile
  notice: Notice
}

/**
 * A profile at work: its documents, open or not, kept in sync with whoever shares them. Wires the
 * parts together and does nothing of its own.
 */
export class Workspace {
  /** Replaces the links of documents. */
  readonly rotation: Rotation
  /** Makes backups and restores them. */
  readonly backups: Backups
  /** Brings the person to another computer, or here from one. */
  readonly pairing: Pairing
  private readonly options: WorkspaceOptions
  private readonly store: NotedStore
  private readonly emitter = new Emitter<WorkspaceEvents>()
  private readonly sync: Sync
  private readonly kept: OpenDocuments
  private readonly joining: AddDocument
  /** Leaving the network and coming back, one after the other. */
  private moving: Promise<void> = Promise.resolve()
  private libraryOrNull: Library | null = null
  private profileOrNull: ProfileStore | null = null
  private readonly recorder: LibraryRecorder
  private readonly quota: ProfileQuota
  private readonly room: DiskSpace
  private readonly checks: ScrubSchedule
  private closing: Promise<void> | null = null
  /** Failures reported since the last successful write: each is reported once. */
  private readonly toldFailures = new Set<string>()
  /** Notices from before anyone listened; null since. */
  private unheard: readonly Notice[] | null = []

  /** Does no I/O. */
  constructor(options: WorkspaceOptions) {
    this.options = options
    const { network, environment, wireVersion } = options
    this.store = new NotedStore(options.store, environment.random)
    this.sync = new Sync({ network, environment, ...(wireVersion === undefined ? {} : { wireVersion }) })
    this.recorder = new LibraryRecorder({
      clock: environment.clock,
      library: () => this.library,
      find: (id) => {
        const kept = this.kept.find(id)
        return kept ? { document: kept.document, holdsOthers: kept.log.holdsOthers } : null
      },
      onRecorded: (wrote) => {
        if (wrote) this.toldFailures.clear()
        this.tellDocuments()
      },
      onFailure: (error) => this.tellFailure(error),
    })
    this.quota = new ProfileQuota(options.limits ?? defaultLimits)
    this.room = new DiskSpace({
      clock: environment.clock,
      freeSpace: options.freeSpace ?? null,
      onFree: (free) => this.quota.setFree(free),
    })
    this.kept = new OpenDocuments({
      store: this.store,
      environment,
      startReplica: options.startReplica,
      sync: this.sync,
      quota: this.quota,
      recorder: this.recorder,
      library: () => this.library,
      self: () => this.self(),
      holderSeed: () => this.profileStore.record.holderSeed,
      reachability: () => network.reachability,
      onHeard: (id, peers, isOpen) => this.rotation.heard(id, peers, isOpen),
      onDocuments: () => this.tellDocuments(),
      onFailure: (error) => this.tellFailure(error),
      onNotice: (message) => this.notify(message),
    })
    const { clock } = environment
    this.joining = new AddDocument({
      clock,
      library: () => this.library,
      upgrade: (id) => this.kept.upgrade(id),
      restore: (id) => this.restoreDocument(id),
      onDocuments: () => this.tellDocuments(),
    })
    this.checks = new ScrubSchedule({ clock, logs: () => this.kept.all().map(({ log }) => log) })
    this.rotation = new Rotation({
      random: (size) => environment.random(size),
      identity: () => this.self(),
      entry: (id) => this.library.entry(id),
      put: (entry) => this.library.put(entry),
      open: (id) => this.document(id),
      create: (text) => this.createDocument({ text }),
      accept: (keys) => this.joining.accept(keys),
      remove: async (id) => {
        await this.removeDocument(id)
        const title = this.library.entry(id).title || 'Untitled'
        this.notify(
          `The old “${title}” was removed from this computer, as you wished: everyone you picked has the new link.`,
        )
      },
    })
    this.backups = new Backups({
      random: (size) => environment.random(size),
      person: () => this.profileStore.stored(),
      isNew: () => this.profileStore.record.name === '',
      isSelf: (person) => this.profileStore.isSelf(person),
      become: (person) => this.become(person),
      flush: () => this.kept.unsaved(flushLimit),
      entries: () => this.library.shown,
      log: async (id) => (await this.kept.keep(id)).log,
      adopt: (entry) => this.joining.adopt(entry),
      target: (id) => this.kept.restoreTarget(id),
    })
    this.pairing = new Pairing({
      environment,
      person: () => this.profileStore.stored(),
      isNew: () => this.profileStore.record.name === '',
      noteDevices: () => this.profileStore.change({ ...this.profileStore.record, hasDevices: true }),
      become: (person) => this.become(person),
      adopt: (entry) => this.joining.adopt(entry),
      keep: (id) => this.kept.keep(id),
      meet: (meeting) => this.sync.openSideChannel(meeting),
      refresh: (topic) => network.refresh(topic),
      library: () => this.library,
      onDocuments: () => this.tellDocuments(),
      onFailure: (error) => this.tellFailure(error),
    })
    network.on('reachability', () => {
      for (const { document } of this.kept.all()) document?.refresh()
    })
  }

  /** Opens the store and begins to share. Rejects with PROFILE_BUSY, PROFILE_NEWER or STORE_DAMAGED. */
  async open(): Promise<void> {
    const { store } = this
    const { environment, name } = this.options
    await store.open()
    try {
      await checkStoreVersion(store)
      const begun = store.isSuspect || (await store.hasNotes()) || (await holdsRecords(store))
      const key = await this.options.masterKey(begun)
      await store.openNotes(key)
      const vault = new Vault({ store, key, random: environment.random })
      this.profileOrNull = new ProfileStore(vault)
      await this.profileOrNull.open({
        name: name ? cleanName(name) : '',
        random: environment.random,
        suspect: store.isSuspect || store.hadPerson,
      })
      this.libraryOrNull = new Library({
        vault,
        store,
        forgetLog: (documentId) => forgetDocument(store, documentId),
      })
      await this.library.open()
      await writeStoreVersion(store)
    } catch (error) {
      await store.close()
      throw error
    }
    this.quota.setLimit(this.profileStore.record.quota)
    await this.room.open()
    const { offline, network } = this.profileStore.record
    await this.options.network.configure(network)
    if (!offline) await this.options.network.open()
    this.pairing.open()
    // Opened one after the other in the background, so that a thousand of them delay nothing.
    void this.openAll()
    this.checks.start()
  }

  /** Adds a listener; returns its remover. The first one for notices soon gets the earlier ones. */
  on<Name extends keyof WorkspaceEvents>(
    name: Name,
    listener: (detail: WorkspaceEvents[Name]) => void,
  ): () => void {
    const stop = this.emitter.on(name, listener)
    if (name === 'notice' && this.unheard) {
      const { unheard } = this
      this.unheard = null
      queueMicrotask(() => {
        for (const notice of unheard) this.emitter.emit('notice', notice)
      })
    }
    return stop
  }

  /** This person and the settings. */
  profile(): Profile {
    const { name, identity, knowsAddressIsSeen, offline, network } = this.profileStore.record
    return {
      name,
      fingerprint: fingerprint(identity.publicKey),
      knowsAddressIsSeen,
      offline,
      network: { ...network, bootstrap: network.bootstrap.map(formatNode), relays: [...network.relays] },
    }
  }

  /** Sets the name that others see. Rejects with NAME_EMPTY for one without letters. */
  async setName(name: string): Promise<Profile> {
    const clean = cleanName(name)
    if (!clean) throw new SwarmpadError('NAME_EMPTY')
    await this.profileStore.change({ ...this.profileStore.record, name: clean })
    return this.tellProfile()
  }

  /** Notes that the person was told who sees their address. */
  async acknowledgeAddress(): Promise<Profile> {
    await this.profileStore.change({ ...this.profileStore.record, knowsAddressIsSeen: true })
    return this.tellProfile()
  }

  /** Leaves the network or comes back; typing goes on either way. */
  async setOffline(offline: boolean): Promise<Profile> {
    const noted = this.profileStore.change({ ...this.profileStore.record, offline })
    try {
      // Also where the disk refuses to note it: the switch does what it says.
      await Promise.all([noted, offline ? this.suspend() : this.resume()])
      return this.profile()
    } finally {
      this.tellProfile()
    }
  }

  /** Returns the state of the network, with the peers of a named document whose log is open. */
  networkReport(id: DocumentId | null): NetworkReport {
    const peers = (id && this.kept.find(id)?.peers.peers) || []
    return networkReport(this.options.network, peers, this.self().identity)
  }

  /**
   * Changes how the network is used, now and at the next start. Rejects with NODE_INVALID or RELAY_INVALID for an invalid node or
   * relay key.
   */
  async setNetwork({ lan, bootstrap, relays }: Profile['network']): Promise<Profile> {
    const network = {
      lan,
      bootstrap: bootstrap.map(parseNode),
      relays: relays.map((key) => hex(relayKeyFrom(key))),
    }
    await this.profileStore.change({ ...this.profileStore.record, network })
    await this.options.network.configure(network)
    return this.tellProfile()
  }

  /** The machine goes to sleep, or the person offline: what is typed is saved, then the network left. */
  suspend(): Promise<void> {
    return this.move(async () => {
      await this.kept.flush()
      await this.options.network.suspend()
    })
  }

  /** Back from sleep; stays away when the person chose to work offline. */
  resume(): Promise<void> {
    return this.move(async () => {
      if (!this.profileStore.record.offline) await this.options.network.open()
    })
  }

  /** The library, last edited first. */
  summaries(): DocumentSummary[] {
    return this.library.shown
      .filter(([, entry]) => entry.keys.role !== 'keep')
      .map(([id, entry]) => documentSummary(id, entry, this.kept.find(id), this.self().identity))
      .sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
  }

  /** The library in short. */
  documents(): { id: string; title: string; role: 'write' | 'read' | 'keep' }[] {
    return this.library.shown.map(([id, { title, keys }]) => ({ id, title, role: keys.role }))
  }

  /**
   * Makes a document and opens it. Rejects with STORE_WRITE_FAILED where something keeps it, or its text, from being
   * saved; what is in the library then is saved later.
   */
  async createDocument(options: { title?: string; text?: string } = {}): Promise<SharedDocument> {
    const keys = keysFromWrite(this.options.environment.random(32))
    await this.library.put(this.joining.newEntry(keys, false))
    const document = await this.document(hex(keys.documentId))
    const heading = options.title ? `# ${options.title}\n\n` : ''
    const text = heading + (options.text ?? '')
    if (text) {
      await document.edit([{ from: 0, to: 0, insert: text }])
      await savedOrHindered(document)
    }
    this.tellDocuments()
    return document
  }

  /**
   * Opens a document by its link, at once, also with nobody there. Rejects with LINK_… codes, or
   * ROLE_TOO_LOW for a keeper's link.
   */
  async openDocument(link: string): Promise<SharedDocument> {
    this.lookAtLink(link)
    return this.document(await this.joining.accept(keysFromLink(parseLink(link))))
  }

  /** Returns a preview of opening a link. Throws what openDocument rejects with. */
  lookAtLink(link: string): LinkPreview {
    return this.joining.look(link)
  }

  /** Keeps a document in sync without opening it. Rejects with LINK_… codes. */
  async keepDocument(link: string): Promise<void> {
    await this.kept.keep(await this.joining.accept(keysFromLink(parseLink(link))))
  }

  /** Bytes of the snapshot that is kept of a document whose log is open; 0 for none. */
  snapshotSize(id: DocumentId): number {
    return this.kept.find(id)?.log.snapshots.held?.size ?? 0
  }

  /** Opens a document of the library. Rejects with DOCUMENT_UNKNOWN, or ROLE_TOO_LOW for a kept one. */
  document(id: DocumentId): Promise<SharedDocument> {
    return this.kept.document(id)
  }

  /**
   * Takes a document out of the library; `restoreDocument` brings it back until the program ends. Rejects with
   * NOT_SAVED, and leaves it, while edits in it are not saved: they would be gone for good.
   */
  async removeDocument(id: DocumentId): Promise<void> {
    const document = this.kept.find(id)?.document
    if (document && !(await document.savedWithin(flushLimit))) throw notSaved(document.unsavedEdits)
    // First of all: where the disk refuses to note it, the document stays as it is.
    await this.pairing.noteRemoval(id)
    await this.library.put({ ...this.library.entry(id), removed: true })
    this.tellDocuments()
    await this.kept.drop(id)
  }

  /**
   * Lets others' edits take twice as much of this computer, in this document or in all together, if that is
   * what it is short of. Rejects with DOCUMENT_UNKNOWN or STORE_WRITE_FAILED.
   */
  async takeMore(id: DocumentId): Promise<void> {
    const { quota } = await this.kept.keep(id)
    const cause = quota.shortage?.cause
    if (cause === 'document') {
      const { nextLimit } = quota
      await this.library.put({ ...this.library.entry(id), quota: nextLimit })
      quota.setLimit(nextLimit)
    } else if (cause === 'profile') {
      const { nextLimit } = this.quota
      await this.profileStore.change({ ...this.profileStore.record, quota: nextLimit })
      this.quota.setLimit(nextLimit)
    }
  }

  /**
   * Goes on with what can be read of a damaged document, without the rest. Rejects with DOCUMENT_UNKNOWN or
   * STORE_WRITE_FAILED.
   */
  async goOnWithout(id: DocumentId): Promise<void> {
    await (await this.kept.keep(id)).log.health.goOnWithout()
  }

  /** Brings a removed document back. Rejects with DOCUMENT_UNKNOWN. */
  async restoreDocument(id: DocumentId): Promise<void> {
    await this.library.put({ ...this.library.entry(id), removed: false })
    await this.kept.keep(id)
    this.tellDocuments()
  }

  /** Titles of the documents with edits that are not saved here, after `limit` ms in which they may become so. */
  async unsaved(limit: number): Promise<string[]> {
    return this.titlesOf(await this.kept.unsaved(limit))
  }

  /**
   * Titles of the documents that are saved here, of which edits made in this run are nowhere else, though someone else
   * has them or a link to them. Takes a few seconds where someone who is there has not confirmed them yet.
   */
  async unshared(): Promise<string[]> {
    return this.titlesOf(await this.kept.unshared())
  }

  /**
   * Saves what was typed, for at most `limit` ms, tells peers goodbye and closes everything. Rejects with NOT_SAVED
   * when edits went with it, which says how many, and with TIMEOUT when closing takes 60 s longer. Idempotent.
   */
  close({ limit = closeLimit }: { limit?: number } = {}): Promise<void> {
    this.closing ??= this.finish(limit)
    return this.closing
  }

  private titlesOf(ids: readonly DocumentId[]): string[] {
    const titles = new Map(this.summaries().map(({ id, title }) => [id, title]))
    return ids.map((id) => titles.get(id) || 'Untitled')
  }

  private get library(): Library {
    if (!this.libraryOrNull) throw new SwarmpadError('CLOSED')
    return this.libraryOrNull
  }

  private get profileStore(): ProfileStore {
    if (!this.profileOrNull) throw new SwarmpadError('CLOSED')
    return this.profileOrNull
  }

  private async openAll(): Promise<void> {
    const { store } = this
    const { damaged, recorded } = this.library
    const lost = store.takeLost(recorded).length
    if (this.profileStore.isLost) this.warn(lostPersonWords)
    else if (store.isSuspect) this.warn(mendedDatabaseWords)
    if (damaged > 0) this.warn(damagedWords(damaged))
    if (lost > 0) this.warn(lostDocumentsWords(lost))
    let isAll = damaged === 0
    const short: string[] = []
    const untyped: string[] = []
    for (const [id] of this.library.shown) {
      if (this.closing) return
      if (await this.lostJournal(id)) untyped.push(this.library.entry(id).title)
      try {
        const { log } = await this.kept.keep(id)
        if (log.isShort) short.push(this.library.entry(id).title)
      } catch (error) {
        const { title } = this.library.entry(id)
        const message = error instanceof SwarmpadError ? errorWords(error) : 'It cannot be read.'
        this.warn(`“${title || 'Untitled'}” could not be opened: ${message}`)
        isAll = false
      }
    }
    if (short.length > 0) this.warn(lossWords(short))
    if (untyped.length > 0) this.warn(lostJournalWords(untyped))
    const isComplete = isAll && lost === 0 && short.length === 0 && untyped.length === 0
    if (isComplete && !this.profileStore.isLost) await store.deleteUnknownFiles()
    await this.checks.scrub(store, isAll)
  }

  /** Resolves to true if own edits of a document that were in no segment are lost, once. */
  private async lostJournal(id: DocumentId): Promise<boolean> {
    const { store } = this
    if (!store.hasJournal(id) || (await this.library.journals.has(id))) return false
    // Put into the document meanwhile: then it is noted so before the record is deleted.
    if (!store.hasJournal(id)) return false
    store.takeLostJournal(id)
    return true
  }

  private async become(person: unknown): Promise<void> {
    await this.profileStore.become(person)
    this.quota.setLimit(this.profileStore.record.quota)
    this.tellProfile()
    this.pairing.open()
  }

  /** This person, as others see them. */
  private self(): { name: string; identity: Identity } {
    const { name, identity } = this.profileStore.record
    return { name, identity }
  }

  private move(work: () => Promise<void>): Promise<void> {
    const moved = this.moving.then(work)
    this.moving = moved.catch(() => undefined)
    return moved
  }

  private tellProfile(): Profile {
    const profile = this.profile()
    this.emitter.emit('profile', profile)
    for (const { document, peers } of this.kept.all()) {
      if (document) document.refresh()
      else peers.setPresence({ ...this.self(), caret: null })
    }
    return profile
  }

  private tellDocuments(): void {
    if (this.closing) return
    this.emitter.emit('documents', this.summaries())
    this.pairing.changed()
  }

  private tellFailure(error: unknown): void {
    const message =
      error instanceof SwarmpadError ? errorWords(error) : 'Something could not be written to disk.'
    if (this.toldFailures.has(message)) return
    this.toldFailures.add(message)
    this.notify(message)
  }

  private notify(message: string): void {
    this.tell({ message, stays: false })
  }

  /** Tells that something is lost: the person has to see that, and to do something. */
  private warn(message: string): void {
    this.tell({ message, stays: true })
  }

  private tell(notice: Notice): void {
    if (this.unheard) this.unheard = [...this.unheard, notice].slice(-maxUnheard)
    else this.emitter.emit('notice', notice)
  }

  private async finish(limit: number): Promise<void> {
    this.recorder.stop()
    this.checks.stop()
    this.room.close()
    const isClosed = await within(this.options.environment.clock, limit + restLimit, this.closeParts(limit))
    if (this.kept.lost) throw this.kept.lost
    if (!isClosed) throw new SwarmpadError('TIMEOUT')
  }

  private async closeParts(limit: number): Promise<void> {
    await this.pairing.close()
    try {
      await this.kept.close(async () => {
        await this.sync.close()
        await this.options.network.close()
      }, limit)
    } finally {
      await this.store.close()
    }
  }
}

const damagedWords = (count: number): string =>
  `${count === 1 ? 'One document' : `${count} documents`} of this profile cannot be shown: what is noted about ${
    count === 1 ? 'it' : 'them'
  } on this computer is damaged. Put the profile folder back from a backup, or open ${
    count === 1 ? 'it' : 'them'
  } again by link; the text is still stored.`
