import type { WindowCommandId } from '../../preload/commands'
import type { Restored } from '../../preload/contract/backup'
import type { DocumentSummary } from '../../preload/contract/library'
import type { Api } from '../api'
import { BackupState } from '../features/backup/backup.svelte'
import { FilesState } from '../features/clipboard/files.svelte'
import { DocumentActions } from '../features/document/document-actions'
import { LibraryState } from '../features/library/library.svelte'
import { NetworkState } from '../features/network/network'
import { Pairing } from '../features/pairing/pairing.svelte'
import { PersonState } from '../features/person/person.svelte'
import { ProtectionState } from '../features/protection/protection.svelte'
import { QuarantineState } from '../features/quarantine/quarantine.svelte'
import { SettingsState } from '../features/settings/settings.svelte'
import { SharingState } from '../features/sharing/sharing.svelte'
import { SpellingState } from '../features/spelling/spelling.svelte'
import { TextMenus } from '../features/text-menu/text-menus'
import { Toasts } from '../features/toasts/toasts.svelte'
import { Navigation } from './navigation.svelte'

/** The state of the window: one part for each feature, and the ties between them. */
export class AppState {
  readonly toasts = new Toasts()
  readonly navigation: Navigation
  readonly person: PersonState
  readonly settings: SettingsState
  readonly spelling: SpellingState
  readonly textMenus: TextMenus
  readonly library: LibraryState
  readonly sharing: SharingState
  readonly quarantine: QuarantineState
  readonly document: DocumentActions
  readonly network: NetworkState
  readonly protection: ProtectionState
  readonly backup: BackupState
  readonly files: FilesState
  readonly pairing: Pairing
  /** Why the window cannot start, in plain words. */
  trouble = $state('')
  /** The document on screen, as the library lists it. */
  readonly current: DocumentSummary | null = $derived.by(() =>
    this.library.find(this.navigation.session?.id ?? null),
  )

  private readonly api: Api
  private readonly runCommand: (app: AppState, id: WindowCommandId) => void
  private readonly stops: (() => void)[] = []

  /** `runCommand` carries out the commands of the table. */
  constructor(api: Api, runCommand: (app: AppState, id: WindowCommandId) => void) {
    const { toasts } = this
    this.api = api
    this.runCommand = runCommand
    this.navigation = new Navigation(api, toasts)
    this.person = new PersonState(api, toasts)
    this.settings = new SettingsState(api, toasts)
    this.spelling = new SpellingState(api, toasts)
    this.textMenus = new TextMenus(api)
    this.library = new LibraryState(api, toasts, this.navigation)
    this.sharing = new SharingState(api, toasts, {
      show: (id) => this.navigation.show(id),
      opened: (id) => {
        this.navigation.dialog = null
        this.navigation.show(id)
      },
      chooseLink: () => (this.navigation.dialog = 'choose-link'),
      replaced: (id) => {
        this.navigation.show(id)
        this.navigation.dialog = 'new-links'
      },
      acknowledgeAddress: () => void this.person.acknowledgeAddress(),
    })
    this.quarantine = new QuarantineState(api, toasts)
    this.document = new DocumentActions(api, toasts)
    this.network = new NetworkState(api)
    this.protection = new ProtectionState(api)
    this.backup = new BackupState(api)
    this.files = new FilesState(api, toasts, {
      show: (id) => this.navigation.show(id),
      choose: (file) => this.backup.choose(file),
    })
    this.pairing = new Pairing(api)
  }

  /** Reads profile and library, and listens from then on. */
  async start(): Promise<void> {
    const { api, navigation, toasts } = this
    for (const part of [
      this.protection,
      this.sharing.offers,
      this.backup,
      this.files,
      this.pairing,
      this.person,
      this.settings,
      this.spelling,
      this.textMenus,
      this.library,
    ])
      this.stops.push(part.start())
    this.stops.push(
      // After the library's own listener: its role is the newest.
      api.on('documents', () => this.checkRole()),
      api.on('show', ({ id }) => navigation.show(id)),
      api.on('notice', ({ message, stays }) => (stays ? toasts.fail(message) : toasts.tell(message))),
      api.on('leave', ({ id }) => void this.library.leave(id)),
      api.on('command', ({ command }) => {
        // A command may open the window that carries it out.
        if (!this.protection.locked) void reading.then(() => this.run(command))
      }),
    )
    const reading = this.read()
    await reading
    await navigation.showLast()
  }

  /** Reloads the profile and the library. */
  async read(): Promise<void> {
    const [person, library] = await Promise.all([this.person.read(), this.library.read()])
    this.trouble = person ?? library ?? ''
    this.checkRole()
  }

  /** Takes a new person's name, and shows the document that welcomes them; returns what is wrong, or null. */
  async begin(name: string): Promise<string | null> {
    const refusal = await this.person.setName(name)
    if (refusal !== null) return refusal
    const welcome = await this.person.begin()
    // A link from outside may have been opened meanwhile.
    if (welcome !== null && !this.navigation.session) this.navigation.show(welcome)
    return null
  }

  /** Hands over what is being edited and stops listening. */
  async stop(): Promise<void> {
    for (const stop of this.stops.splice(0)) stop()
    await this.navigation.session?.close()
  }

  /** The dialog about a file was closed, with what became of it. */
  restored(restored: Restored | null): void {
    this.backup.leave()
    const [id] = restored?.added ?? []
    if (restored?.kind === 'document' && id) this.navigation.show(id)
  }

  /** Carries out a command; does nothing before the person has a name. */
  run(command: WindowCommandId): void {
    if (this.person.profile?.name) this.runCommand(this, command)
  }

  /** Opens the document on screen again if it was opened to be read, and a link to write in it came since. */
  private checkRole(): void {
    if (this.navigation.session?.opened?.role === 'read' && this.current?.role === 'write')
      this.navigation.reopen()
  }
}
