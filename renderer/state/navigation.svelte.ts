import type { DocumentId } from '../../preload/contract/ids'
import type { Api } from '../api'
import type { TextRange } from '../editor/arrival'
import type { DocumentSession } from '../features/document/document-session.svelte'
import type { ShownHow } from '../features/tabs/layout'
import { Panes } from '../features/tabs/panes.svelte'
import type { Toasts } from '../features/toasts/toasts.svelte'
import { valueOrToast } from './outcomes'

/** A dialog that covers the window. */
export type Dialog =
  | 'palette'
  | 'open-link'
  | 'choose-link'
  | 'share'
  | 'new-links'
  | 'replace-links'
  | 'name'
  | 'protection'
  | 'left-out'
  | 'network'
  | 'settings'
  | 'back-up'
  | 'save-with-keys'
  | 'pair'

/** How a document is shown. */
export interface ShowOptions {
  /** The range that is selected and scrolled into the middle once the text is there. */
  readonly at?: TextRange
  /** 'here' without it. */
  readonly how?: ShownHow
}

/** True where the outline covers the text instead of standing beside it. */
const outlineCovers = (): boolean => window.matchMedia('(max-width: 999px)').matches

/** The documents and the dialog on screen, and the way between documents. */
export class Navigation {
  readonly panes: Panes
  dialog = $state<Dialog | null>(null)
  libraryShown = $state(true)
  /** Counter; each increment moves the focus to the library. */
  libraryCalls = $state(0)
  outlineShown = $state(false)
  /** The keyboard is to move to the outline, once its headings are there. */
  outlineWanted = $state(false)

  private readonly api: Api
  private readonly toasts: Toasts
  /** Before, the main process knows better what the window shows. */
  private isRestored = false

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
    this.panes = new Panes(api, toasts, () => this.noteShown())
  }

  /** The session of the pane that has the keyboard; null without one. */
  get session(): DocumentSession | null {
    return this.panes.session
  }

  /** Shows a document; one that leaves the screen for it closes once its edits are handed over. */
  show(id: DocumentId, { at, how = 'here' }: ShowOptions = {}): void {
    this.panes.show(id, how)
    if (at) this.panes.find(id)?.reveal(at)
  }

  /** Shows what this window showed last, behind what was opened meanwhile. */
  async restore(): Promise<void> {
    const last = await this.api.call('layout')
    this.isRestored = true
    if (!last.ok) return
    // Above a narrow text it would be in the way.
    this.outlineShown = last.value.outline && !outlineCovers()
    this.panes.restore(last.value)
  }

  /** Closes the tab in front; without one, closes the window if the program goes on without it. */
  closeTab(): void {
    if (this.session) this.panes.close(this.session.id)
    else void this.api.call('closeWindow')
  }

  /** Moves a document from its tab to a window of its own. */
  async moveToWindow(id: DocumentId): Promise<void> {
    // Else it is on screen again, with text that is nowhere else.
    if (!(await this.panes.leave(id))) return
    if (!valueOrToast(await this.api.call('showInNewWindow', id), this.toasts)) this.show(id, { how: 'tab' })
  }

  /** Shows the outline and moves the keyboard there, or hides it and moves the keyboard to the text. */
  toggleOutline(): void {
    this.outlineShown = !this.outlineShown
    this.outlineWanted = this.outlineShown
    if (!this.outlineShown) this.session?.focus()
    this.noteShown()
  }

  /** Hides the outline where it covers the text. */
  uncover(): void {
    if (outlineCovers()) this.outlineShown = false
  }

  /** Shows the library and moves the keyboard there. */
  showLibrary(): void {
    this.libraryShown = true
    this.libraryCalls++
  }

  /** Takes a document off the screen; resolves to true once nothing of it is unsaved here. */
  leave(id: DocumentId): Promise<boolean> {
    return this.panes.leave(id)
  }

  private noteShown(): void {
    const { arrangement } = this.panes
    const { panes, active, split } = arrangement
    if (this.isRestored) void this.api.call('setLayout', { panes, active, split, outline: this.outlineShown })
  }
}
