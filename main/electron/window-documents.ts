import type { DocumentId, Events, OpenedDocument } from '../../preload/contract'
import { SwarmpadError } from '../base/errors'
import type { SharedDocument } from '../shared-document'
import type { Workspace } from '../workspace'

/** Tells a window something. */
export type Tell = <Name extends keyof Events>(name: Name, detail: Events[Name]) => void

interface Held {
  readonly document: SharedDocument
  readonly stop: () => void
}

/** The events of a document that its window hears. */
const relayed = ['updates', 'status', 'people', 'carets', 'successors'] as const

/** The documents that one window has open, whose events go to it. They end with the window. */
export class WindowDocuments {
  private readonly workspace: Workspace
  private readonly tell: Tell
  private readonly held = new Map<DocumentId, Promise<Held>>()
  private readonly ready = new Map<DocumentId, Held>()

  constructor(options: { workspace: Workspace; tell: Tell }) {
    this.workspace = options.workspace
    this.tell = options.tell
  }

  /** Opens a document for this window, or tells its text anew. Rejects as Workspace.document does. */
  async open(id: DocumentId): Promise<OpenedDocument> {
    const held = this.held.get(id) ?? this.hold(id)
    return (await held).document.opened()
  }

  /** A document that this window has open. Throws CLOSED for any other. */
  get(id: DocumentId): SharedDocument {
    const held = this.ready.get(id)
    if (!held) throw new SwarmpadError('CLOSED', 'This document is not open in this window.')
    return held.document
  }

  /** Lets a document go; what was typed is saved after that. One that is not open is no error. */
  async close(id: DocumentId): Promise<void> {
    const holding = this.held.get(id)
    this.held.delete(id)
    this.ready.delete(id)
    const held = await holding?.catch(() => null)
    if (!held) return
    held.stop()
    void release(held.document)
  }

  /** Lets all go: the window went away, or loads its page anew. */
  async closeAll(): Promise<void> {
    await Promise.all([...this.held.keys()].map((id) => this.close(id)))
  }

  private hold(id: DocumentId): Promise<Held> {
    const holding = this.workspace.document(id).then((document) => {
      const stops = relayed.map((name) => document.on(name, (detail) => this.tell(name, detail as never)))
      const held = { document, stop: () => stops.forEach((stop) => void stop()) }
      if (this.held.get(id) === holding) this.ready.set(id, held)
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
 * Gives a handle back. What cannot be saved stays open and can be shown again; that it is not saved is told when the
 * program ends.
 */
export async function release(document: SharedDocument): Promise<void> {
  try {
    await document.close()
  } catch (error) {
    if (!(error instanceof SwarmpadError)) throw error
  }
}
