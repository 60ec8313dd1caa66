import type { DocumentId } from '../../preload/contract/ids'
import type { LibraryChange, RemovedDocument } from '../../preload/contract/library'
import type { Profile } from '../../preload/contract/profile'
import type { Notice } from '../../preload/contract/program'
import type { Settings, SpellingLanguage } from '../../preload/contract/settings'
import type { Emitter } from '../../preload/emitter'
import { titleWords } from '../../preload/messages/format'
import { Backups } from '../backup/backups'
import type { Environment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import type { StartReplica } from '../document/replica-thread'
import { AddDocument } from '../library/add-document'
import { Library } from '../library/library'
import { Places } from '../library/places'
import type { QuotaLimits } from '../log/quota'
import type { Network } from '../network/network'
import { Pairing } from '../pairing/pairing'
import { Arrangement } from '../personal/arrangement'
import { OwnWords } from '../personal/own-words'
import { PersonalDocument } from '../personal/personal-document'
import type { Register } from '../personal/registers'
import { Vault } from '../profile/vault'
import { type DocumentTerms, Repo } from '../repo/repo'
import type { StartSearch } from '../search/search-thread'
import type { Store } from '../storage/store'
import { Finding } from './finding'
import { Folders } from './folders'
import { LibraryActions } from './library-actions'
import { LibraryChanges } from './library-changes'
import { LibraryRecorder } from './library-recorder'
import { NetworkUse } from './network-use'
import { hadPerson, notedRecords } from './noted-records'
import { Notices } from './notices'
import { OpenDocuments } from './open-documents'
import { Person } from './person'
import { Removals } from './removals'
import { Rotation } from './rotation'
import { SettingsStore } from './settings-store'
import { personalTerms, sharingTerms } from './sharing-terms'
import { UseRecord } from './use-record'

/** How long a backup waits for edits to become durable, in ms. */
const flushLimit = 3_000

/** Dependencies of a workspace; each is passed in, so that a simulation can pass its own. */
export interface WorkspaceOptions {
  readonly store: Store
  readonly network: Network
  readonly environment: Environment
  readonly startReplica: StartReplica
  readonly startSearch: StartSearch
  /** True while the machine has other work than to read documents in the background; without it it never has. */
  readonly isBusy?: () => boolean
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
  /** Languages whose spelling is checked as long as the person has chosen none. */
  readonly languages?: readonly SpellingLanguage[]
}

/** Events of a workspace. */
export interface WorkspaceEvents {
  documents: LibraryChange
  /** The documents that can be restored, after a change. */
  removed: RemovedDocument[]
  profile: Profile
  settings: Settings
  /** The person's own words, sorted. */
  ownWords: readonly string[]
  notice: Notice
  /** There is something now that a passphrase should protect. */
  passphraseDue: null
}

/** The parts of a workspace, wired to each other. */
export class WorkspaceParts {
  readonly notices: Notices
  readonly person: Person
  readonly settings: SettingsStore
  readonly ownWords: OwnWords
  readonly use: UseRecord
  readonly repo: Repo
  readonly documents: OpenDocuments
  readonly networkUse: NetworkUse
  readonly actions: LibraryActions
  readonly folders: Folders
  /** Reports what changed in the list of documents. */
  readonly changes: LibraryChanges
  readonly removals: Removals
  readonly personal: PersonalDocument
  readonly rotation: Rotation
  readonly backups: Backups
  readonly pairing: Pairing
  readonly finding: Finding
  private readonly options: WorkspaceOptions
  private readonly emitter: Emitter<WorkspaceEvents>
  private readonly recorder: LibraryRecorder
  private libraryOrNull: Library | null = null
  private arrangementOrNull: Arrangement | null = null
  private placesOrNull: Places | null = null
  private stopped = false

  /** Does no I/O. */
  constructor(options: WorkspaceOptions, emitter: Emitter<WorkspaceEvents>) {
    const { store, network, environment, startReplica, wireVersion, limits, freeSpace = null } = options
    const { clock } = environment
    const person = new Person((profile) => this.profileChanged(profile))
    const library = () => this.library
    const arrangement = () => this.arrangement
    const onFailure = (error: unknown) => this.notices.failed(error)
    this.options = options
    this.emitter = emitter
    this.person = person
    this.settings = new SettingsStore({
      languages: options.languages ?? [],
      onChange: (settings) => {
        emitter.emit('settings', settings)
        this.finding.settingsChanged()
      },
    })
    this.ownWords = new OwnWords(() => this.arrangement)
    this.use = new UseRecord(clock, () => emitter.emit('passphraseDue', null))
    this.notices = new Notices((notice) => emitter.emit('notice', notice))
    this.repo = new Repo({
      store,
      network,
      environment,
      freeSpace,
      records: notedRecords,
      terms: (id) => this.termsOf(id),
      mayRest: async (id) => !this.personal.is(id) && this.documents.mayRest(id),
      ...(limits ? { limits } : {}),
      ...(wireVersion === undefined ? {} : { wireVersion }),
    })
    this.personal = new PersonalDocument({
      environment,
      startReplica,
      arrangement,
      self: () => person.self,
      seed: () => fromHex(person.stored().seed),
      hasDevices: () => person.record.hasDevices,
      keep: async (id) => (await this.repo.keep(id)).log,
      drop: (id) => this.repo.drop(id),
      forget: (documentId) => this.repo.forget(documentId),
      onFailure,
    })
    this.recorder = new LibraryRecorder({
      clock,
      library,
      find: (id) => this.documents.find(id),
      onRecorded: (ids, wrote) => {
        if (wrote) this.notices.recovered()
        for (const id of ids) this.changes.note(id)
      },
      onFailure,
      onText: (id, document, text) => this.finding.textStored(id, document, text),
    })
    const documents = new OpenDocuments({
      repo: this.repo,
      environment,
      startReplica,
      recorder: this.recorder,
      library,
      self: () => person.self,
      reachability: () => network.reachability,
      onHeard: (id, peers, isOpen) => {
        if (!isOpen) this.removals.closed(id)
        return this.rotation.heard(id, peers, isOpen)
      },
      onFailure,
      onNotice: (message) => this.notices.inform(message),
    })
    this.documents = documents
    this.finding = new Finding({
      clock,
      startSearch: options.startSearch,
      startReplica,
      isBusy: options.isBusy ?? (() => false),
      readsUnopened: () => this.settings.value.searchUnopened,
      repo: this.repo,
      library,
      documents,
      storeTexts: () => this.recorder.storeTexts(),
      onTags: (ids) => {
        for (const id of ids) this.changes.note(id)
      },
    })
    const adding = new AddDocument({
      clock,
      library,
      upgrade: (id) => documents.upgrade(id),
      restore: (id) => this.removals.restore([id]),
      share: (id) => documents.share(id),
      wanted: (id) => this.wanted(id),
    })
    this.networkUse = new NetworkUse({ network, person, flush: () => documents.flush() })
    this.actions = new LibraryActions({
      environment,
      library,
      documents,
      adding,
      person,
      quota: this.repo.quota,
      arrangement,
      tagsOf: (id) => this.finding.tagsOf(id),
      onShown: (id) => this.changes.note(id),
    })
    this.changes = new LibraryChanges({
      clock,
      summary: (id) => this.actions.summary(id),
      onChange: (change) => emitter.emit('documents', change),
    })
    this.removals = new Removals({
      clock,
      library,
      arrangement,
      documents,
      onRemoved: (removed) => emitter.emit('removed', removed),
      onFailure,
    })
    this.folders = new Folders({ environment, library, documents, actions: this.actions })
    this.rotation = new Rotation({
      random: environment.random,
      identity: () => person.self,
      entry: (id) => this.library.entry(id),
      put: (entry) => this.library.put(entry),
      open: (id) => documents.document(id),
      create: (text) => this.actions.create({ text }),
      addKeys: (keys) => adding.addKeys(keys),
      share: (id) => documents.share(id),
      remove: async (id) => {
        await this.removals.remove([id])
        this.notices.inform(replacedWords(this.library.entry(id).title))
      },
    })
    this.backups = new Backups({
      random: environment.random,
      person: () => ({ ...person.stored(), arranged: this.arrangement.packed() }),
      arrange: (record) => this.arrangement.adopt((record as { arranged?: unknown }).arranged),
      isNew: () => person.isNew,
      isSelf: (record) => person.isSelf(record),
      become: (record) => this.become(record),
      flush: () => documents.unsaved(flushLimit),
      entries: () => this.library.shown,
      document: (id) => documents.keep(id),
      addEntry: async (entry) => {
        await this.wanted(hex(entry.keys.documentId))
        return adding.addEntry(entry)
      },
      share: (id) => documents.share(id),
      target: (id) => documents.restoreTarget(id),
      hold: () => this.repo.hold(),
    })
    this.pairing = new Pairing({
      environment,
      person: () => person.stored(),
      isNew: () => person.isNew,
      noteDevices: async () => {
        await person.change({ hasDevices: true })
        this.personal.start()
      },
      become: (record) => this.become(record),
      addEntry: (entry) => adding.addEntry(entry),
      keep: (id) => documents.keep(id),
      meet: (channel) => this.repo.meet(channel),
      refresh: (topic) => network.refresh(topic),
      library,
      isRemoved: (id) => this.arrangement.isRemoved(id),
      onFailure,
    })
  }

  /** The documents that the profile keeps. Throws CLOSED before `load`. */
  get library(): Library {
    if (!this.libraryOrNull) throw new SwarmpadError('CLOSED')
    return this.libraryOrNull
  }

  /** The person's arrangement of the library. Throws CLOSED before `load`. */
  get arrangement(): Arrangement {
    if (!this.arrangementOrNull) throw new SwarmpadError('CLOSED')
    return this.arrangementOrNull
  }

  /** Where the person was in each document. Throws CLOSED before `load`. */
  get places(): Places {
    if (!this.placesOrNull) throw new SwarmpadError('CLOSED')
    return this.placesOrNull
  }

  /** Reads the records of the person and of the library, which are sealed with `key`. Rejects with STORE_DAMAGED. */
  async load(key: Uint8Array): Promise<void> {
    const { repo, options } = this
    const { store } = repo
    const { random, clock } = options.environment
    const vault = new Vault({ store, key, random })
    await this.person.open(vault, {
      name: options.name ?? '',
      random,
      suspect: store.isSuspect || hadPerson(store),
    })
    await this.settings.open(vault)
    await this.use.open(vault)
    this.libraryOrNull = new Library({
      vault,
      store,
      forgetLog: (documentId) => repo.forget(documentId),
      onChange: (id) => this.entryChanged(id),
    })
    await this.library.open(clock.now())
    this.arrangementOrNull = new Arrangement({ vault, store, clock })
    await this.arrangement.open()
    // A full disk is no reason not to open: this is done later.
    await this.removals.follow({ isStart: true }).catch(() => undefined)
    this.arrangement.on('changed', (registers) => this.arranged(registers))
    this.arrangement.on('unput', () => this.personal.start())
    this.removals.start()
    const has = (id: string) => this.library.entries.get(id)?.removedAt === null
    this.placesOrNull = new Places({ vault, store, clock, has })
    repo.quota.setLimit(this.person.record.quota)
    // In the background: the list is shown before its tags.
    void this.finding.open(vault)
  }

  /** Begins nothing more in the background, and reports no more changes of the library. */
  stop(): void {
    this.stopped = true
    this.recorder.stop()
    this.changes.stop()
    this.repo.stop()
  }

  /** Ends and closes all parts, with what was typed saved within `limit` ms. */
  async close(limit: number): Promise<void> {
    await this.pairing.close()
    await this.removals.stop()
    await this.personal.close()
    try {
      await this.documents.close(limit)
      await this.placesOrNull?.close()
    } finally {
      await this.finding.close()
      await this.repo.close()
    }
  }

  /** Notes that the person opens a document: if they removed it, that counts no more. */
  private async wanted(id: string): Promise<void> {
    await this.arrangement.set([{ kind: 'removed', subject: id, value: 0 }])
  }

  private termsOf(id: string): DocumentTerms {
    const { startReplica, environment } = this.options
    const host = { person: this.person, startReplica, clock: environment.clock }
    const { keys } = this.personal
    return keys && this.personal.is(id)
      ? personalTerms(keys, host)
      : sharingTerms(this.library.entry(id), host)
  }

  private arranged(registers: readonly Register[]): void {
    if (this.stopped) return
    if (registers.some(({ kind }) => kind === 'word')) this.emitter.emit('ownWords', this.ownWords.list)
    for (const { kind, subject } of registers) if (kind !== 'word') this.changes.note(subject)
    if (registers.every(({ kind }) => kind !== 'removed')) return
    this.removals.followLater()
    this.pairing.restored()
  }

  private async become(record: unknown): Promise<void> {
    await this.person.become(record)
    this.pairing.open()
    await this.personal.changePerson()
  }

  private profileChanged(profile: Profile): void {
    this.repo.quota.setLimit(this.person.record.quota)
    this.emitter.emit('profile', profile)
    this.documents.refreshPresence()
  }

  private entryChanged(id: DocumentId): void {
    if (this.stopped) return
    this.changes.note(id)
    this.pairing.changed(id)
  }
}

const replacedWords = (title: string): string =>
  `The old “${titleWords(title)}” was removed from this computer, as you wished: everyone you picked has the new link.`
