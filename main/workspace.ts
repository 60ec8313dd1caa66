import type { DocumentId, DocumentSummary, Profile, Role } from '../preload/contract'
import type { StartReplica } from './document/replica-thread'
import { Emitter } from './emitter'
import type { Environment } from './environment'
import { SwarmpadError } from './errors'
import { fromHex, hex } from './hex'
import { type DocumentKeys, keysFromRead, keysFromWrite, makeManifest } from './keys/derive'
import { fingerprint, type Identity } from './keys/identity'
import { keysFromLink, parseLink } from './keys/link'
import { Library, type LibraryEntry } from './library'
import { LibraryRecorder } from './library-recorder'
import { DocumentLog } from './log/document-log'
import { cleanName } from './log/name'
import { type DocumentQuota, defaultLimits, ProfileQuota, type QuotaLimits } from './log/quota'
import { SessionLog } from './log/session-log'
import type { Network } from './network/network'
import { formatNode, parseNode } from './network/node-address'
import { ProfileStore } from './profile-record'
import { rescueOwnText } from './rescue'
import { RoomWatch } from './room-watch'
import { Rotation } from './rotation'
import { SharedDocument } from './shared-document'
import type { Store } from './storage/store'
import type { DocumentPeers } from './sync/document-peers'
import { Sync } from './sync/sync'
import { holdsRecords, Vault } from './vault'

/** How long leaving waits for what was typed to become durable, in ms: a disk that refuses must not hold it up. */
const leaveLimit = 3_000

/** Notices that stay put away, for each document; of more the oldest come back. */
const maxDismissed = 2_000

/** Notices that are kept until somebody listens. */
const maxUnheard = 20

/** What a workspace is made from; each part is passed in, so that a simulation can pass its own. */
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
  /** What others' edits may take here, as long as the person has not said otherwise. */
  readonly limits?: QuotaLimits
}

/** What a workspace tells. */
export interface WorkspaceEvents {
  documents: DocumentSummary[]
  profile: Profile
  notice: { message: string }
}

interface Kept {
  readonly log: DocumentLog
  readonly quota: DocumentQuota
  peers: DocumentPeers
  stopPeers: () => void
  document: SharedDocument | null
  stopRescue: () => void
}

/**
 * A profile at work: its documents, open or not, kept in sync with whoever shares them. Wires the
 * parts together and does nothing of its own.
 */
export class Workspace {
  /** Replaces the links of documents. */
  readonly rotation: Rotation
  private readonly options: WorkspaceOptions
  private readonly emitter = new Emitter<WorkspaceEvents>()
  private readonly sync: Sync
  private readonly kept = new Map<DocumentId, Promise<Kept>>()
  private readonly ready = new Map<DocumentId, Kept>()
  private readonly dropping = new Map<DocumentId, Promise<void>>()
  /** Leaving the network and coming back, one after the other. */
  private moving: Promise<void> = Promise.resolve()
  private libraryOrNull: Library | null = null
  private profileOrNull: ProfileStore | null = null
  private readonly recorder: LibraryRecorder
  private readonly quota: ProfileQuota
  private readonly room: RoomWatch
  private closing: Promise<void> | null = null
  /** Notices from before anyone listened; null since. */
  private unheard: readonly string[] | null = []

  /** Does no I/O. */
  constructor(options: WorkspaceOptions) {
    this.options = options
    const { network, environment, wireVersion } = options
    this.sync = new Sync({ network, environment, ...(wireVersion === undefined ? {} : { wireVersion }) })
    this.recorder = new LibraryRecorder({
      clock: environment.clock,
      library: () => this.library,
      find: (id) => {
        const kept = this.ready.get(id)
        return kept ? { document: kept.document, holdsOthers: kept.log.holdsOthers } : null
      },
      onRecorded: () => this.tellDocuments(),
      onFailure: (error) => this.tellFailure(error),
    })
    this.quota = new ProfileQuota(options.limits ?? defaultLimits)
    this.room = new RoomWatch({
      clock: environment.clock,
      freeSpace: options.freeSpace ?? null,
      onFree: (free) => this.quota.setFree(free),
    })
    this.rotation = new Rotation({
      random: (size) => environment.random(size),
      identity: () => this.self(),
      entry: (id) => this.library.entry(id),
      put: (entry) => this.library.put(entry),
      open: (id) => this.document(id),
      create: (text) => this.createDocument({ text }),
      accept: (keys) => this.accept(keys),
      remove: async (id) => {
        await this.removeDocument(id)
        const title = this.library.entry(id).title || 'Untitled'
        this.notify(
          `The old “${title}” was removed from this computer, as you wished: everyone you picked has the new link.`,
        )
      },
    })
    network.onReachability = () => {
      for (const { document } of this.ready.values()) document?.refresh()
    }
  }

