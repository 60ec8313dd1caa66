import { join } from 'node:path'
import { errorWords } from '../../preload/messages/errors'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { fingerprint, holderFor } from '../keys/identity'
import type { QuotaLimits, Shortage } from '../log/quota'
import type { Network } from '../network/network'
import { type DocumentTerms, Repo } from '../repo/repo'
import type { RepoDocument } from '../repo/repo-document'
import type { Store } from '../storage/store'
import { type Added, type KeptEntry, KeptList } from './kept-list'
import type { DocumentState, KeeperState } from './state'

const damaged =
  'A part of it is damaged on this disk: it is not claimed any more, and asked for again of everyone who has it'

const short =
  'A part of it that was stored is not on this disk any more: a file of the profile is missing, cut short or an older one'

const suspect =
  'The disk gave back something else than was written: the database goes on with what can be read, and what is missing is asked for again of everyone who has it'

const full = ({ cause }: Shortage): string => `Full (${cause}): nothing new is taken in`

/** Events of a keeper. */
export interface KeeperEvents {
  /** Reports a message for the operator, in plain words and without keys. */
  readonly onNotice: (level: 'info' | 'warn', message: string, id: string | null) => void
}

/** Returns the path of a keeper's document list in its profile. */
export const listFile = (directory: string): string => join(directory, 'documents.json')

/** Returns the folder of its database. */
export const storeFolder = (directory: string): string => join(directory, 'store')

/**
 * Keeps documents for others: stores signed data from their authors and serves it to peers of the document,
 * without being able to read it. A list of documents and messages for its operator around a `Repo`. Rules T5, S14.
 */
export class Keeper {
  private readonly list: KeptList
  private readonly repo: Repo
  private readonly network: Network
  private readonly environment: Environment
  private readonly events: KeeperEvents
  private readonly holderSeed: Uint8Array
  private readonly name: string
  /** When segments of a document were last stored since its log was opened, in ms since the Unix epoch. */
  private readonly storedAt = new Map<string, number>()
  private readonly startedAt: number

  /** Does no I/O. */
  constructor(options: {
    directory: string
    store: Store
    network: Network
    environment: Environment
    limits: QuotaLimits
    freeSpace: () => Promise<number>
    /** Secret seed of the keys that sign its storage receipts: 32 bytes, the same on every start. */
    holderSeed: Uint8Array
    /** Name shown to the people whose documents it keeps; '' for none. */
    name: string
    events: KeeperEvents
  }) {
    const { network, environment, store, limits, freeSpace } = options
    this.list = new KeptList(listFile(options.directory))
    this.network = network
    this.environment = environment
    this.events = options.events
    this.holderSeed = options.holderSeed
    this.name = options.name
    this.startedAt = environment.clock.now()
    this.repo = new Repo({
      store,
      network,
      environment,
      limits,
      freeSpace,
      records: [],
      terms: (id) => this.termsOf(this.list.entry(id)),
    })
    this.follow()
  }

  /**
   * Opens the store and shares all documents. Reports and skips damaged ones. Rejects with
   * PROFILE_BUSY, PROFILE_NEWER or STORE_DAMAGED.
   */
  async open(): Promise<void> {
    const { repo } = this
    await repo.open({ secret: async () => this.holderSeed, load: () => this.list.open() })
    // Reported once for all documents here, and later for each document.
    const { shortage } = repo.quota
    if (shortage) this.warn(full(shortage), null)
    const found = await repo.keepAll(this.list.entries.keys(), {
      isWhole: true,
      onFailure: (id, error) => {
        if (!(error instanceof SwarmpadError)) throw error
        this.warn(errorWords(error), id)
      },
    })
    await this.network.configure({ lan: true, bootstrap: [], relays: [] })
    await this.network.open()
    if (repo.store.isSuspect) this.warn(suspect, null)
    void repo.scrub(found?.isAll ?? false)
  }

  /**
   * Starts keeping a document. Resolves to its id and the access dropped from a link that grants more.
   * Rejects with LINK_… codes, ROLE_TOO_LOW or STORE_WRITE_FAILED.
   */
  async add(link: string, label: string): Promise<Added> {
    const added = await this.list.add(link, label)
    await this.repo.keep(added.id)
    return added
  }

