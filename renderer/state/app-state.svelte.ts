import type {
  DocumentId,
  DocumentSummary,
  LeftOutDetails,
  LinkKind,
  MenuCommand,
  NetworkChoice,
  NetworkReport,
  Outcome,
  Profile,
  Restored,
  Writer,
} from '../../preload/contract'
import type { Api } from '../api'
import { BackupState } from '../features/backup/backup.svelte'
import { DocumentSession } from '../features/document/document-session.svelte'
import { Pairing } from '../features/pairing/pairing.svelte'
import { ProtectionState } from '../features/protection/protection.svelte'
import { LinkOffers } from '../features/sharing/link-offers.svelte'
import { Toasts } from './toasts.svelte'
import { sortDocuments, titleWords } from './words'

/** A dialog that covers the window. */
export type Dialog =
  | 'open-link'
  | 'share'
  | 'new-links'
  | 'replace-links'
  | 'name'
  | 'protection'
  | 'left-out'
  | 'network'
  | 'back-up'
  | 'save-with-keys'
  | 'pair'

/** Everything the window shows beside the text of a document. */
export class AppState {
  readonly toasts = new Toasts()
  readonly protection: ProtectionState
  readonly offers: LinkOffers
  readonly backup: BackupState
  readonly pairing: Pairing
  profile = $state.raw<Profile | null>(null)
  documents = $state.raw<readonly DocumentSummary[]>([])
  /** The library was read. */
  loaded = $state(false)
  /** Why the window cannot start, in plain words. */
  trouble = $state('')
  session = $state.raw<DocumentSession | null>(null)
  dialog = $state<Dialog | null>(null)
  libraryShown = $state(true)
  /** Counter; each increment moves the focus to the library. */
  libraryCalls = $state(0)
  /** Now, in ms since the epoch, to the half minute. */
  now = $state(Date.now())
  /** The document on screen, as the library lists it. */
  readonly current: DocumentSummary | null = $derived(
    this.documents.find(({ id }) => id === this.session?.id) ?? null,
  )

  private readonly api: Api
  private readonly leaving = new Map<DocumentId, Promise<void>>()
  private readonly stops: (() => void)[] = []

  constructor(api: Api) {
    this.api = api
    this.protection = new ProtectionState(api)
    this.offers = new LinkOffers(api)
    this.backup = new BackupState(api)
    this.pairing = new Pairing(api)
  }

  /** Reads profile and library, and listens from then on. */
  async start(): Promise<void> {
    const { api } = this
    const clock = setInterval(() => (this.now = Date.now()), 30_000)
    this.stops.push(
      () => clearInterval(clock),
      this.protection.start(),
      this.offers.start(),
      this.backup.start(),
      this.pairing.start(),
      api.on('profile', (profile) => (this.profile = profile)),
      api.on('documents', (documents) => this.setDocuments(documents)),
      api.on('show', ({ id }) => this.show(id)),
      api.on('notice', ({ message, stays }) =>
        stays ? this.toasts.fail(message) : this.toasts.tell(message),
      ),
      api.on('command', ({ command }) => this.run(command)),
    )
    await this.read()
  }

  /** Reloads the profile and the library. */
  async read(): Promise<void> {
    const [profile, documents] = await Promise.all([this.api.call('profile'), this.api.call('documents')])
    this.trouble = profile.ok ? (documents.ok ? '' : documents.message) : profile.message
    if (profile.ok) this.profile = profile.value
    if (documents.ok) this.setDocuments(documents.value)
  }

  /** Hands over what is being edited and stops listening. */
  async stop(): Promise<void> {
    for (const stop of this.stops.splice(0)) stop()
    await this.session?.close()
  }

  /** Shows a document; the one shown before is let go once its edits are handed over. */
  show(id: DocumentId): void {
    if (this.session?.id === id && this.session.phase !== 'failed' && !this.isUpgraded()) {
      this.session.focus()
      return
    }
    this.leave()
    const session = new DocumentSession(this.api, id)
    this.session = session
    void session.open(this.leaving.get(id) ?? Promise.resolve())
  }

  /** Makes an empty document and shows it. */
  async createDocument(): Promise<void> {
    const outcome = this.tellFailure(await this.api.call('createDocument'))
    if (outcome.ok) this.show(outcome.value.id)
  }

  /** Opens a pasted link; returns what is wrong with it in plain words, or null. */
  async openLink(link: string): Promise<string | null> {
    const outcome = await this.api.call('openLink', link.trim())
    if (!outcome.ok) return outcome.message
    this.dialog = null
    void this.acknowledgeAddress()
    this.show(outcome.value.id)
    return null
  }