  /** Opens the store and begins to share. Rejects with PROFILE_BUSY or STORE_DAMAGED. */
  async open(): Promise<void> {
    const { store, environment, name } = this.options
    await store.open()
    try {
      const key = await this.options.masterKey(await holdsRecords(store))
      const vault = new Vault({ store, key, random: environment.random })
      this.profileOrNull = new ProfileStore(vault)
      await this.profileOrNull.open({ name: name ? cleanName(name) : '', random: environment.random })
      this.libraryOrNull = new Library({ vault, store })
      await this.library.open()
    } catch (error) {
      await store.close()
      throw error
    }
    this.quota.setLimit(this.profileStore.record.quota)
    await this.room.open()
    const { offline, network } = this.profileStore.record
    await this.options.network.configure(network)
    if (!offline) await this.options.network.open()
    // Opened one after the other behind the window's back, so that a thousand of them delay nothing.
    void this.openAll()
  }

  /** Listens; returns a function that stops. The first to hear notices is told those of before, soon. */
  on<Name extends keyof WorkspaceEvents>(
    name: Name,
    listener: (detail: WorkspaceEvents[Name]) => void,
  ): () => void {
    const stop = this.emitter.on(name, listener)
    if (name === 'notice' && this.unheard) {
      const { unheard } = this
      this.unheard = null
      queueMicrotask(() => {
        for (const message of unheard) this.emitter.emit('notice', { message })
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
      network: { lan: network.lan, bootstrap: network.bootstrap.map(formatNode) },
    }
  }

  /** Sets the name that others see. Rejects with INVALID for one without letters. */
  async setName(name: string): Promise<Profile> {
    const clean = cleanName(name)
    if (!clean) throw new SwarmpadError('INVALID', 'Type a name that others will know you by.')
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

  /** Uses the network in another way, now and at the next start. Rejects with INVALID for a node that is none. */
  async setNetwork({ lan, bootstrap }: Profile['network']): Promise<Profile> {
    const network = { lan, bootstrap: bootstrap.map(parseNode) }
    await this.profileStore.change({ ...this.profileStore.record, network })
    await this.options.network.configure(network)
    return this.tellProfile()
  }

  /** The machine goes to sleep, or the person offline: what is typed is saved, then the network left. */
  suspend(): Promise<void> {
    return this.move(async () => {
      await this.flush()
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
    return this.shown()
      .filter(([, entry]) => entry.keys.role !== 'keep')
      .map(([id, entry]) => this.summaryOf(id, entry))
      .sort((a, b) => (b.editedAt ?? 0) - (a.editedAt ?? 0))
  }

  /** The library in short. */
  documents(): { id: string; title: string; role: 'write' | 'read' | 'keep' }[] {
    return this.shown().map(([id, { title, keys }]) => ({ id, title, role: keys.role }))
  }

  /** Makes a document and opens it. Rejects with STORE_WRITE_FAILED. */
  async createDocument(options: { title?: string; text?: string } = {}): Promise<SharedDocument> {
    const keys = keysFromWrite(this.options.environment.random(32))
    await this.library.put(this.newEntry(keys, false))
    const document = await this.document(hex(keys.documentId))
    const heading = options.title ? `# ${options.title}\n\n` : ''
    const text = heading + (options.text ?? '')
    if (text) {
      await document.edit([{ from: 0, to: 0, insert: text.replace(/\r\n?/g, '\n') }])
      await document.saved()
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
    return this.document(await this.accept(keysFromLink(parseLink(link))))
  }

  /**
   * What opening a link would come to: the document, what may be done in it then, and whether the library
   * shows it with that already. Nothing is opened, stored or looked up. Throws what openDocument rejects with.
   */
  lookAtLink(link: string): { id: DocumentId; role: Role; held: boolean } {
    const keys = keysFromLink(parseLink(link))
    const id = hex(keys.documentId)
    const known = this.library.entries.get(id)
    const held = known?.keys.role ?? 'keep'
    const role = rank[keys.role] > rank[held] ? keys.role : held
    if (role === 'keep')
      throw new SwarmpadError(
        'ROLE_TOO_LOW',
        'This link is for a computer that keeps a document without reading it. Ask for a write link or a read link.',
      )
    return { id, role, held: role === held && known?.removed === false }
  }

  /** Keeps a document in sync without opening it. Rejects with LINK_… codes. */
  async keepDocument(link: string): Promise<void> {
    await this.keep(await this.accept(keysFromLink(parseLink(link))))
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
        const text = await this.library.text(id)
        // Unless it was removed meanwhile.
        if (this.ready.get(id) === kept) kept.document ??= this.newDocument(id, kept, text)
      }
    }
  }

  /** Takes a document out of the library; `restoreDocument` brings it back until the program ends. */
  async removeDocument(id: DocumentId): Promise<void> {
    // First of all: where the disk refuses to note it, the document stays as it is.
    await this.library.put({ ...this.library.entry(id), removed: true })
    this.tellDocuments()
    await this.drop(id)
  }

  /**
   * Lets others' edits take twice as much of this computer, in this document or in all together, if that is
   * what it is short of. Rejects with DOCUMENT_UNKNOWN or STORE_WRITE_FAILED.
   */
  async takeMore(id: DocumentId): Promise<void> {
    const { quota } = await this.keep(id)
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

  /** Brings a removed document back. Rejects with DOCUMENT_UNKNOWN. */
  async restoreDocument(id: DocumentId): Promise<void> {
    await this.library.put({ ...this.library.entry(id), removed: false })
    await this.keep(id)
    this.tellDocuments()
  }

  /** Saves what was typed, tells peers goodbye and closes everything. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.finish()
    return this.closing
  }

  private get library(): Library {
    if (!this.libraryOrNull) throw new SwarmpadError('CLOSED', 'This workspace is not open.')
    return this.libraryOrNull
  }

  private get profileStore(): ProfileStore {
    if (!this.profileOrNull) throw new SwarmpadError('CLOSED', 'This workspace is not open.')
    return this.profileOrNull
  }

  private shown(): [DocumentId, LibraryEntry][] {
    return [...this.library.entries].filter(([, entry]) => !entry.removed)
  }

  private newEntry(keys: DocumentKeys, waiting: boolean): LibraryEntry {
    const manifest = keys.role === 'write' ? hex(makeManifest(keys)) : null
    const editedAt = waiting ? null : this.options.environment.clock.now()
    return { keys, manifest, title: '', editedAt, waiting, removed: false, ...nothingKnown }
  }

  /** Takes in the keys of a link; returns the document's id. */
  private async accept(keys: DocumentKeys): Promise<DocumentId> {
    const id = hex(keys.documentId)
    const known = this.library.entries.get(id)
    if (!known) await this.library.put(this.newEntry(keys, true))
    else if (rank[keys.role] > rank[known.keys.role]) await this.upgrade(id, known, keys)
    else if (known.removed) await this.restoreDocument(id)
    this.tellDocuments()
    return id
  }

  private async upgrade(id: DocumentId, known: LibraryEntry, better: DocumentKeys): Promise<void> {
    const { read } = better
    const keys =
      better.role === 'read' && read && known.manifest ? keysFromRead(read, fromHex(known.manifest)) : better
    await this.library.put({
      ...known,
      keys,
      manifest: this.newEntry(keys, true).manifest ?? known.manifest,
      removed: false,
    })
    const kept = await this.keep(id)
    if (keys.verify) kept.log.setVerifyKey(keys.verify)
    kept.stopPeers()
    this.sync.remove(keys.documentId)
    this.share(id, kept)
    kept.document?.upgraded()
  }

  private async openAll(): Promise<void> {
    const { damaged } = this.library
    if (damaged > 0) this.notify(damagedWords(damaged))
    for (const [id] of this.shown()) {
      if (this.closing) return
      try {
        await this.keep(id)
      } catch (error) {
        const { title } = this.library.entry(id)
        const message = error instanceof Error ? error.message : 'It cannot be read.'
        this.notify(`“${title || 'Untitled'}” could not be opened: ${message}`)
      }
    }
  }

  private keep(id: DocumentId): Promise<Kept> {
    const known = this.kept.get(id)
    if (known) return known
    const dropping = this.dropping.get(id) ?? Promise.resolve()
    const opening = dropping.then(() => this.openLog(id))
    this.kept.set(id, opening)
    opening.catch(() => this.kept.delete(id))
    return opening
  }

  private async openLog(id: DocumentId): Promise<Kept> {
    const { keys, quota: limit } = this.library.entry(id)
    const { store, environment } = this.options
    const { documentId, verify } = keys
    const quota = this.quota.document(limit)
    const log = new DocumentLog({ store, environment, documentId, verify, quota })
    try {
      await log.open()
    } catch (error) {
      quota.end()
      throw error
    }
    const kept: Kept = {
      log,
      quota,
      peers: this.add(id, log),
      stopPeers: () => undefined,
      document: null,
      stopRescue: () => undefined,
    }
    this.follow(id, kept)
    log.onStored(() => this.recorder.note(id))
    kept.stopRescue = rescueOwnText({
      log,
      clock: environment.clock,
      canWrite: () => this.library.entry(id).keys.role === 'write',
      document: () => kept.document,
      open: () => this.document(id),
    })
    this.ready.set(id, kept)
    return kept
  }

  private share(id: DocumentId, kept: Kept): void {
    kept.peers = this.add(id, kept.log)
    this.follow(id, kept)
  }

  private follow(id: DocumentId, kept: Kept): void {
    kept.stopPeers = kept.peers.onChange(() => {
      this.recorder.note(id)
      this.hear(id, kept)
    })
  }

  /** Who has what of a document changed, or it was closed. */
  private hear(id: DocumentId, kept: Kept): void {
    this.rotation
      .heard(id, kept.peers, kept.document !== null)
      .catch((error) => this.tellFailure(error))
      .finally(() => kept.document?.tellSuccessors())
  }

  private add(id: DocumentId, log: DocumentLog): DocumentPeers {
    const { keys, manifest } = this.library.entry(id)
    const peers = this.sync.add({
      keys,
      log,
      store: this.options.store,
      role: keys.role,
      manifest: manifest === null ? null : fromHex(manifest),
      onManifest: (bytes) => this.learnManifest(id, bytes),
    })
    peers.setPresence({ ...this.self(), caret: null })
    return peers
  }

  /** This person, as others see them. */
  private self(): { name: string; identity: Identity } {
    const { name, identity } = this.profileStore.record
    return { name, identity }
  }

  private learnManifest(id: DocumentId, manifest: Uint8Array): void {
    const entry = this.library.entry(id)
    if (entry.manifest !== null) return
    const keys = entry.keys.read ? keysFromRead(entry.keys.read, manifest) : entry.keys
    if (keys.verify) this.ready.get(id)?.log.setVerifyKey(keys.verify)
    void this.library
      .put({ ...entry, keys, manifest: hex(manifest) })
      .catch((error) => this.tellFailure(error))
  }

  private newDocument(id: DocumentId, kept: Kept, text: string): SharedDocument {
    const { environment, startReplica, network } = this.options
    return new SharedDocument({
      environment,
      startReplica,
      text,
      keys: () => this.library.entry(id).keys,
      log: kept.log,
      peers: () => kept.peers,
      reachability: () => network.reachability,
      self: () => this.self(),
      newSession: () => this.newSession(id),
      dismissed: () => this.library.entry(id).dismissed,
      dismiss: (keys) => this.dismiss(id, keys),
      successors: () => this.library.entry(id).successors,
      keepSuccessors: async (successors) => {
        await this.library.put({ ...this.library.entry(id), successors })
        this.tellDocuments()
      },
      holds: (other) => this.shown().some(([id, { keys }]) => id === other && keys.role !== 'keep'),
      onFailure: (error) => this.tellFailure(error),
      onChange: () => this.recorder.noteText(id),
      onClose: async () => {
        try {
          if (kept.document) await this.recorder.record(id, kept.document, true)
        } catch (error) {
          // Only what the library shows is lost by it, and found again when the document is opened.
          this.tellFailure(error)
        } finally {
          kept.document = null
          if (!this.closing) this.hear(id, kept)
        }
      },
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
    const { name, identity } = this.profileStore.record
    const { environment } = this.options
    return new SessionLog({ documentId: keys.documentId, keys, identity, name, environment })
  }

  private summaryOf(id: DocumentId, entry: LibraryEntry): DocumentSummary {
    const kept = this.ready.get(id)
    const people = (kept?.peers.peers ?? []).filter((peer) => peer.role !== 'keep' && !peer.outdated)
    const open = kept?.document?.summary
    return {
      id,
      title: open && !open.loading ? open.title : entry.title,
      role: entry.keys.role === 'write' ? 'write' : 'read',
      editedAt: entry.editedAt,
      people: people.map((peer) => peer.name),
      waiting: entry.waiting && !kept?.log.holdsOthers,
      replaced: entry.successors.length > 0,
    }
  }

  /** Ends all that runs for a document, with what was typed saved. */
  private async drop(id: DocumentId): Promise<void> {
    const kept = await this.kept.get(id)
    this.kept.delete(id)
    this.ready.delete(id)
    if (!kept) return
    // Whoever wants it again waits until nothing of it runs any more.
    const dropped = this.end(id, kept).finally(() => this.dropping.delete(id))
    this.dropping.set(
      id,
      dropped.catch(() => undefined),
    )
    await dropped
  }

  private async end(id: DocumentId, { document, stopPeers, stopRescue, log }: Kept): Promise<void> {
    stopRescue()
    try {
      if (document) await this.soon(document.end())
    } finally {
      document?.abandon()
      stopPeers()
      this.sync.remove(this.library.entry(id).keys.documentId)
      await log.close()
    }
  }

  private move(work: () => Promise<void>): Promise<void> {
    const moved = this.moving.then(work)
    this.moving = moved.catch(() => undefined)
    return moved
  }

  private async flush(): Promise<void> {
    await this.soon(Promise.all([...this.ready.values()].map(({ document }) => document?.saved())))
  }

  /** Waits for work, but not for long. */
  private async soon(work: Promise<unknown>): Promise<void> {
    const { clock } = this.options.environment
    await new Promise<void>((resolve, reject) => {
      const timer = clock.set(leaveLimit, resolve)
      work.then(() => resolve(), reject).finally(() => clock.clear(timer))
    })
  }

  private tellProfile(): Profile {
    const profile = this.profile()
    this.emitter.emit('profile', profile)
    for (const { document, peers } of this.ready.values()) {
      if (document) document.refresh()
      else peers.setPresence({ ...this.self(), caret: null })
    }
    return profile
  }

  private tellDocuments(): void {
    if (!this.closing) this.emitter.emit('documents', this.summaries())
  }

  private tellFailure(error: unknown): void {
    this.notify(error instanceof SwarmpadError ? error.message : 'Something could not be written to disk.')
  }

  private notify(message: string): void {
    if (this.unheard) this.unheard = [...this.unheard, message].slice(-maxUnheard)
    else this.emitter.emit('notice', { message })
  }

  private async finish(): Promise<void> {
    this.recorder.stop()
    this.room.close()
    await Promise.all(this.dropping.values())
    const results = await Promise.allSettled(this.kept.values())
    const all = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    for (const { stopRescue } of all) stopRescue()
    // All of them, whatever becomes of one.
    const ends = await Promise.allSettled(all.map(({ document }) => document?.end()))
    for (const { stopPeers } of all) stopPeers()
    await this.sync.close()
    await this.options.network.close()
    for (const { log } of all) await log.close()
    await this.options.store.close()
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

const unknownDocument = (): SwarmpadError =>
  new SwarmpadError('DOCUMENT_UNKNOWN', 'This document is not in your library.')

const damagedWords = (count: number): string =>
  `${count === 1 ? 'One document' : `${count} documents`} of this profile cannot be shown: what is noted about ${
    count === 1 ? 'it' : 'them'
  } on this computer is damaged. Put the profile folder back from a backup, or open ${
    count === 1 ? 'it' : 'them'
  } again by link; the text is still stored.`

/** What is noted of a document only later. */
const nothingKnown = { dismissed: [], quota: null, successors: [] } as const

const rank = { keep: 0, read: 1, write: 2 } as const
