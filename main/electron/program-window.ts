import type { BaseWindow, BrowserWindow, Session } from 'electron'
import type { Calls, Events } from '../../preload/contract/bridge'
import type { DocumentId } from '../../preload/contract/ids'
import { emptyLayout, type WindowLayout } from '../../preload/contract/layout'
import type { WindowRecord } from '../library/window-records'
import type { MasterKey } from '../profile/master-key'
import type { Workspace } from '../workspace/workspace'
import { AppWindow } from './app-window'
import { BackupController } from './calls/backup-calls'
import { fileCalls } from './calls/file-calls'
import { FolderController } from './calls/folder-calls'
import type { CallHandlers, LockHandlers, ProtectionHandlers, SpellingHandlers } from './calls/handlers'
import { PairingController } from './calls/pairing-calls'
import { SearchController } from './calls/search-calls'
import type { FileTurn } from './calls/stoppable-run'
import { workspaceCalls } from './calls/workspace-calls'
import { ContextMenu } from './context-menu'
import { desktopOf } from './desktop'
import { leftTabs } from './left-tabs'
import type { LinkOffers } from './link-offers'
import { openFiles } from './opened-files'
import type { OwnSelections } from './own-selections'
import { WindowDocuments } from './window-documents'
import type { OwnedWindow, WindowStart, WindowWatch } from './windows'

/** The opened profile, as windows use it. */
export interface OpenedProfile {
  readonly workspace: Workspace
  readonly masterKey: MasterKey
}

/** State and services that all windows of a program have in common. */
export interface SharedByWindows {
  readonly session: Session
  /** True if a new person may be welcomed with a document. */
  readonly welcomes: () => boolean
  /** The file that stores the place of the window in front. */
  readonly placeFile: string
  readonly opened: Promise<OpenedProfile>
  readonly lock: LockHandlers
  readonly spelling: SpellingHandlers
  readonly offers: LinkOffers<ProgramWindow>
  readonly selections: OwnSelections
  readonly fileTurn: FileTurn
  readonly protection: (opened: OpenedProfile) => ProtectionHandlers
  /** Closes a document in all windows but one, with their edits handed over. */
  readonly leaveElsewhere: (id: DocumentId, except: ProgramWindow) => Promise<void>
  /** Shows a document in a new window. */
  readonly showElsewhere: (id: DocumentId | null) => void
  /** Returns true if a window has a tab for a document. */
  readonly hasTab: (id: DocumentId) => boolean
  /** Called when the system ends the person's session (Windows). */
  readonly onSessionEnd: () => void
}

/** Delay after which a tab that moves to another window has one there, in ms. */
const moveTime = 1_000

/** One window of the program, with its documents, its dialogs and the handlers of its page's calls. */
export class ProgramWindow implements OwnedWindow {
  private readonly shared: SharedByWindows
  private readonly appWindow: AppWindow
  private readonly backups: BackupController
  private readonly folders: FolderController
  private readonly pairing: PairingController
  private readonly search: SearchController
  private readonly menu: ContextMenu
  private readonly handlers: Promise<Partial<CallHandlers>>
  private readonly watch: WindowWatch
  /** Its panes and tabs; null until the profile is open. */
  private layout: WindowLayout | null
  private documents: WindowDocuments | null = null

  /** `beside` is the window that this one opens beside; null for the first. */
  constructor(shared: SharedByWindows, watch: WindowWatch, beside: ProgramWindow | null, start: WindowStart) {
    this.shared = shared
    this.watch = watch
    this.layout = start.layout ?? (beside ? emptyLayout : null)
    this.backups = new BackupController(shared.fileTurn, (done) => this.tell('backupProgress', { done }))
    this.folders = new FolderController(shared.fileTurn, (done) => this.tell('folderProgress', { done }))
    this.pairing = new PairingController((state) => this.tell('pairing', state))
    this.search = new SearchController((state) => this.tell('searchHits', state))
    this.appWindow = new AppWindow({
      session: shared.session,
      placeFile: shared.placeFile,
      place: start.place,
      beside: beside?.browserWindow ?? null,
      isBehind: start.isBehind,
      isInFront: watch.isInFront,
      onFocus: watch.onFocus,
      onPageGone: () => {
        void this.documents?.closeAll()
        this.pairing.end()
        this.search.end()
        watch.onPageGone()
      },
      onSessionEnd: shared.onSessionEnd,
      onClosed: () => {
        this.backups.stop()
        this.search.end()
        this.folders.stop()
        watch.onClosed()
      },
      // On macOS, the program runs without a window too.
      mayClose: () => process.platform === 'darwin' || watch.hasOthers(),
    })
    this.menu = new ContextMenu(this.appWindow.window, (name, detail) => this.tell(name, detail))
    this.handlers = shared.opened.then((opened) => this.connect(opened))
    // The failure page reports it.
    this.handlers.catch(() => undefined)
  }