  /** Opens a link from outside that the person was asked about. */
  async acceptLink(offer: number): Promise<void> {
    const outcome = await this.offers.accept(offer)
    if (!outcome || !this.tellFailure(outcome).ok || !outcome.ok) return
    void this.acknowledgeAddress()
    this.show(outcome.value.id)
  }

  /** Puts a link to the document on screen on the clipboard; returns what went wrong, or null. */
  async copyLink(kind: LinkKind): Promise<string | null> {
    if (!this.session) return 'No document is open.'
    const outcome = await this.api.call('copyLink', this.session.id, kind)
    if (!outcome.ok) return outcome.message
    void this.acknowledgeAddress()
    return null
  }

  /** Returns the network report with the people of the document on screen; null if it is unavailable. */
  async networkReport(): Promise<NetworkReport | null> {
    const outcome = await this.api.call('networkReport', this.session?.id ?? null)
    return outcome.ok ? outcome.value : null
  }

  /** Puts that on the clipboard as text; returns what went wrong, or null. */
  async copyNetworkReport(): Promise<string | null> {
    const outcome = await this.api.call('copyNetworkReport', this.session?.id ?? null)
    return outcome.ok ? null : outcome.message
  }

  /** Uses the network in another way; returns what is wrong with it, or null. */
  async setNetwork(network: NetworkChoice): Promise<string | null> {
    const outcome = await this.api.call('setNetwork', $state.snapshot(network))
    if (!outcome.ok) return outcome.message
    this.takeProfile(outcome)
    return null
  }

  /** Records that this person was informed that others see their IP address. */
  async acknowledgeAddress(): Promise<void> {
    if (this.profile?.knowsAddressIsSeen) return
    this.takeProfile(await this.api.call('acknowledgeAddress'))
  }

  /** Sets this person's name; returns what is wrong with it, or null. */
  async setName(name: string): Promise<string | null> {
    const outcome = await this.api.call('setName', name.trim())
    if (!outcome.ok) return outcome.message
    this.profile = outcome.value
    return null
  }

  /** Goes off the network or back on it. */
  async setOffline(offline: boolean): Promise<void> {
    this.takeProfile(await this.api.call('setOffline', offline))
  }

  /** Takes a document out of the library, with a way back. */
  async remove(id: DocumentId): Promise<void> {
    const title = titleWords(this.documents.find((document) => document.id === id)?.title ?? '')
    const shown = this.session?.id === id ? this.session : null
    if (shown) this.leave()
    await this.leaving.get(id)
    // It is on screen again, with words that are nowhere else.
    if (shown && shown.unsent.length > 0) return
    const outcome = this.tellFailure(await this.api.call('removeDocument', id))
    if (!outcome.ok) return
    const restore = () => void this.restore(id)
    this.toasts.tell(`“${title}” was removed from this computer.`, { label: 'Undo', run: restore })
  }

  /** Asks where to, and writes the document on screen as Markdown. */
  async saveCopy(): Promise<void> {
    if (!this.session) return
    const outcome = this.tellFailure(await this.api.call('saveCopy', this.session.id))
    if (outcome.ok && outcome.value.path !== null)
      this.toasts.tell(`A copy was saved as ${outcome.value.path}`)
  }

  /** Asks for a file and opens it; with `sealed` for a backup, else also for a text. */
  async openFile(sealed: boolean): Promise<void> {
    const outcome = this.tellFailure(await this.api.call('openFile', sealed))
    if (!outcome.ok) return
    if (outcome.value.kind === 'backup') this.backup.choose(outcome.value.file)
    else if (outcome.value.kind === 'document') this.show(outcome.value.id)
  }

  /** The dialog about a file was closed, with what became of it. */
  restored(restored: Restored | null): void {
    this.backup.leave()
    const [id] = restored?.added ?? []
    if (restored?.kind === 'document' && id) this.show(id)
  }

  /** Returns the edits left out of the document on screen. */
  async leftOutDetails(): Promise<Outcome<LeftOutDetails[]>> {
    if (!this.session) return { ok: true, value: [] }
    return this.api.call('leftOut', this.session.id)
  }

  /** Asks where, and writes the edits left out of the document on screen; returns a message, or null. */
  async saveLeftOut(): Promise<string | null> {
    if (!this.session) return null
    const outcome = await this.api.call('saveLeftOut', this.session.id)
    if (!outcome.ok) return outcome.message
    const { path, whole } = outcome.value
    if (path === null) return null
    return whole
      ? `Saved as ${path}`
      : `It is too much for one file. Its beginning, about 64 MB, was saved as ${path}`
  }

  /** Puts the notice of what was left out away. */
  async dismissLeftOut(): Promise<void> {
    if (this.session) this.tellFailure(await this.api.call('dismissLeftOut', this.session.id))
  }

