import { tick } from 'svelte'
import type { DocumentId } from '../../../preload/contract/ids'
import { emptyLayout } from '../../../preload/contract/layout'
import type { Api } from '../../api'
import { DocumentSession } from '../document/document-session.svelte'
import { isKeyboardFree } from '../document/free-keyboard'
import { KeptEditors } from '../document/kept-editors'
import type { Toasts } from '../toasts/toasts.svelte'
import {
  type Arrangement,
  activated,
  chosen,
  closed,
  hasRoom,
  paneOf,
  placed,
  resized,
  type ShownHow,
  shifted,
  shown,
  stepped,
  tabsOf,
} from './layout'

/** Maximum number of closed tabs that can be opened again. */
const maxClosed = 10

/** A closed tab, and where it was. */
interface ClosedTab {
  readonly id: DocumentId
  readonly pane: number
  readonly index: number
}

/**
 * The panes of the window with their tabs.
 * 1. The document in front of each pane has a session, and no other document has one.
 * 2. A session that ends hands over its last edits; the next one of its document begins after that.
 * 3. Words that could not be handed over come back on screen.
 */
export class Panes {
  arrangement = $state.raw<Arrangement>(emptyLayout)
  /** The session of each pane; null for one without tabs. */
  sessions = $state.raw<readonly (DocumentSession | null)[]>([null])
  /** The session of the pane that has the keyboard. */
  readonly session: DocumentSession | null = $derived(this.sessions[this.arrangement.active] ?? null)

  private readonly api: Api
  private readonly toasts: Toasts
  private readonly onChange: () => void
  private readonly kept = new KeptEditors((id) => paneOf(this.arrangement, id) >= 0)
  /** Documents that were left and are still handing over their last edits. */
  private readonly leaving = new Map<DocumentId, Promise<void>>()
  /** The tab that was closed last comes last. */
  private closedTabs: readonly ClosedTab[] = []

  /** `onChange` is called when the arrangement is another one. */
  constructor(api: Api, toasts: Toasts, onChange: () => void) {
    this.api = api
    this.toasts = toasts
    this.onChange = onChange
  }

  /** Edits made here may not have reached the main process yet. */
  get pending(): boolean {
    return this.leaving.size > 0 || this.sessions.some((session) => session?.pending)
  }

  /** Returns the session of a document on screen; null without one. */
  find(id: DocumentId): DocumentSession | null {
    return this.sessions.find((session) => session?.id === id) ?? null
  }

  /** Shows a document, and moves the keyboard to its text; tries again what failed to open. */
  show(id: DocumentId, how: ShownHow): void {
    const before = this.find(id)
    this.apply(shown(this.arrangement, id, how))
    if (before?.phase === 'failed') this.reopen(before)
    else before?.focus()
  }

  /** Shows what an earlier start showed, with the tabs that were opened meanwhile in front of it. */
  restore(arrangement: Arrangement): void {
    this.apply(tabsOf(this.arrangement).reduce((all, id) => shown(all, id, 'tab'), arrangement))
  }

  /** Puts the tab of a document in front, and moves the keyboard to its text. */
  choose(id: DocumentId): void {
    this.apply(chosen(this.arrangement, id))
    this.session?.focus()
  }

  /** Puts the next (1) or previous (-1) tab of the pane with the keyboard in front. */
  step(step: 1 | -1): void {
    this.apply(stepped(this.arrangement, step))
  }

  /** Moves the tab in front one place on (1) or back (-1). */
  shift(step: 1 | -1): void {
    this.apply(shifted(this.arrangement, step))
  }

  /** Moves a tab in front of a pane, before the tab at `index`; a second pane is made where there was none. */
  place(id: DocumentId, pane: number, index: number): void {
    this.apply(placed(this.arrangement, id, pane, index))
    this.session?.focus()
  }

  /** Gives the keyboard's commands to a pane. */
  activate(pane: number): void {
    if (pane !== this.arrangement.active) this.apply(activated(this.arrangement, pane))
  }

