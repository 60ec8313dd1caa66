import { type CommandId, commands, type WindowCommandId } from '../../preload/commands'
import type { Restored } from '../../preload/contract/backup'
import type { DocumentSummary } from '../../preload/contract/library'
import type { Api } from '../api'
import { systemOf } from '../editor/text-keys'
import { BackupState } from '../features/backup/backup.svelte'
import { FilesState } from '../features/clipboard/files.svelte'
import { DocumentActions } from '../features/document/document-actions'
import { FoldersState } from '../features/folders/folders.svelte'
import { LibraryState } from '../features/library/library.svelte'
import { LibraryView } from '../features/library/library-view.svelte'
import { NetworkState } from '../features/network/network'
import { Pairing } from '../features/pairing/pairing.svelte'
import { PaletteState } from '../features/palette/palette.svelte'
import { PersonState } from '../features/person/person.svelte'
import { ProtectionState } from '../features/protection/protection.svelte'
import { QuarantineState } from '../features/quarantine/quarantine.svelte'
import { SearchState } from '../features/search/search.svelte'
import { SettingsState } from '../features/settings/settings.svelte'
import { SharingState } from '../features/sharing/sharing.svelte'
import { SpellingState } from '../features/spelling/spelling.svelte'
import { TextMenus } from '../features/text-menu/text-menus'
import { Toasts } from '../features/toasts/toasts.svelte'
import { Backlinks } from '../features/wiki-links/backlinks.svelte'
import { WikiLinks } from '../features/wiki-links/wiki-links.svelte'
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
  readonly libraryView: LibraryView
  readonly sharing: SharingState
  readonly quarantine: QuarantineState
  readonly document: DocumentActions
  readonly network: NetworkState
  readonly protection: ProtectionState
  readonly backup: BackupState
  readonly files: FilesState
  readonly folders: FoldersState
  readonly pairing: Pairing
  readonly palette: PaletteState
  readonly wikiLinks: WikiLinks
  readonly backlinks: Backlinks
  /** Why the window cannot start, in plain words. */
  trouble = $state('')
  /** The document in the pane that has the keyboard, as the library lists it. */
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
    this.libraryView = new LibraryView(api, this.library, this.settings)
    this.sharing = new SharingState(api, toasts, {
      show: (id) => this.navigation.show(id),
      opened: (id) => {
        this.navigation.dialog = null
        this.navigation.show(id, { how: 'tab' })
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
      show: (id) => this.navigation.show(id, { how: 'tab' }),
      choose: (file) => this.backup.choose(file),
    })
    this.folders = new FoldersState(api, toasts, (id) => this.navigation.show(id))
    this.pairing = new Pairing(api)
    this.backlinks = new Backlinks(api)
    this.wikiLinks = new WikiLinks({
      documents: () => this.library.documents,
      current: () => this.navigation.session?.id ?? null,
      show: (id, heading, how) => {
        this.navigation.show(id, { how })
        if (heading) this.navigation.panes.find(id)?.revealHeading(heading)
      },
      create: (title) => void this.library.create(title),
      headings: async (id) => {
        const outcome = await api.call('headings', id)
        return outcome.ok ? outcome.value : []
      },
      toasts,
    })
    this.palette = new PaletteState({
      search: new SearchState(api),
      system: () => systemOf(navigator.platform),
      documents: () => this.library.documents,
      now: () => this.library.now,
      current: () => this.navigation.session?.id ?? null,
      show: (id, at, how) => this.navigation.show(id, { how, ...(at ? { at } : {}) }),
      create: (title) => void this.library.create(title),
      find: (words) => this.navigation.session?.asks.emit('find', words),
      run: (id) => this.runInText(id),
      ended: () => this.libraryView.resumeSearch(),
    })
  }

  /** Reads profile and library, and listens from then on. */
  async start(): Promise<void> {
    const { api, navigation, toasts } = this
    for (const part of [
      this.protection,
      this.sharing.offers,
      this.backup,
      this.files,
      this.folders,
      this.pairing,
      this.person,
      this.settings,
      this.spelling,
      this.textMenus,
      this.library,
      this.libraryView,
    ])
      this.stops.push(part.start())
    this.stops.push(
      // After the library's own listener: what it knows is the newest.
      api.on('documents', ({ gone }) => {
        for (const id of gone) void navigation.leave(id)
        this.checkRole()
      }),
      api.on('show', ({ id }) => navigation.show(id, { how: 'tab' })),
      api.on('notice', ({ message, stays }) => (stays ? toasts.fail(message) : toasts.tell(message))),
      api.on('leave', ({ id }) => void this.library.leave(id)),
      api.on('command', ({ command }) => {
        // A command may open the window that carries it out.
        if (!this.protection.locked) void reading.then(() => this.run(command))
      }),
    )
    const reading = this.read()
    await reading
    await navigation.restore()
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
    await this.navigation.panes.stop()
  }

  /** The dialog about a file was closed, with what became of it. */
  restored(restored: Restored | null): void {
    this.backup.leave()
    const [id] = restored?.added ?? []
    if (restored?.kind === 'document' && id) this.navigation.show(id, { how: 'tab' })
  }

  /** Carries out a command; does nothing before the person has a name. */
  run(command: WindowCommandId): void {
    if (this.person.profile?.name) this.runCommand(this, command)
  }

  /** Shows the documents with a tag in the library, also if somebody typed it just now. */
  showTagged(tag: string): void {
    this.libraryView.showTagged(tag)
    this.navigation.showLibrary()
    void this.api.call('readTags')
  }

  /** Carries out a command that was chosen outside the text, as if the keyboard were in it. */
  private runInText(id: CommandId): void {
    if (id === 'new-window') {
      void this.api.call('openNewWindow')
      return
    }
    if (commands.some((command) => command.id === id && command.context !== 'window'))
      this.navigation.session?.focus()
    this.run(id)
  }

  /** Opens documents on screen again that were opened to be read, and to which a link to write came since. */
  private checkRole(): void {
    const { panes } = this.navigation
    for (const session of panes.sessions)
      if (session?.opened?.role === 'read' && this.library.find(session.id)?.role === 'write')
        panes.reopen(session)
  }
}
