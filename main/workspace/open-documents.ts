import type { DocumentId } from '../../preload/contract/ids'
import { repairedWords } from '../../preload/messages/damage'
import type { RestoreTarget } from '../backup/restore-document'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'
import { unknownDocument } from '../library/library'
import type { Repo } from '../repo/repo'
import type { DocumentSync } from '../sync/document-sync'
import { KeptDocument, type KeptDocumentHost } from './kept-document'
import { isNotSaved, notSaved } from './saving-watch'
import type { SharedDocument } from './shared-document'
import { snapshotCheck } from './sharing-terms'

/** How long leaving waits for what was typed to become durable, in ms: a disk that refuses must not hold it up. */
const leaveLimit = 3_000

/** Parts of the workspace that `OpenDocuments` needs. */
export interface OpenDocumentsOptions extends Omit<KeptDocumentHost, 'open' | 'share'> {
  readonly repo: Repo
}

/** The documents of a library whose logs are open, and those of them that are open themselves. */
export class OpenDocuments {
  private readonly options: OpenDocumentsOptions
  private readonly repo: Repo
  private readonly kept = new Map<DocumentId, KeptDocument>()
  private closing = false
  /** Those that were open when closing began. */
  private ending: readonly SharedDocument[] = []

  /** Does no I/O. */
  constructor(options: OpenDocumentsOptions) {
    const { repo, recorder } = options
    this.options = options
    this.repo = repo
    const host = {
      ...options,
      open: (id: DocumentId) => this.document(id),
      share: (id: DocumentId) => this.share(id),
    }
    repo.on('opened', (document) => {
      // The person's private document is in no library.
      if (options.library().entries.has(document.id))
        this.kept.set(document.id, new KeptDocument(document, host))
    })
    repo.on('rested', ({ id }) => {
      this.find(id)?.stop()
      this.kept.delete(id)
    })
    repo.on('stored', ({ document: { id } }) => recorder.note(id))
    repo.on('repaired', ({ document: { id }, by }) => {
      const entry = options.library().entries.get(id)
      if (entry) options.onNotice(repairedWords(entry.title, by))
    })
    repo.on('peers', ({ id }) => {
      recorder.note(id)
      this.find(id)?.noticeOthers()
      this.find(id)?.reportPeers()
    })
    repo.on('reconnected', ({ id }) => this.find(id)?.reconnected())
    repo.on('manifest', ({ document: { id }, manifest }) => {
      this.find(id)?.learnManifest(manifest).catch(options.onFailure)
    })
    repo.on('reachability', () => {
      for (const { document } of this.all()) document?.refresh()
    })
  }

  /** Returns a document whose log is open; null for all others. */
  find(id: DocumentId): KeptDocument | null {
    return this.kept.get(id) ?? null
  }

  /** When the person edited one of them last, as `clock.uptime()`; -Infinity for never. */
  get typed(): number {
    return Math.max(...this.all().map(({ document }) => document?.times.typed ?? Number.NEGATIVE_INFINITY))
  }

  /** Opens and shares a document's log if it is not yet. Rejects with DOCUMENT_UNKNOWN or STORE_DAMAGED. */
  async keep(id: DocumentId): Promise<KeptDocument> {
    await this.repo.keep(id)
    const kept = this.kept.get(id)
    // Removed from the library meanwhile.
    if (!kept) throw unknownDocument()
    return kept
  }

  /** Resolves to true if nothing here needs the open log of a document. */
  async mayRest(id: DocumentId): Promise<boolean> {
    return (await this.find(id)?.mayRest()) ?? true
  }

  /** Lets all logs that are open stay so until the returned function is called. */
  hold(): () => void {
    return this.repo.hold()
  }

  /** Opens a document of the library. Rejects with DOCUMENT_UNKNOWN, or ROLE_TOO_LOW for a kept one. */
  async document(id: DocumentId): Promise<SharedDocument> {
    for (;;) {
      if (this.options.library().entry(id).removedAt !== null) throw unknownDocument()
      const kept = await this.keep(id)
      const document = await kept.retain()
      if (document) return document
      if (this.closing) throw new SwarmpadError('CLOSED')
    }
  }

  /** Applies the better keys that the library now has for a document: reconnects to the peers with them. */
  async upgrade(id: DocumentId): Promise<void> {
    const kept = await this.keep(id)
    this.repo.reconnect(id)
    kept.upgraded()
  }

