import { join } from 'node:path'
import { app, powerMonitor, type Session, session, type WebContents } from 'electron'
import type { CommandId } from '../../preload/commands'
import type { Calls } from '../../preload/contract/bridge'
import { errorWords } from '../../preload/messages/errors'
import { isBackupFile } from '../backup/backup-mark'
import { SwarmpadError } from '../base/errors'
import { holdsLink } from '../keys/link'
import { hideLinks } from '../keys/link-text'
import { terminalText } from '../keys/terminal-text'
import type { MasterKey } from '../profile/master-key'
import type { SharedDocument } from '../workspace/shared-document'
import type { Workspace } from '../workspace/workspace'
import { registerAppScheme, serveApp } from './app-scheme'
import { AppWindow, confine } from './app-window'
import { BackupController } from './calls/backup-calls'
import type { CallHandlers } from './calls/handlers'
import { PairingController } from './calls/pairing-calls'
import { protectionCalls } from './calls/protection-calls'
import { workspaceCalls } from './calls/workspace-calls'
import { linkScheme, type Opening, readOpening } from './deep-links'
import { desktopOf } from './desktop'
import { type Failure, failureOf, failureText } from './failure-page'
import { answerCalls } from './ipc'
import { LinkOffers } from './link-offers'
import type { Lock } from './lock'
import { showMenu } from './menu'
import { quitAfter } from './quit'
import { readTextFile } from './text-file'
import { releaseLater, WindowDocuments } from './window-documents'

/** Options to start the program. */
export interface ProgramOptions {
  /** The profile's folder. */
  readonly directory: string
  /** The folder for the window's own files. */
  readonly windowDirectory: string
  /** A link or file to open after the start. */
  readonly opening: Opening | null
  /** Opens the profile's workspace; called once, after the window began to load. */
  readonly openWorkspace: () => Promise<{ workspace: Workspace; masterKey: MasterKey }>
  /** Asks for the passphrase of a locked profile. */
  readonly lock: Lock
}