  /** Stops keeping a document and deletes its data. Rejects with DOCUMENT_UNKNOWN or STORE_WRITE_FAILED. */
  async remove(name: string): Promise<{ id: string }> {
    const id = this.list.find(name)
    await this.repo.forget(this.list.entry(id).keys.documentId)
    await this.list.remove(id)
    this.storedAt.delete(id)
    return { id }
  }

  /**
   * Deletes the segments covered by a document's snapshot; `done` is false without one. A keeper cannot
   * verify the snapshot's content: the operator decides. Rejects with DOCUMENT_UNKNOWN.
   */
  async compact(name: string): Promise<{ id: string; done: boolean }> {
    const id = this.list.find(name)
    const done = (await this.repo.find(id)?.log.snapshots.compact()) ?? false
    return { id, done }
  }

  /** Returns the documents it keeps and its current state. */
  state(): KeeperState {
    return {
      upFor: this.environment.clock.now() - this.startedAt,
      network: this.network.reachability,
      relays: this.network.relayKey !== null,
      documents: [...this.list.entries].map(([id, entry]) => this.stateOf(id, entry)),
    }
  }

  /** Says goodbye to all peers and waits for pending writes. Idempotent. */
  close(): Promise<void> {
    return this.repo.close()
  }

  private follow(): void {
    const { repo } = this
    repo.on('reachability', (reachability) => {
      if (reachability === 'online') this.inform('On the network', null)
      if (reachability === 'unreachable') this.warn('No node of the network answers; trying again', null)
    })
    repo.on('opened', (document) => this.opened(document))
    repo.on('damaged', ({ id, log }) => {
      if (log.health.isDamaged) this.warn(damaged, id)
    })
    repo.on('repaired', ({ document: { id } }) => this.inform('Mended: all of it is here again', id))
    repo.on('stored', ({ document: { id }, segments }) => {
      if (segments.length > 0) this.storedAt.set(id, this.environment.clock.now())
    })
    repo.on('problem', ({ document: { id }, problem }) => {
      if (problem) this.warn(errorWords(problem), id)
      else this.inform('The disk works again', id)
    })
    repo.on('shortage', ({ document: { id }, shortage }) => {
      if (shortage) this.warn(full(shortage), id)
      else this.inform('There is room again', id)
    })
    repo.on('manifest', ({ document: { id }, manifest }) => void this.learn(id, manifest))
  }

  private opened({ id, log }: RepoDocument): void {
    // Kept from before where a removal failed.
    this.storedAt.delete(id)
    if (log.isShort) this.warn(short, id)
    if (log.health.isDamaged) this.warn(damaged, id)
    if (log.shortage && !this.repo.quota.shortage) this.warn(full(log.shortage), id)
  }

  private inform(message: string, id: string | null): void {
    this.events.onNotice('info', message, id)
  }

  private warn(message: string, id: string | null): void {
    this.events.onNotice('warn', message, id)
  }

  private termsOf({ keys, manifest }: KeptEntry): DocumentTerms {
    const signer = { pair: holderFor(this.holderSeed, keys.documentId), name: this.name }
    return {
      keys,
      manifest,
      signer,
      quota: null,
      presence: null,
      isSound: null,
      isShared: true,
      changedAt: 0,
    }
  }

  private stateOf(id: string, { label, keys }: KeptEntry): DocumentState {
    const kept = this.repo.find(id)
    const vector = kept?.log.vector ?? new Map()
    return {
      id,
      label,
      fingerprint: fingerprint(holderFor(this.holderSeed, keys.documentId).publicKey),
      running: kept !== null,
      sessions: vector.size,
      changes: [...vector.values()].reduce((sum: number, { tip }) => sum + tip, 0),
      bytes: kept?.quota.taken ?? 0,
      snapshot: kept?.log.snapshots.held?.size ?? 0,
      peers: kept?.peers.connectedCount ?? 0,
      storedAt: (kept && this.storedAt.get(id)) ?? null,
      damaged: kept?.log.health.isDamaged ?? true,
      full: kept?.log.shortage?.cause ?? null,
      problem: kept?.log.problem ? errorWords(kept.log.problem) : null,
    }
  }

  private async learn(id: string, manifest: Uint8Array): Promise<void> {
    const entry = this.list.entries.get(id)
    // If the disk refuses it, the next peer sends it again.
    if (entry && !entry.manifest) await this.list.put({ ...entry, manifest }).catch(() => undefined)
  }
}
