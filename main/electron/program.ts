import { join } from 'node:path'
import { app, type BaseWindow, powerMonitor, type Session, session } from 'electron'
import type { CommandId } from '../../preload/commands'
import { emptyLayout } from '../../preload/contract/layout'
import type { Spelling } from '../../preload/contract/spelling'
import { errorWords } from '../../preload/messages/errors'
import { spellingOff, spellingUnplaced } from '../../preload/messages/text-menu'
import { systemEnvironment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { holdsLink } from '../keys/link'
import { hideLinks } from '../keys/link-text'
import { terminalText } from '../keys/terminal-text'
import type { SharedDocument } from '../workspace/shared-document'
import type { Workspace } from '../workspace/workspace'
import { registerAppScheme, serveApp } from './app-scheme'
import { confine } from './app-window'
import { protectionCalls } from './calls/protection-calls'
import { FileTurn } from './calls/stoppable-run'
import { linkScheme, type Opening, readHandedOver } from './deep-links'
import { type Failure, failureOf, failureText } from './failure-page'
import { answerCalls } from './ipc'
import { hasTab } from './left-tabs'
import { LinkOffers } from './link-offers'
import type { Lock } from './lock'
import { showMenu } from './menu'
import { OwnSelections } from './own-selections'
import { type OpenedProfile, ProgramWindow, type SharedByWindows } from './program-window'
import { quitAfter } from './quit'
import { SpellingCheck } from './spelling'
import { systemNotifications } from './system-notifications'
import { Theme } from './theme'
import { releaseLater } from './window-documents'
import { Windows } from './windows'
import { placeWordLists } from './word-lists'

/** Options to start the program. */
export interface ProgramOptions {
  /** The profile's folder. */
  readonly directory: string
  /** The folder for the windows' own files. */
  readonly windowDirectory: string
  /** Links and files to open after the start. */
  readonly openings: readonly Opening[]
  /** True to welcome a new person with a document, unless something else is opened first. */
  readonly welcome: boolean
  /** Opens the profile's workspace; called once, after the first window began to load. */
  readonly openWorkspace: () => Promise<OpenedProfile>
  /** Asks for the passphrase of a locked profile. */
  readonly lock: Lock
}

/** The running program: one workspace, its windows, and the integration with the system. */
export class Program {
  private readonly options: ProgramOptions
  private readonly opened: Promise<OpenedProfile>
  private readonly beginOpening: () => void
  private workspace: Workspace | null = null
  private failure: Failure | null = null
  /** Links or files came from outside. */
  private hasOpened = false
  /** Null until the app is ready. */
  private windows: Windows<ProgramWindow> | null = null
  /** Null until the app is ready. */
  private spelling: SpellingCheck | null = null
  /** Null until the app is ready. */
  private theme: Theme | null = null

  /** Does no I/O. */
  constructor(options: ProgramOptions) {
    this.options = options
    let begin = (): void => undefined
    this.opened = new Promise<void>((resolve) => {
      begin = resolve
    }).then(options.openWorkspace)
    this.beginOpening = begin
  }

  /** Starts the program. To be called before the app is ready. */
  start(): void {
    registerAppScheme()
    app.on('second-instance', (_event, _args, _directory, data) => {
      this.windows?.current?.focus()
      void this.open(readHandedOver((data as { openings?: unknown } | null)?.openings))
    })
    // Links and files that macOS hands over.
    app.on('open-url', (event, url) => {
      event.preventDefault()
      if (holdsLink(url)) void this.open([{ kind: 'link', link: url }])
    })
    app.on('open-file', (event, path) => {
      event.preventDefault()
      void this.open([{ kind: 'file', path }])
    })
    app.on('activate', () => {
      this.windows?.currentOrNew()
    })
    process.on('uncaughtException', (error) => this.reportUnforeseen(error))
    process.on('unhandledRejection', (error) => this.reportUnforeseen(error))
    void app.whenReady().then(() => this.run())
  }

  private run(): void {
    const quitSoon = quitAfter({
      unsaved: async (limit) => (await this.workspace?.unsaved(limit)) ?? [],
      unshared: async () => (await this.workspace?.unshared()) ?? [],
      window: () => this.windows?.current?.browserWindow ?? null,
      closeWindows: async () => this.windows?.close(),
      destroyWindows: () => this.windows?.destroy(),
      close: async (limit) => this.workspace?.close({ limit }),
      exitCode: () => (this.failure ? 1 : 0),
    })
    if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(linkScheme)
    this.theme = new Theme(join(this.options.windowDirectory, 'theme'))
    const windows = this.makeWindows(quitSoon)
    this.windows = windows
    answerCalls((sender, name) => windows.handlersFor(sender, name))
    this.options.lock.onChange((locked) => windows.tellAll('lock', { locked }))
    this.showMenu()
    windows.open()
    this.beginOpening()
    this.opened.then(
      (opened) => this.connect(opened, windows),
      (error) => this.fail(error),
    )
    void this.open(this.options.openings)
  }

  private makeWindows(onSessionEnd: () => void): Windows<ProgramWindow> {
    const pageSession = session.fromPartition('swarmpad')
    confine(pageSession)
    const spelling = this.checkSpelling(pageSession)
    serveApp({
      session: pageSession,
      root: join(app.getAppPath(), 'out/renderer'),
      failure: () => this.failure,
    })
    const offers = new LinkOffers<ProgramWindow>()
    const shared: SharedByWindows = {
      session: pageSession,
      welcomes: () => this.options.welcome && !this.hasOpened,
      placeFile: join(this.options.windowDirectory, 'place.json'),
      opened: this.opened,
      lock: this.options.lock.handlers,
      spelling: { spelling: () => spelling.state },
      offers,
      selections: new OwnSelections(),
      fileTurn: new FileTurn(),
      protection: (opened) => this.protectionOf(opened, windows),
      leaveElsewhere: (id, except) => windows.leave(id, except),
      showElsewhere: (id) => {
        windows.openAnother(
          id === null ? emptyLayout : { ...emptyLayout, panes: [{ tabs: [id], front: id }] },
        )
      },
      hasTab: (id) => windows.find(({ record }) => record !== null && hasTab(record.layout, id)) !== null,
      onSessionEnd,
    }
    const windows: Windows<ProgramWindow> = new Windows({
      make: (watch, beside, start) => new ProgramWindow(shared, watch, beside, start),
      note: (shown) => this.workspace?.places.noteWindows(shown),
      offers,
    })
    return windows
  }

  private protectionOf({ workspace, masterKey }: OpenedProfile, windows: Windows<ProgramWindow>) {
    return protectionCalls(
      masterKey,
      () => workspace.use.isPassphraseDue,
      (protection) => windows.tellAll('protection', protection),
    )
  }

  private checkSpelling(pageSession: Session): SpellingCheck {
    const shipped = app.isPackaged
      ? join(process.resourcesPath, 'dictionaries')
      : join(app.getAppPath(), 'assets/dictionaries')
    // Chromium looks there, also for a session in memory.
    const folder = join(app.getPath('userData'), 'Dictionaries')
    const spelling = new SpellingCheck({
      session: pageSession,
      clock: systemEnvironment.clock,
      hasSystemLists: process.platform === 'darwin',
      placeLists: (languages) => placeWordLists(languages, { shipped, folder }),
      onChange: (state) => this.spellingChanged(state),
      onUnplaced: () => this.windows?.tellOne('notice', { message: spellingUnplaced, stays: false }),
    })
    this.spelling = spelling
    return spelling
  }

  private spellingChanged(state: Spelling): void {
    this.windows?.tellAll('spelling', state)
    if (!state.works) this.windows?.tellOne('notice', { message: spellingOff, stays: false })
  }

  /** Makes documents of files and shows them, asks about a backup, and follows links. */
  private async open(openings: readonly Opening[]): Promise<void> {
    this.hasOpened ||= openings.length > 0
    const paths = openings.flatMap((opening) => (opening.kind === 'file' ? opening.path : []))
    const links = openings.flatMap((opening) => (opening.kind === 'link' ? opening.link : []))
    for (const { name } of openings.filter((opening) => opening.kind === 'elsewhere'))
      await this.attempt(() => Promise.reject(new SwarmpadError('TEXT_FILE', { is: 'elsewhere', name })))
    if (paths.length > 0)
      await this.attempt(async (workspace) => {
        const problems = await this.windows?.currentOrNew()?.openFiles(workspace, paths)
        for (const problem of problems ?? []) console.error(`swarmpad: ${terminalText(problem)}`)
      })
    for (const link of links) await this.attempt((workspace) => this.follow(link, workspace))
  }

  /** Does something with the workspace once it is open, and shows what went wrong. */
  private async attempt(act: (workspace: Workspace) => Promise<void>): Promise<void> {
    try {
      const { workspace } = await this.opened
      await act(workspace)
    } catch (error) {
      this.notOpened(error)
    }
  }

  /** Shows why something could not be opened. */
  private notOpened(error: unknown): void {
    // The failure page reports that the workspace could not be opened.
    if (this.failure) return
    const message = error instanceof SwarmpadError ? errorWords(error) : 'That could not be opened.'
    console.error(`swarmpad: ${terminalText(message)}`)
    const notice = { message: hideLinks(message), stays: false }
    this.windows?.currentOrNew()?.tellWhenLoaded('notice', notice)
  }

  /** Shows the document of each link in a text if the library has it; otherwise asks the person first. */
  private async follow(link: string, workspace: Workspace): Promise<void> {
    for (const found of workspace.linksIn(link))
      if (found.held) await this.show(workspace.document(found.id))
      else this.windows?.askAbout(found.link, found.role)
  }

  private async show(opening: Promise<SharedDocument>): Promise<void> {
    const shown = releaseLater(await opening)
    this.windows?.currentOrNew()?.tellWhenLoaded('show', shown)
  }

  /** Forwards the workspace's events to the windows, and the system's sleep to the workspace. */
  private connect(opened: OpenedProfile, windows: Windows<ProgramWindow>): void {
    const { workspace } = opened
    this.workspace = workspace
    const notifications = systemNotifications(workspace, (id) => {
      const window = windows.currentOrNew()
      window?.focus()
      if (id !== null) window?.tellWhenLoaded('show', { id })
    })
    workspace.on('documents', (change) => {
      windows.tellAll('documents', change)
      notifications.note(change.changed)
      notifications.forget(change.gone)
    })
    workspace.on('removed', (removed) => windows.tellAll('removed', removed))
    workspace.on('settings', (settings) => {
      windows.tellAll('settings', settings)
      // Without notifications, nothing is known of the library's documents.
      notifications.note(settings.notify ? workspace.summaries() : [])
      this.theme?.set(settings.theme)
      this.showMenu()
      void this.spelling?.check(settings.spelling)
    })
    this.theme?.set(workspace.settings.value.theme)
    void this.spelling?.check(workspace.settings.value.spelling)
    workspace.on('ownWords', (words) => windows.tellAll('ownWords', words))
    workspace.on('notice', (notice) =>
      windows.tellOne('notice', { ...notice, message: hideLinks(notice.message) }),
    )
    workspace.on('profile', (profile) => {
      windows.tellAll('profile', profile)
      this.showMenu()
    })
    this.showMenu()
    const tell = (error: unknown) => this.reportUnforeseen(error)
    // The one in front is open already.
    void workspace.places
      .windows()
      .then((records) => windows.restore(records.slice(0, -1)))
      .catch(tell)
    powerMonitor.on('suspend', () => void workspace.suspend().catch(tell))
    powerMonitor.on('resume', () => {
      void workspace.resume().catch(tell)
      void workspace.use.noteDay()
    })
    workspace.on('passphraseDue', async () => {
      windows.tellAll('protection', await this.protectionOf(opened, windows).protection())
    })
    void workspace.use.noteDay()
  }

  private fail(error: unknown): void {
    this.failure = failureOf(error, this.options.directory)
    console.error(failureText(this.failure))
    this.windows?.load()
  }

  private showMenu(): void {
    showMenu({
      on: new Set(this.workspace ? switchesOn(this.workspace) : []),
      tools: !app.isPackaged,
      run: (command, window) => this.runCommand(command, window),
    })
  }

  /** Runs a command of the menu in the window that has the focus, else in the current one. */
  private runCommand(command: CommandId, focused: BaseWindow | null): void {
    const { windows } = this
    if (command === 'new-window') {
      // Not once the workspace is open: a window can unlock it, or tell why it cannot be opened.
      try {
        windows?.openAnother()
      } catch (error) {
        this.notOpened(error)
      }
      return
    }
    const window = windows?.find((one) => one.is(focused)) ?? windows?.currentOrNew()
    window?.tellWhenLoaded('command', { command })
    // The system has toggled the check mark already, but the command may fail.
    if (switches[command]) this.showMenu()
  }

  /** Reports an unexpected error and keeps running. Omits the message, which may contain document text. */
  private reportUnforeseen(error: unknown): void {
    const { name, stack = '' } = error instanceof Error ? error : new Error('no error')
    const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
    console.error([`swarmpad: unforeseen: ${name}`, ...frames].map(terminalText).join('\n'))
    const message = 'Something unexpected happened. If it goes on, start Swarmpad again.'
    this.windows?.tellOne('notice', { message, stays: false })
  }
}

/** The switches of the menu whose state the main process knows. */
const switches: { readonly [Id in CommandId]?: (workspace: Workspace) => boolean } = {
  'toggle-offline': (workspace) => workspace.profile().offline,
  'focus-mode': ({ settings }) => settings.value.focus,
  'typewriter-mode': ({ settings }) => settings.value.typewriter,
  'source-mode': ({ settings }) => settings.value.source,
}

/** Returns those that are on. */
const switchesOn = (workspace: Workspace): CommandId[] =>
  (Object.keys(switches) as CommandId[]).filter((id) => switches[id]?.(workspace))
