import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { app, BrowserWindow, nativeTheme, type Session, screen } from 'electron'
import { type Events, eventChannel } from '../../preload/contract/bridge'
import { terminalText } from '../keys/terminal-text'
import { startPage } from './page-files'
import { fitPlace, leastSize, placeBeside, type WindowPlace } from './window-place'

/** Background of the window until the page is drawn, equal to the page's. */
const background = { light: '#fdfdfb', dark: '#191d1b' } as const
/** Maximum number of reloads after crashes of the page, and the time in ms over which they are counted. */
const reloads = { most: 3, within: 60_000 } as const

/** Chromium's error code for a load that another one superseded. */
const overtaken = -3
/** Time for a page to hand over its last edits when its window is closed, in ms. */
const handOverLimit = 3_000
/** Time for a window to close, with a page that hangs, in ms. */
const closeLimit = 5_000

/** Options and callbacks of a window. */
export interface AppWindowOptions {
  readonly session: Session
  /** The file that stores the position and size of the window in front. */
  readonly placeFile: string
  /** Its place of an earlier start, unchecked; null for none. */
  readonly place: unknown
  /** Without a place, opens with an offset from this window; null for the place in the file. */
  readonly beside: BrowserWindow | null
  /** Opens without the focus. */
  readonly isBehind: boolean
  /** Called when the page goes away: the window was closed, crashed, or reloads its page. */
  readonly onPageGone: () => void
  readonly onClosed: () => void
  readonly onFocus: () => void
  /** Returns true if no other window had the focus since this one had. */
  readonly isInFront: () => boolean
  /** Returns true if the window may close by itself; otherwise the program quits, which may ask a question first. */
  readonly mayClose: () => boolean
  /** Called when the system ends the person's session (Windows). */
  readonly onSessionEnd: () => void
}

/** A window of the program: one sandboxed page of Swarmpad's that receives events. */
export class AppWindow {
  readonly window: BrowserWindow
  private readonly options: AppWindowOptions
  private readonly crashes: number[] = []
  private loaded = false
  private leaving = false
  private waiting: (() => void)[] = []

  constructor(options: AppWindowOptions) {
    this.options = options
    const areas = screen.getAllDisplays().map((display) => display.workArea)
    const { maximized, ...place } =
      options.place === null && options.beside
        ? placeBeside(placeOf(options.beside), areas)
        : fitPlace(options.place ?? readPlace(options.placeFile), areas)
    this.window = new BrowserWindow({
      ...place,
      minWidth: leastSize.width,
      minHeight: leastSize.height,
      show: false,
      title: app.name,
      autoHideMenuBar: true,
      backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
      // Installed, it has the icon of its desktop entry.
      ...(app.isPackaged ? {} : { icon: join(app.getAppPath(), 'assets/icon.png') }),
      webPreferences: {
        session: options.session,
        preload: join(app.getAppPath(), 'out/preload/index.cjs'),
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: true,
      },
    })
    if (maximized) this.window.maximize()
    this.window.once('ready-to-show', () => {
      if (options.isBehind) this.window.showInactive()
      else this.window.show()
    })
    this.window.on('focus', options.onFocus)
    this.window.on('close', (event) => {
      if (this.leaving) return
      if (options.mayClose()) {
        this.leave()
        return
      }
      event.preventDefault()
      app.quit()
    })
    this.window.on('query-session-end', (event) => {
      // Asks the system to wait.
      event.preventDefault()
      options.onSessionEnd()
    })
    this.window.on('session-end', () => options.onSessionEnd())
    this.window.on('closed', () => {
      options.onPageGone()
      options.onClosed()
    })
    this.confinePage()
    this.followPage()
  }

  /** Position and size on the screen. */
  get place(): WindowPlace {
    return placeOf(this.window)
  }

  /** True once the window closes. */
  get isLeaving(): boolean {
    return this.leaving
  }

  /** Loads or reloads the page. */
  load(): void {
    // followPage reports load failures; a load superseded by another one is not an error.
    void this.window.loadURL(startPage).catch(() => undefined)
  }

  /**
   * Asks the page to close; resolves when it has. A page with edits to hand over prevents its unloading
   * ('beforeunload'), hands them over and closes the window itself; one that takes too long is destroyed.
   */
  async close(): Promise<void> {
    if (this.window.isDestroyed()) return
    this.leave()
    await new Promise<void>((resolve) => {
      this.window.once('closed', resolve)
      this.window.close()
    })
  }

  /** Closes the window without asking the page. */
  destroy(): void {
    if (!this.window.isDestroyed()) this.window.destroy()
  }

  /** Sends an event to the page. Drops it while no page runs. */
  tell<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    if (this.window.isDestroyed() || this.window.webContents.isCrashed()) return
    this.window.webContents.send(eventChannel(name), detail)
  }

  /** Sends an event to the page, once it has loaded. */
  tellWhenLoaded<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    if (this.loaded) this.tell(name, detail)
    else this.waiting.push(() => this.tell(name, detail))
  }

  /** Shows the window in front of others. */
  focus(): void {
    if (this.window.isMinimized()) this.window.restore()
    this.window.show()
    this.window.focus()
  }

  private leave(): void {
    if (this.leaving) return
    if (this.options.isInFront()) writePlace(this.options.placeFile, this.place)
    this.leaving = true
    this.destroyAfter(closeLimit)
  }

  private destroyAfter(limit: number): void {
    setTimeout(() => this.destroy(), limit)
  }

  private confinePage(): void {
    const { webContents } = this.window
    webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
    // The page never navigates by itself.
    webContents.on('will-frame-navigate', (event) => event.preventDefault())
    webContents.on('will-redirect', (event) => event.preventDefault())
    webContents.on('will-attach-webview', (event) => event.preventDefault())
    webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  }

  private followPage(): void {
    const { webContents } = this.window
    // Not 'did-start-navigation': a refused navigation leaves the page as it is.
    webContents.on('did-navigate', () => {
      this.loaded = false
      this.options.onPageGone()
    })
    webContents.on('did-finish-load', () => {
      this.loaded = true
      for (const send of this.waiting.splice(0)) send()
    })
    webContents.on('did-fail-load', (_event, code, reason) => {
      if (code !== overtaken)
        console.error(`swarmpad: the window's page could not be loaded: ${terminalText(reason)}`)
    })
    webContents.on('will-prevent-unload', () => this.destroyAfter(handOverLimit))
    // A page that hangs cannot be asked to close.
    this.window.on('unresponsive', () => console.error('swarmpad: the window does not answer'))
    webContents.on('render-process-gone', (_event, { reason }) => {
      this.loaded = false
      this.options.onPageGone()
      if (reason === 'clean-exit') return
      console.error(`swarmpad: the window's page ended: ${terminalText(reason)}`)
      const now = Date.now()
      this.crashes.push(now)
      if (this.crashes.filter((time) => now - time < reloads.within).length <= reloads.most) this.load()
    })
    webContents.on('preload-error', (_event, path) => {
      console.error(`swarmpad: the window's bridge could not be loaded: ${terminalText(path)}`)
    })
  }
}

/**
 * Disables everything in a session that reaches beyond the page: permissions such as camera and location, devices
 * and downloads. `SpellingCheck` does the same for word lists.
 */
export function confine(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event) => event.preventDefault())
}

function placeOf(window: BrowserWindow): WindowPlace {
  return { ...window.getNormalBounds(), maximized: window.isMaximized() }
}

function readPlace(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The first start, or a damaged file.
    return null
  }
}

function writePlace(file: string, place: WindowPlace): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(place))
  } catch {
    // Without the file the next window opens at the default place.
  }
}