  /**
   * Notes that others may have a document of the library or a link to it, and announces it. Rejects with
   * DOCUMENT_UNKNOWN or STORE_WRITE_FAILED.
   */
  async share(id: DocumentId): Promise<void> {
    const library = this.options.library()
    const entry = library.entry(id)
    this.repo.share(id)
    if (!entry.shared) await library.put({ ...entry, shared: true })
  }

  /** Saves what was typed in a document, ends it and closes its log. */
  drop(id: DocumentId): Promise<void> {
    return this.repo.drop(id, async () => {
      const kept = this.find(id)
      this.kept.delete(id)
      kept?.stop()
      await kept?.document?.end(leaveLimit)
    })
  }

  /** Returns where a backup's part of a document goes. Rejects with DOCUMENT_UNKNOWN or STORE_DAMAGED. */
  async restoreTarget(id: DocumentId): Promise<Omit<RestoreTarget, 'own'>> {
    const { log, parts } = await this.keep(id)
    const { keys } = this.options.library().entry(id)
    const { startReplica, environment } = this.options
    const isSound = snapshotCheck(keys, { startReplica, clock: environment.clock })
    return { log, parts, verify: keys.verify, isSound: isSound && ((snapshot) => isSound(snapshot, log)) }
  }

  /** Shows this person's present name to the peers of all documents. */
  refreshPresence(): void {
    for (const { document, peers } of this.all())
      if (document) document.refresh()
      else peers.setPresence({ ...this.options.self(), caret: null })
  }

  /** Waits for what was typed to become durable in the logs, but not for long. */
  async flush(limit = leaveLimit): Promise<void> {
    await Promise.all(this.all().map(({ document }) => document?.savedWithin(limit)))
  }

  /** Documents of which edits are not durable here, after `limit` ms in which they may become so. */
  async unsaved(limit: number): Promise<DocumentId[]> {
    await this.flush(limit)
    return this.all().flatMap(({ id, document }) => (document?.unsavedEdits ? [id] : []))
  }

  /**
   * Documents that are saved here with all that was typed, of which edits made in this run are nowhere else, though
   * someone else has them or a link to them. Saves what was typed, and waits a moment for who is there to confirm it.
   */
  async unshared(): Promise<DocumentId[]> {
    await this.flush()
    const found = () =>
      this.all().filter(
        ({ peers, document, isShared }) =>
          (peers.newUnshared || document?.isJournaled) && !document?.unsavedEdits && isShared,
      )
    const confirmed = Promise.all(found().map(({ peers }) => confirmedByPeers(peers)))
    await within(this.options.environment.clock, leaveLimit, confirmed)
    return found().map(({ id }) => id)
  }

  /**
   * Ends all open documents, with what was typed saved within `limit` ms; `lost` tells what was not saved. Their logs
   * stay open. Rejects when one fails otherwise, after all have ended.
   */
  async close(limit: number): Promise<void> {
    this.closing = true
    await this.repo.idle()
    for (const kept of this.all()) kept.stop()
    this.ending = this.all().flatMap(({ document }) => document ?? [])
    const ends = await Promise.allSettled(this.ending.map((document) => document.end(limit)))
    for (const end of ends) if (end.status === 'rejected' && !isNotSaved(end.reason)) throw end.reason
  }

  /** NOT_SAVED for edits that `close` has not saved yet; null without any. Closing a log tries again. */
  get lost(): SwarmpadError | null {
    const lost = this.ending.map((document) => document.unsavedEdits).filter((edits) => edits > 0)
    return lost.length > 0
      ? notSaved(
          lost.reduce((sum, edits) => sum + edits),
          lost.length,
        )
      : null
  }

  private all(): KeptDocument[] {
    return [...this.kept.values()]
  }
}

/** Resolves when all that was made in this run is confirmed, at once where nobody is there who could. */
function confirmedByPeers(peers: DocumentSync): Promise<void> {
  const isOver = () =>
    !peers.newUnshared ||
    !peers.peers.some(({ connected, outdated, full }) => connected && !outdated && !full)
  return new Promise((resolve) => {
    const look = () => {
      if (!isOver()) return
      stop()
      resolve()
    }
    const stop = peers.onChange(look)
    look()
  })
}