  /** Its panes and tabs, and its place; null until the profile is open. */
  get record(): WindowRecord | null {
    return this.layout && { layout: this.layout, place: this.appWindow.place }
  }

  /** The system's window, as the parent of dialogs. */
  get browserWindow(): BrowserWindow {
    return this.appWindow.window
  }

  /** True once it closes. */
  get isLeaving(): boolean {
    return this.appWindow.isLeaving
  }

  /** True if it is this window of the system. */
  is(window: BaseWindow | null): boolean {
    return this.appWindow.window === window
  }

  /** Sends an event to the page. Drops it while no page runs. */
  tell<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    this.appWindow.tell(name, detail)
  }

  /** Sends an event to the page, once it has loaded. */
  tellWhenLoaded<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    this.appWindow.tellWhenLoaded(name, detail)
  }

  /** Returns the handlers that include a call, for the page of this window; null if the sender is another one. */
  handlersFor(sender: unknown, name: keyof Calls): Promise<Partial<CallHandlers>> | null {
    if (sender !== this.appWindow.window.webContents) return null
    const { lock } = this.shared
    return name in lock ? Promise.resolve(lock) : this.handlers
  }

  /** Opens files from outside the window and shows them; resolves to a sentence for each that cannot be opened. */
  async openFiles(workspace: Workspace, paths: readonly string[]): Promise<readonly string[]> {
    const opened = await openFiles(paths, workspace, this.backups)
    this.tellWhenLoaded('filesOpened', opened)
    return opened.problems
  }

  /** Hands over the edits of a document and closes it. */
  async leave(id: DocumentId): Promise<void> {
    await this.documents?.leave(id)
  }

  /** Loads or reloads the page. */
  load(): void {
    this.appWindow.load()
  }

  /** Shows the window in front of others. */
  focus(): void {
    this.appWindow.focus()
  }

  /** Closes the window with its edits handed over; resolves when it is closed. */
  close(): Promise<void> {
    return this.appWindow.close()
  }

  /** Closes the window without asking the page. */
  destroy(): void {
    this.appWindow.destroy()
  }

  private connect(opened: OpenedProfile): Partial<CallHandlers> {
    const { workspace } = opened
    const { selections, offers, protection, spelling, leaveElsewhere, showElsewhere } = this.shared
    const documents = new WindowDocuments({
      workspace,
      selections,
      tell: (name, detail) => this.tell(name, detail),
    })
    this.documents = documents
    const desktop = desktopOf(this.appWindow.window, workspace.allowedSites)
    const calls = workspaceCalls({
      workspace,
      documents,
      desktop,
      layout: {
        read: async () => workspace.places.sound(await this.readLayout(workspace)),
        note: (layout) => {
          const left = leftTabs(this.layout, layout)
          this.layout = layout
          this.watch.onLayout()
          this.dropEmpty(workspace, left)
        },
      },
      welcomes: this.shared.welcomes,
      closeWindow: () => {
        if (this.watch.hasOthers()) void this.close()
      },
      leaveElsewhere: (id) => leaveElsewhere(id, this),
      showElsewhere,
    })
    return {
      ...calls,
      ...offers.handlers(this, calls.openLink),
      ...protection(opened),
      ...spelling,
      ...this.menu.handlers,
      ...this.backups.handlers(workspace, desktop),
      ...fileCalls(workspace, this.backups, desktop),
      ...this.folders.handlers(workspace, desktop),
      ...this.pairing.handlers(workspace, desktop),
      ...this.search.handlers(workspace),
    }
  }

  /** Returns what the page begins with: the first window shows what was in front at the end of the last start. */
  private async readLayout(workspace: Workspace): Promise<WindowLayout> {
    const last = this.layout ?? (await workspace.places.windows()).at(-1)?.layout ?? emptyLayout
    this.layout ??= last
    return this.layout
  }

  /** Takes documents that have no tab any more out of the library if they are empty. Those that cannot go stay. */
  private dropEmpty(workspace: Workspace, left: readonly DocumentId[]): void {
    if (left.length === 0) return
    const drop = () => {
      for (const id of left) if (!this.shared.hasTab(id)) workspace.dropEmpty(id).catch(() => undefined)
    }
    setTimeout(drop, moveTime).unref()
  }
}
