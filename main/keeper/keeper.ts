import { join } from 'node:path'
import { errorWords } from '../../preload/messages/errors'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { fingerprint, holderFor } from '../keys/identity'
import { DocumentLog } from '../log/document-log'
import { type DocumentQuota, ProfileQuota, type QuotaLimits, type Shortage } from '../log/quota'
import { ScrubSchedule } from '../log/scrub/scrub-schedule'
import type { Network } from '../network/network'
import { forgetDocument } from '../repo/forget-document'
import { NotedStore } from '../repo/noted-store'
import { DiskSpace } from '../storage/disk-space'
import type { Store } from '../storage/store'
import { checkStoreVersion, writeStoreVersion } from '../storage/store-version'
import type { DocumentSync } from '../sync/document-sync'
import { Sync } from '../sync/sync'
import { type Added, type KeptEntry, KeptList } from './kept-list'
import type { DocumentState, KeeperState } from './state'

/** Delay between detecting damage and reconnecting to peers, in ms. */
const meetingDelay = 500

const damaged =
  'A part of it is damaged on this disk: it is not claimed any more, and asked for again of everyone who has it'

const short =
  'A part of it that was stored is not on this disk any more: a file of the profile is missing, cut short or an older one'

const mended =
  'The disk gave back something else than was written: the database goes on with what can be read, and what is missing is asked for again of everyone who has it'

const full = ({ cause }: Shortage): string => `Full (${cause}): nothing new is taken in`

interface Running {
  readonly log: DocumentLog
  readonly quota: DocumentQuota
  peers: DocumentSync
  /** True while a reconnection to peers is scheduled. */
  meeting: boolean
  /** When others' segments were last stored, in ms since the Unix epoch; null for not in this run. */
  storedAt: number | null
}

/** Events of a keeper. */
export interface KeeperEvents {
  /** Reports a message for the operator, in plain words and without keys. */
  readonly onNotice: (level: 'info' | 'warn', message: string, id: string | null) => void
}

/** Path of a keeper's document list in its profile. */
export const listFile = (directory: string): string => join(directory, 'documents.json')

/** The folder of its database. */
export const storeFolder = (directory: string): string => join(directory, 'store')

/**
 * Keeps documents for others: stores signed data from their authors and serves it to peers of the document,
 * without being able to read it. Uses only the lower layers of the program. Rules T5, S14.
 */
export class Keeper {
  private readonly list: KeptList
  private readonly store: NotedStore
  private readonly network: Network
  private readonly environment: Environment
  private readonly sync: Sync
  private readonly quota: ProfileQuota
  private readonly room: DiskSpace
  private readonly events: KeeperEvents
  private readonly holderSeed: Uint8Array
  private readonly name: string
  private readonly running = new Map<string, Running>()
  private readonly startedAt: number
  private readonly checks: ScrubSchedule
  private closed = false

  /** Does no I/O. */
  constructor(options: {
    directory: string
    store: Store
    network: Network
    environment: Environment
    limits: QuotaLimits
    freeSpace: () => Promise<number>
    /** Secret seed of the keys that sign its storage confirmations: 32 bytes, the same on every start. */
    holderSeed: Uint8Array
    /** Name shown to the people whose documents it keeps; '' for none. */
    name: string
    events: KeeperEvents
  }) {
    const { network, environment, freeSpace } = options
    this.list = new KeptList(listFile(options.directory))
    this.store = new NotedStore(options.store, options.environment.random)
    this.network = network
    this.environment = environment
    this.events = options.events
    this.holderSeed = options.holderSeed
    this.name = options.name
    this.sync = new Sync({ network, environment })
    this.quota = new ProfileQuota(options.limits)
    const { clock } = environment
    this.room = new DiskSpace({ clock, freeSpace, onFree: (free) => this.quota.setFree(free) })
    this.startedAt = clock.now()
    this.checks = new ScrubSchedule({ clock, logs: () => [...this.running.values()].map(({ log }) => log) })
    network.on('reachability', (reachability) => {
      if (reachability === 'online') this.events.onNotice('info', 'On the network', null)
      if (reachability === 'unreachable')
        this.events.onNotice('warn', 'No node of the network answers; trying again', null)
    })
  }

  /**
   * Opens the store and shares all documents. Reports and skips damaged ones. Rejects with
   * PROFILE_BUSY, PROFILE_NEWER or STORE_DAMAGED.
   */
  async open(): Promise<void> {
    await this.store.open()
    try {
      await checkStoreVersion(this.store)
      await this.store.openNotes(this.holderSeed)
      await this.list.open()
      await writeStoreVersion(this.store)
    } catch (error) {
      await this.store.close()
      throw error
    }
    await this.room.open()
    // Once for all documents. Later changes are reported per document.
    const { shortage } = this.quota
    if (shortage) this.events.onNotice('warn', full(shortage), null)
    let isAll = true
    for (const id of this.list.entries.keys())
      await this.start(id).catch((error: unknown) => {
        if (!(error instanceof SwarmpadError)) throw error
        this.events.onNotice('warn', errorWords(error), id)
        isAll = false
      })
    const logs = [...this.running.values()].map(({ log }) => log)
    if (isAll && !logs.some(({ isShort }) => isShort)) await this.store.deleteUnknownFiles()
    await this.network.configure({ lan: true, bootstrap: [], relays: [] })
    await this.network.open()
    this.checks.start()
    if (!this.store.isSuspect) return
    this.events.onNotice('warn', mended, null)
    void this.checks.scrub(this.store, isAll)
  }