  /** Gives the pane at the left another part of the width, from 0 to 1. */
  resize(split: number): void {
    this.apply(resized(this.arrangement, split))
  }

  /** Closes the tab of a document; it can be opened again. A keyboard that was in its text goes to the next one. */
  close(id: DocumentId): void {
    const pane = paneOf(this.arrangement, id)
    if (pane < 0) return
    const index = this.arrangement.panes[pane]?.tabs.indexOf(id) ?? 0
    this.closedTabs = [...this.closedTabs, { id, pane, index }].slice(-maxClosed)
    this.apply(closed(this.arrangement, id), true)
    // Only then is it known where the keyboard is: the text and the tab have left the screen.
    void tick().then(() => {
      if (isKeyboardFree()) this.session?.focus()
    })
  }

  /** Closes all other tabs of the pane that has a document. */
  closeOthers(id: DocumentId): void {
    const { panes } = this.arrangement
    for (const other of panes[paneOf(this.arrangement, id)]?.tabs ?? []) if (other !== id) this.close(other)
  }

  /** Opens the tab again that was closed last, where it was. */
  reopenClosed(): void {
    const last = this.closedTabs.at(-1)
    if (!last) return
    this.closedTabs = this.closedTabs.slice(0, -1)
    const { panes } = this.arrangement
    if (paneOf(this.arrangement, last.id) >= 0) this.choose(last.id)
    else if (!hasRoom(this.arrangement)) this.show(last.id, 'here')
    else if (last.pane >= panes.length) this.show(last.id, panes[0]?.front ? 'side' : 'tab')
    else this.place(last.id, last.pane, Math.min(last.index, panes[last.pane]?.tabs.length ?? 0))
  }

  /** Closes the tab of a document that is going away; resolves to true once nothing of it is unsaved here. */
  async leave(id: DocumentId): Promise<boolean> {
    const session = this.find(id)
    this.closedTabs = this.closedTabs.filter((tab) => tab.id !== id)
    if (paneOf(this.arrangement, id) >= 0) this.apply(closed(this.arrangement, id), true)
    await this.leaving.get(id)
    return session === null || session.unsent.length === 0
  }

  /** Opens a document on screen again. */
  reopen(session: DocumentSession): void {
    this.end(session)
    const next = this.begin(session.id)
    this.sessions = this.sessions.map((one) => (one === session ? next : one))
  }

  /** Hands over what is being edited, and what was left a moment ago. */
  async stop(): Promise<void> {
    await Promise.all([...this.leaving.values(), ...this.sessions.map((session) => session?.close())])
  }

  /** With `yields`, documents come on screen because another left. */
  private apply(next: Arrangement, yields = false): void {
    if (next === this.arrangement) return
    this.arrangement = next
    const fronts = next.panes.map(({ front }) => front)
    // First: an editor is kept while it is on screen.
    for (const session of this.sessions) if (session && !fronts.includes(session.id)) this.end(session)
    this.sessions = fronts.map((id) => (id === null ? null : (this.find(id) ?? this.begin(id, yields))))
    this.onChange()
  }

  private begin(id: DocumentId, yields = false): DocumentSession {
    const session = new DocumentSession(this.api, id, this.kept, yields)
    void session.open(this.leaving.get(id) ?? Promise.resolve())
    return session
  }

  private end(session: DocumentSession): void {
    // The next open waits for all pending closes: a late closeDocument would close the document again.
    const left = Promise.all([this.leaving.get(session.id), session.close()]).then(() => {
      if (this.leaving.get(session.id) === left) this.leaving.delete(session.id)
      this.keepUnsent(session)
    })
    this.leaving.set(session.id, left)
  }

  /** Shows a document again whose last text could not be handed over, with that text above it. */
  private keepUnsent({ id, unsent }: DocumentSession): void {
    if (unsent.length === 0) return
    this.toasts.fail(
      'Some words could not be saved when the document was left. Copy them from the notice above its text.',
    )
    if (!this.find(id)) this.show(id, 'tab')
    for (const text of unsent) this.find(id)?.keepUnsent(text)
  }
}
