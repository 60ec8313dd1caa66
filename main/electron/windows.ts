import type { Calls, Events } from '../../preload/contract/bridge'
import type { DocumentId } from '../../preload/contract/ids'
import { emptyLayout, maxWindows, type WindowLayout } from '../../preload/contract/layout'
import { SwarmpadError } from '../base/errors'
import type { WindowRecord } from '../library/window-records'
import type { CallHandlers } from './calls/handlers'
import type { LinkOffer, LinkOffers } from './link-offers'

/** A window as `Windows` uses it. */
export interface OwnedWindow {
  /** True once it closes. */
  readonly isLeaving: boolean
  /** Its panes and tabs, and its place; null until the profile is open. */
  readonly record: WindowRecord | null
  /** Sends an event to its page. Drops it while no page runs. */
  tell<Name extends keyof Events>(name: Name, detail: Events[Name]): void
  /** Sends an event to its page, once that has loaded. */
  tellWhenLoaded<Name extends keyof Events>(name: Name, detail: Events[Name]): void
  /** Returns the handlers that include a call, for its page; null if the sender is another one. */
  handlersFor(sender: unknown, name: keyof Calls): Promise<Partial<CallHandlers>> | null
  /** Hands over the edits of a document and closes it. */
  leave(id: DocumentId): Promise<void>
  /** Loads or reloads the page. */
  load(): void
  /** Shows the window in front of others. */
  focus(): void
  /** Closes the window with its edits handed over; resolves when it is closed. */
  close(): Promise<void>
  /** Closes the window without asking the page. */
  destroy(): void
}

/** Callbacks of a window to `Windows`. */
export interface WindowWatch {
  readonly onFocus: () => void
  /** The page goes away: the window was closed, crashed, or reloads its page. */
  readonly onPageGone: () => void
  readonly onClosed: () => void
  /** It shows something else. */
  readonly onLayout: () => void
  /** Returns true if no other window had the focus since this one had. */
  readonly isInFront: () => boolean
  /** Returns true if another window stays open when this one closes. */
  readonly hasOthers: () => boolean
}

/** How a window begins. */
export interface WindowStart {
  /** Its panes and tabs; null for those of the window that was in front last. */
  readonly layout: WindowLayout | null
  /** Its place of an earlier start, unchecked; null to choose one. */
  readonly place: unknown
  /** It opens without the focus. */
  readonly isBehind: boolean
}

/** Options of `Windows`. */
export interface WindowsOptions<Window> {
  /** Makes a window that loads no page yet, beside another one or (null) as the first. */
  readonly make: (watch: WindowWatch, beside: Window | null, start: WindowStart) => Window
  /** Stores what the windows show for the next start, the one in front last. */
  readonly note: (windows: readonly WindowRecord[]) => void
  readonly offers: LinkOffers<Window>
}

/**
 * The open windows of the program.
 * 1. What concerns all windows goes to all; anything else goes to the current one: the last that had the focus.
 * 2. A window that closes is not the current one.
 * 3. What the windows show is stored whenever it changes, and shown again at the next start. Closing one of several ends
 *    that; closing all does not.
 * 4. Unanswered links of a closed window are asked about in another one, or in the next that opens.
 */
export class Windows<Window extends OwnedWindow> {
  private readonly options: WindowsOptions<Window>
  /** Those that had the focus last come last. */
  private list: readonly Window[] = []
  private ended = false

  constructor(options: WindowsOptions<Window>) {
    this.options = options
  }

  /** The window that had the focus last; null without one. */
  get current(): Window | null {
    return this.list.findLast((window) => !window.isLeaving) ?? null
  }

  /** Returns the current window, and opens one if none is open; null once all were closed to quit. */
  currentOrNew(): Window | null {
    return this.current ?? this.open()
  }

  /** Opens a window beside the current one, as `open` does. Throws WINDOWS_FULL. */
  openAnother(layout: WindowLayout = emptyLayout): Window | null {
    if (this.list.length >= maxWindows) throw new SwarmpadError('WINDOWS_FULL', { most: maxWindows })
    return this.open(layout)
  }