  /**
   * Starts keeping a document. Resolves to its id and the access dropped from a link that grants more.
   * Rejects with LINK_… codes, ROLE_TOO_LOW or STORE_WRITE_FAILED.
   */
  async add(link: string, label: string): Promise<Added> {
    const added = await this.list.add(link, label)
    if (!this.running.has(added.id)) await this.start(added.id)
    return added
  }

  /** Stops keeping a document and deletes its data. Rejects with DOCUMENT_UNKNOWN or STORE_WRITE_FAILED. */
  async remove(name: string): Promise<{ id: string }> {
    const id = this.list.find(name)
    const { keys } = this.list.entries.get(id) ?? {}
    const running = this.running.get(id)
    this.running.delete(id)
    if (running && keys) {
      this.sync.remove(keys.documentId)
      await running.log.close()
    }
    if (keys) await forgetDocument(this.store, keys.documentId)
    await this.list.remove(id)
    return { id }
  }

  /**
   * Deletes the segments covered by a document's snapshot; `done` is false without one. A keeper cannot
   * verify the snapshot's content: the operator decides. Rejects with DOCUMENT_UNKNOWN.
   */
  async compact(name: string): Promise<{ id: string; done: boolean }> {
    const id = this.list.find(name)
    const done = (await this.running.get(id)?.log.snapshots.compact()) ?? false
    return { id, done }
  }

  /** Returns the documents it keeps and its current state. */
  state(): KeeperState {
    const documents = [...this.list.entries].map(([id, entry]) => this.stateOf(id, entry))
    return {
      upFor: this.environment.clock.now() - this.startedAt,
      network: this.network.reachability,
      relays: this.network.relayKey !== null,
      documents,
    }
  }

  /** Says goodbye and waits for what is being written. Idempotent. */
  async close(): Promise<void> {
    this.closed = true
    this.checks.stop()
    this.room.close()
    await this.sync.close()
    await this.network.close()
    for (const { log } of this.running.values()) await log.close()
    await this.store.close()
  }

  private stateOf(id: string, { label, keys }: KeptEntry): DocumentState {
    const running = this.running.get(id)
    const vector = running?.log.vector ?? new Map()
    return {
      id,
      label,
      fingerprint: fingerprint(holderFor(this.holderSeed, keys.documentId).publicKey),
      running: running !== undefined,
      sessions: vector.size,
      changes: [...vector.values()].reduce((sum: number, { tip }) => sum + tip, 0),
      bytes: running?.quota.taken ?? 0,
      snapshot: running?.log.snapshots.held?.size ?? 0,
      peers: running?.peers.peers.filter(({ connected }) => connected).length ?? 0,
      storedAt: running?.storedAt ?? null,
      damaged: running?.log.health.isDamaged ?? true,
      full: running?.log.shortage?.cause ?? null,
      problem: running?.log.problem ? errorWords(running.log.problem) : null,
    }
  }

  private async start(id: string): Promise<void> {
    const entry = this.list.entries.get(id)
    if (!entry) return
    const { documentId, verify } = entry.keys
    const { store, environment } = this
    const quota = this.quota.document()
    const noted = store.tipsOf(documentId)
    const log = new DocumentLog({ store, environment, documentId, verify, quota, noted })
    await log.open()
    store.noteFound(documentId, log.vector)
    const running: Running = { log, quota, peers: this.share(id, entry, log), meeting: false, storedAt: null }
    this.running.set(id, running)
    log.onDamaged(() => this.meetAnew(id, running))
    log.onMended(() => this.events.onNotice('info', 'Mended: all of it is here again', id))
    if (log.isShort) this.events.onNotice('warn', short, id)
    if (log.health.isDamaged) this.events.onNotice('warn', damaged, id)
    log.onStored((segments) => {
      if (segments.length > 0) running.storedAt = environment.clock.now()
    })
    log.onProblem((problem) => {
      if (problem) this.events.onNotice('warn', errorWords(problem), id)
      else this.events.onNotice('info', 'The disk works again', id)
    })
    if (log.shortage && !this.quota.shortage) this.events.onNotice('warn', full(log.shortage), id)
    log.onShortage((shortage) => {
      if (shortage) this.events.onNotice('warn', full(shortage), id)
      else this.events.onNotice('info', 'There is room again', id)
    })
  }

  private share(id: string, { keys, manifest }: KeptEntry, log: DocumentLog): DocumentSync {
    return this.sync.add({
      keys,
      log,
      store: this.store,
      role: 'keep',
      manifest,
      onManifest: (learnt) => void this.learn(id, learnt),
      signer: { pair: holderFor(this.holderSeed, keys.documentId), name: this.name },
      isSound: null,
    })
  }

  /** Reconnects to peers after less is held than was announced, to announce it from scratch. Rule S16. */
  private meetAnew(id: string, running: Running): void {
    if (running.meeting) return
    running.meeting = true
    if (running.log.health.isDamaged) this.events.onNotice('warn', damaged, id)
    // More may be found in the same breath.
    this.environment.clock.set(meetingDelay, () => {
      running.meeting = false
      const entry = this.list.entries.get(id)
      if (!entry || this.running.get(id) !== running || this.closed) return
      this.sync.remove(entry.keys.documentId)
      running.peers = this.share(id, entry, running.log)
    })
  }

  private async learn(id: string, manifest: Uint8Array): Promise<void> {
    const entry = this.list.entries.get(id)
    // Said again by the next peer where the disk refuses to note it.
    if (entry && !entry.manifest) await this.list.put({ ...entry, manifest }).catch(() => undefined)
  }
}
