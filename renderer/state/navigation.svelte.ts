import type { DocumentId } from '../../preload/contract/ids'
import type { Api } from '../api'
import { DocumentSession } from '../features/document/document-session.svelte'
import { KeptEditors } from '../features/document/kept-editors'
import type { Toasts } from '../features/toasts/toasts.svelte'

/** A dialog that covers the window. */
export type Dialog =
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

/** True where the outline covers the text instead of standing beside it. */
const outlineCovers = (): boolean => window.matchMedia('(max-width: 999px)').matches

/** The document and the dialog on screen, and the way between documents. */
export class Navigation {
  session = $state.raw<DocumentSession | null>(null)
  dialog = $state<Dialog | null>(null)
  libraryShown = $state(true)
  /** Counter; each increment moves the focus to the library. */
  libraryCalls = $state(0)
  outlineShown = $state(false)
  /** The keyboard is to move to the outline, once its headings are there. */
  outlineWanted = $state(false)

  private readonly api: Api
  private readonly toasts: Toasts
  private readonly kept = new KeptEditors()
  /** Documents that were left and are still handing over their last edits. */
  private readonly leaving = new Map<DocumentId, Promise<void>>()

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
  }

  /** Shows a document; the one shown before closes once its edits are handed over. */
  show(id: DocumentId): void {
    if (this.session?.id === id && this.session.phase !== 'failed') {
      this.session.focus()
      return
    }
    this.open(id)
  }

  /** Opens the document on screen again, since its role rose. */
  reopen(): void {
    if (this.session) this.open(this.session.id)
  }

  /** Shows what was shown last, unless something else is on screen by then. */
  async showLast(): Promise<void> {
    const last = await this.api.call('lastShown')
    if (!last.ok) return
    const { document, outline } = last.value
    // Above a narrow text it would be in the way.
    this.outlineShown = outline && !outlineCovers()
    if (document !== null && !this.session) this.open(document)
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
  async leave(id: DocumentId): Promise<boolean> {
    const shown = this.session?.id === id ? this.session : null
    if (shown) this.close()
    await this.leaving.get(id)
    return shown === null || shown.unsent.length === 0
  }

  /** Notes what is on screen as the last, since the person came back to this window from another one. */
  focused(): void {
    // Before it, the window has not yet shown what was last.
    if (this.session) this.noteShown()
  }

  private open(id: DocumentId): void {
    this.close()
    const session = new DocumentSession(this.api, id, this.kept)
    this.session = session
    this.noteShown()
    void session.open(this.leaving.get(id) ?? Promise.resolve())
  }

  private noteShown(): void {
    void this.api.call('setLastShown', this.session?.id ?? null, this.outlineShown)
  }

  private close(): void {
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

  /** Shows a document again whose last text could not be handed over, with that text above it. */
  private keepUnsent(session: DocumentSession): void {
    if (session.unsent.length === 0) return
    this.toasts.fail(
      'Some words could not be saved when the document was left. Copy them from the notice above its text.',
    )
    if (this.session?.id !== session.id) this.show(session.id)
    for (const text of session.unsent) this.session?.keepUnsent(text)
  }
}