  /**
   * Opens a window beside the current one; null once all were closed to quit. Without a layout, the first one shows what
   * was shown last.
   */
  open(layout: WindowLayout | null = null): Window | null {
    const window = this.add({ layout, place: null, isBehind: false })
    if (window) this.list = [...this.list, window]
    return window
  }

  /** Opens windows of an earlier start behind those that are open, as many as there may be. */
  restore(records: readonly WindowRecord[]): void {
    const restored = records
      .slice(0, Math.max(0, maxWindows - this.list.length))
      .flatMap(({ layout, place }) => this.add({ layout, place, isBehind: true }) ?? [])
    this.list = [...restored, ...this.list]
  }

  private add(start: WindowStart): Window | null {
    if (this.ended) return null
    const { make, offers } = this.options
    const window: Window = make(
      {
        onFocus: () => this.raise(window),
        onPageGone: () => this.ask(window, offers.askedIn(window)),
        onClosed: () => this.remove(window),
        onLayout: () => this.note(),
        isInFront: () => this.list.at(-1) === window,
        hasOthers: () => this.list.some((other) => other !== window && !other.isLeaving),
      },
      this.current,
      start,
    )
    window.load()
    this.ask(window, offers.passOn(null, window))
    return window
  }

  /** Returns the window for which `matches` is true; null without one. */
  find(matches: (window: Window) => boolean): Window | null {
    return this.list.find(matches) ?? null
  }

  /** Sends an event to all windows. */
  tellAll<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    for (const window of this.list) window.tell(name, detail)
  }

  /** Sends an event to the current window, once its page has loaded. Drops it without a window. */
  tellOne<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    this.current?.tellWhenLoaded(name, detail)
  }

  /** Asks about a link from outside in the current window. Throws LINKS_WAITING. */
  askAbout(link: string, role: LinkOffer['role']): void {
    const current = this.currentOrNew()
    const { offer, window } = this.options.offers.add(link, role, current)
    if (!window) return
    this.ask(window, [offer])
    // It asks already, behind the current one.
    if (window !== current) window.focus()
  }

  /** Returns the handlers that include a call, for the page of one of the windows; null for any other sender. */
  handlersFor(sender: unknown, name: keyof Calls): Promise<Partial<CallHandlers>> | null {
    for (const window of this.list) {
      const handlers = window.handlersFor(sender, name)
      if (handlers) return handlers
    }
    return null
  }

  /** Closes a document in all windows but one, with their edits handed over. */
  async leave(id: DocumentId, except: Window): Promise<void> {
    await Promise.all(this.list.filter((window) => window !== except).map((window) => window.leave(id)))
  }

  /** Reloads the pages of all windows. */
  load(): void {
    for (const window of this.list) window.load()
  }

  /** Closes all windows at once, each with its edits handed over; none opens from then on. */
  async close(): Promise<void> {
    // Windows may have been moved since.
    this.note()
    this.ended = true
    await Promise.all(this.list.map((window) => window.close()))
  }

  /** Closes all windows without asking their pages. */
  destroy(): void {
    for (const window of this.list) window.destroy()
  }

  private raise(window: Window): void {
    this.list = [...this.list.filter((other) => other !== window), window]
    this.note()
  }

  private remove(window: Window): void {
    this.list = this.list.filter((other) => other !== window)
    const heir = this.current
    const offers = this.options.offers.passOn(window, heir)
    if (heir) this.ask(heir, offers)
    this.note()
  }

  /** Stores what the open windows show; the last one that closes is shown again. */
  private note(): void {
    const records = this.list.map(({ record }) => record)
    if (this.ended || records.length === 0) return
    // Some are not known yet: what was shown last must not be lost for them.
    if (records.every((record) => record !== null)) this.options.note(records)
  }

  private ask(window: Window, offers: readonly LinkOffer[]): void {
    for (const offer of offers) window.tellWhenLoaded('confirmLink', offer)
  }
}