/** The running program: one workspace, its window, and the integration with the system. */
export class Program {
  private readonly options: ProgramOptions
  private readonly opened: ReturnType<ProgramOptions['openWorkspace']>
  private readonly beginOpening: () => void
  private workspace: Workspace | null = null
  private failure: Failure | null = null
  private readonly offers = new LinkOffers()
  private readonly backups = new BackupController((done) => this.appWindow?.tell('backupProgress', { done }))
  private readonly pairing = new PairingController((state) => this.appWindow?.tell('pairing', state))
  private pageSession: Session | null = null
  private appWindow: AppWindow | null = null
  private documents: WindowDocuments | null = null
  private handlers: Promise<Partial<CallHandlers>> | null = null
  private quitSoon = (): void => undefined

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
      this.appWindow?.focus()
      const opening = readOpening((data as { opening?: unknown } | null)?.opening)
      if (opening) void this.open(opening)
    })
    // Links and files that macOS hands over.
    app.on('open-url', (event, url) => {
      event.preventDefault()
      if (holdsLink(url)) void this.open({ kind: 'link', link: url })
    })
    app.on('open-file', (event, path) => {
      event.preventDefault()
      void this.open({ kind: 'file', path })
    })
    app.on('activate', () => {
      if (!this.appWindow && app.isReady()) this.showWindow()
    })
    process.on('uncaughtException', (error) => this.reportUnforeseen(error))
    process.on('unhandledRejection', (error) => this.reportUnforeseen(error))
    void app.whenReady().then(() => this.run())
  }

  private run(): void {
    this.quitSoon = quitAfter({
      unsaved: async (limit) => (await this.workspace?.unsaved(limit)) ?? [],
      unshared: async () => (await this.workspace?.unshared()) ?? [],
      window: () => this.appWindow?.window ?? null,
      closeWindow: async () => this.appWindow?.close(),
      destroyWindow: () => this.appWindow?.window.destroy(),
      close: async (limit) => this.workspace?.close({ limit }),
      exitCode: () => (this.failure ? 1 : 0),
    })
    if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(linkScheme)
    this.pageSession = session.fromPartition('swarmpad')
    confine(this.pageSession)
    serveApp({
      session: this.pageSession,
      root: join(app.getAppPath(), 'out/renderer'),
      failure: () => this.failure,
    })
    answerCalls((sender, name) => this.handlersFor(sender, name))
    this.options.lock.onChange((locked) => this.appWindow?.tell('lock', { locked }))
    this.showMenu()
    this.showWindow()
    this.beginOpening()
    this.opened.then(
      ({ workspace }) => this.connect(workspace),
      (error) => this.fail(error),
    )
    if (this.options.opening) void this.open(this.options.opening)
  }

  /** Creates a document from a file and shows it, chooses a backup, or follows a link. */
  private async open(opening: Opening): Promise<void> {
    try {
      const { workspace } = await this.opened
      if (opening.kind === 'link') await this.follow(opening.link, workspace)
      else if (await isBackupFile(opening.path))
        this.appWindow?.tellWhenLoaded('backupChosen', await this.backups.choose(workspace, opening.path))
      else await this.show(workspace.createDocument({ text: await readTextFile(opening.path) }))
    } catch (error) {
      // The failure page reports that the workspace could not be opened.
      if (this.failure) return
      const message = error instanceof SwarmpadError ? errorWords(error) : 'That could not be opened.'
      console.error(`swarmpad: ${terminalText(message)}`)
      this.appWindow?.tellWhenLoaded('notice', { message: hideLinks(message), stays: false })
    }
  }

  /** Shows the document of a link if the library has it; otherwise asks the person first. */
  private async follow(link: string, workspace: Workspace): Promise<void> {
    const { id, role, held } = workspace.lookAtLink(link)
    if (held) await this.show(workspace.document(id))
    else this.appWindow?.tellWhenLoaded('confirmLink', this.offers.add(link, role))
  }

  private async show(opening: Promise<SharedDocument>): Promise<void> {
    this.appWindow?.tellWhenLoaded('show', releaseLater(await opening))
  }

  /** Cleans up after a page, and asks the next one again about the links that wait. */
  private pageGone(): void {
    void this.documents?.closeAll()
    this.pairing.end()
    for (const offer of this.offers.all) this.appWindow?.tellWhenLoaded('confirmLink', offer)
  }

  private showWindow(): void {
    if (!this.pageSession) return
    const appWindow = new AppWindow({
      session: this.pageSession,
      placeFile: join(this.options.windowDirectory, 'place.json'),
      onPageGone: () => this.pageGone(),
      onSessionEnd: () => this.quitSoon(),
      onClosed: () => {
        this.pairing.end()
        this.appWindow = null
        this.handlers = null
        this.documents = null
      },
    })
    this.appWindow = appWindow
    this.handlers = this.opened.then(({ workspace, masterKey }) => {
      const documents = new WindowDocuments({
        workspace,
        tell: (name, detail) => appWindow.tell(name, detail),
      })
      this.documents = documents
      const desktop = desktopOf(appWindow.window)
      const calls = workspaceCalls({ workspace, documents, desktop })
      return {
        ...calls,
        ...this.offers.handlers(calls.openLink),
        ...protectionCalls(masterKey),
        ...this.backups.handlers(workspace, desktop),
        ...this.pairing.handlers(workspace, desktop),
      }
    })
    // The failure page reports it.
    this.handlers.catch(() => undefined)
    appWindow.load()
  }

  private handlersFor(sender: WebContents, name: keyof Calls): Promise<Partial<CallHandlers>> | null {
    if (sender !== this.appWindow?.window.webContents) return null
    const { handlers } = this.options.lock
    return name in handlers ? Promise.resolve(handlers) : this.handlers
  }

  /** Forwards the workspace's events to the window, and the system's sleep to the workspace. */
  private connect(workspace: Workspace): void {
    this.workspace = workspace
    workspace.on('documents', (documents) => this.appWindow?.tell('documents', documents))
    workspace.on('notice', (notice) =>
      this.appWindow?.tellWhenLoaded('notice', { ...notice, message: hideLinks(notice.message) }),
    )
    workspace.on('profile', (profile) => {
      this.appWindow?.tell('profile', profile)
      this.showMenu()
    })
    this.showMenu()
    const tell = (error: unknown) => this.reportUnforeseen(error)
    powerMonitor.on('suspend', () => void workspace.suspend().catch(tell))
    powerMonitor.on('resume', () => void workspace.resume().catch(tell))
  }

  private fail(error: unknown): void {
    this.failure = failureOf(error, this.options.directory)
    console.error(failureText(this.failure))
    this.appWindow?.load()
  }

  private showMenu(): void {
    showMenu({
      on: new Set<CommandId>(this.workspace?.profile().offline ? ['toggle-offline'] : []),
      tools: !app.isPackaged,
      run: (command) => {
        this.appWindow?.tell('command', { command })
        // The system has toggled the check mark already, but the command may fail.
        if (command === 'toggle-offline') this.showMenu()
      },
    })
  }

  /** Reports an unexpected error and keeps running. Omits the message, which may contain document text. */
  private reportUnforeseen(error: unknown): void {
    const { name, stack = '' } = error instanceof Error ? error : new Error('no error')
    const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
    console.error([`swarmpad: unforeseen: ${name}`, ...frames].map(terminalText).join('\n'))
    const message = 'Something unexpected happened. If it goes on, start Swarmpad again.'
    this.appWindow?.tellWhenLoaded('notice', { message, stays: false })
  }
}