  /** Returns the people who can receive the link of a document that replaces the one on screen. */
  async writers(): Promise<Outcome<Writer[]>> {
    if (!this.session) return { ok: true, value: [] }
    return this.api.call('writers', this.session.id)
  }

  /** Replaces the links of the document on screen, and shows the new one; returns the error, or null. */
  async replaceLinks(writers: string[], keep: boolean): Promise<string | null> {
    const { session } = this
    if (!session) return 'No document is open.'
    const outcome = await this.api.call('replaceLinks', session.id, writers, keep)
    if (!outcome.ok) return outcome.message
    this.show(outcome.value.id)
    this.dialog = 'new-links'
    return null
  }

  /** Opens a document that took the place of the one on screen. */
  async openSuccessor(key: string): Promise<void> {
    if (!this.session) return
    const outcome = this.tellFailure(await this.api.call('openSuccessor', this.session.id, key))
    if (outcome.ok) this.show(outcome.value.id)
  }

  /** Goes on with what can be read of a damaged document. */
  async goOnWithout(): Promise<void> {
    if (this.session) this.tellFailure(await this.api.call('goOnWithout', this.session.id))
  }

  /** Lets others' edits take more of this computer. */
  async takeMore(): Promise<void> {
    if (this.session) this.tellFailure(await this.api.call('takeMore', this.session.id))
  }

  /** Opens a web or mail address outside Swarmpad. */
  async openExternal(url: string): Promise<void> {
    this.tellFailure(await this.api.call('openExternal', url))
  }

  /** Carries out a menu command. */
  run(command: MenuCommand): void {
    if (!this.profile?.name) return
    switch (command) {
      case 'new-document':
        void this.createDocument()
        return
      case 'open-link':
        this.dialog = 'open-link'
        return
      case 'share':
        if (this.session?.phase === 'open') this.dialog = 'share'
        return
      case 'replace-links':
        if (this.session?.opened?.role === 'write') this.dialog = 'replace-links'
        return
      case 'save-copy':
        void this.saveCopy()
        return
      case 'save-with-keys':
        if (this.session?.phase === 'open') this.dialog = 'save-with-keys'
        return
      case 'back-up':
      case 'pair':
      case 'network':
        this.dialog = command
        return
      case 'open-file':
        void this.openFile(false)
        return
      case 'find':
        this.session?.find()
        return
      case 'undo':
      case 'redo':
        // Where the keyboard is in a field of its own, that field's history is meant.
        if (!this.session?.[command]()) document.execCommand(command)
        return
      case 'show-library':
        this.libraryShown = true
        this.libraryCalls++
        return
      case 'toggle-offline':
        void this.setOffline(!this.profile.offline)
        return
      default:
        unknownCommand(command)
    }
  }

  private async restore(id: DocumentId): Promise<void> {
    const outcome = this.tellFailure(await this.api.call('restoreDocument', id))
    if (outcome.ok) this.show(id)
  }

  private leave(): void {
    const { session } = this
    if (!session) return
    this.session = null
    // The next open waits for all pending closes: a late closeDocument would close the document again.
    const left = Promise.all([this.leaving.get(session.id), session.close()]).then(() => {
      if (this.leaving.get(session.id) === left) this.leaving.delete(session.id)
      this.keepUnsent(session)
    })
    this.leaving.set(session.id, left)
  }

  /** Text that could not be handed over on leaving is put before the person when they come back to it. */
  private keepUnsent(session: DocumentSession): void {
    if (session.unsent.length === 0) return
    this.toasts.fail(
      'Some words could not be saved when the document was left. Copy them from the notice above its text.',
    )
    if (this.session?.id !== session.id) this.show(session.id)
    for (const text of session.unsent) this.session?.keepUnsent(text)
  }

  private setDocuments(documents: readonly DocumentSummary[]): void {
    this.documents = sortDocuments(documents)
    this.loaded = true
    this.now = Date.now()
    if (this.session && this.isUpgraded()) this.show(this.session.id)
  }

  /** The document on screen was opened to be read, and a link to write in it came since. */
  private isUpgraded(): boolean {
    const role = this.documents.find(({ id }) => id === this.session?.id)?.role
    return this.session?.opened?.role === 'read' && role === 'write'
  }

  private takeProfile(outcome: Outcome<Profile>): void {
    if (this.tellFailure(outcome).ok && outcome.ok) this.profile = outcome.value
  }

  private tellFailure<T>(outcome: Outcome<T>): Outcome<T> {
    if (!outcome.ok) this.toasts.fail(outcome.message)
    return outcome
  }
}

function unknownCommand(command: never): never {
  throw new Error(`Unknown command: ${String(command)}`)
}
