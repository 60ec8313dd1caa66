import type { Events } from '../../preload/contract/bridge'
import type { OpenedDocument } from '../../preload/contract/document'
import type { DocumentId } from '../../preload/contract/ids'
import { Emitter } from '../../preload/emitter'
import { systemEnvironment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'
import { relayedEvents } from '../workspace/document-events'
import type { SharedDocument } from '../workspace/shared-document'
import type { Workspace } from '../workspace/workspace'
import type { OwnSelections, Selection } from './own-selections'

/** Sends an event to a window. */
export type Tell = <Name extends keyof Events>(name: Name, detail: Events[Name]) => void

interface Held {
  readonly document: SharedDocument
  readonly stop: () => void
}

/** Time for the window to open a document that was just created or joined, in ms. */
const keptOpen = 10_000

/** Time for the window to close a document that another window removes, in ms. */
const leaveLimit = 3_000

/** Documents open in one window. Forwards their events to it and closes them with it. */
export class WindowDocuments {
  private readonly workspace: Workspace
  private readonly tell: Tell
  private readonly selections: OwnSelections
  private readonly held = new Map<DocumentId, Promise<Held>>()
  private readonly ready = new Map<DocumentId, Held>()
  private readonly closed = new Emitter<{ closed: DocumentId }>()

  /** `selections` belongs to all windows together. */
  constructor(options: { workspace: Workspace; tell: Tell; selections: OwnSelections }) {
    this.workspace = options.workspace
    this.tell = options.tell
    this.selections = options.selections
  }

  /** Opens a document for this window, or returns its current text. Rejects as Workspace.document does. */
  async open(id: DocumentId): Promise<OpenedDocument> {
    const held = this.held.get(id) ?? this.hold(id)
    return (await held).document.opened()
  }

  /** Returns a document that this window has open. Throws CLOSED for any other. */
  get(id: DocumentId): SharedDocument {
    const held = this.ready.get(id)
    if (!held) throw new SwarmpadError('CLOSED')
    return held.document
  }

  /** Sets this window's selection in a document; null when its editor lost focus. Throws CLOSED or VERSION_GONE. */
  select(id: DocumentId, selection: Selection | null): void {
    this.selections.set(this.get(id), this, selection)
  }

  /**
   * Asks the window to hand over its edits of a document and to close it, and closes it after 3 s at the latest.
   * Ignores one that is not open.
   */
  async leave(id: DocumentId): Promise<void> {
    if (!this.held.has(id)) return
    let stop = (): void => undefined
    const closed = new Promise<void>((resolve) => {
      stop = this.closed.on('closed', (one) => {
        if (one === id) resolve()
      })
    })
    this.tell('leave', { id })
    if (!(await within(systemEnvironment.clock, leaveLimit, closed))) await this.close(id)
    stop()
  }

  /** Closes a document; pending edits are still saved. Ignores one that is not open. */
  async close(id: DocumentId): Promise<void> {
    const holding = this.held.get(id)
    this.held.delete(id)
    this.ready.delete(id)
    const held = await holding?.catch(() => null)
    if (!held) return
    held.stop()
    this.selections.set(held.document, this, null)
    void release(held.document)
    this.closed.emit('closed', id)
  }

  /** Closes all documents, when the window is gone or reloads its page. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.held.keys()].map((id) => this.close(id)))
  }

  private hold(id: DocumentId): Promise<Held> {
    const holding: Promise<Held> = this.workspace.document(id).then((document) => {
      // Closed while it was being opened: nothing of it is for this window.
      const isWanted = this.held.get(id) === holding
      const stops = (isWanted ? relayedEvents : []).map((name) =>
        document.on(name, (detail) => this.tell(name, detail as never)),
      )
      const held = { document, stop: () => stops.forEach((stop) => void stop()) }
      if (isWanted) this.ready.set(id, held)
      return held
    })
    this.held.set(id, holding)
    holding.catch(() => {
      if (this.held.get(id) === holding) this.held.delete(id)
    })
    return holding
  }
}

/**
 * Releases a handle. A document that cannot be saved stays open and can be shown again; the person is warned
 * when the program quits.
 */
export async function release(document: SharedDocument): Promise<void> {
  try {
    await document.close()
  } catch (error) {
    if (!(error instanceof SwarmpadError)) throw error
  }
}

/** Releases a handle in 10 s, so that the window that opens the document finds it loaded. Returns the document's id. */
export function releaseLater(document: SharedDocument): { id: DocumentId } {
  setTimeout(() => void release(document), keptOpen).unref()
  return { id: document.id }
}
