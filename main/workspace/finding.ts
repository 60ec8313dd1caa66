import type { Text } from '@codemirror/state'
import type { DocumentId } from '../../preload/contract/ids'
import type { Backlink, SearchQuery, SearchState } from '../../preload/contract/search'
import { toText } from '../../preload/text'
import { titleReader } from '../../preload/text/markdown/title'
import { titleKey } from '../../preload/text/markdown/wiki-link'
import type { Clock } from '../base/environment'
import { nextTurn } from '../base/next-turn'
import { SerialQueue } from '../base/serial-queue'
import { within } from '../base/timeout'
import { renderText } from '../document/render-text'
import type { StartReplica } from '../document/replica-thread'
import type { Library } from '../library/library'
import type { LibraryEntry } from '../library/library-entry'
import type { Vault } from '../profile/vault'
import type { Repo } from '../repo/repo'
import { DocumentFacts } from '../search/document-facts'
import { DocumentSearch } from '../search/document-search'
import type { ListedDocument } from '../search/search-protocol'
import type { StartSearch } from '../search/search-thread'
import type { KeptDocument } from './kept-document'
import type { OpenDocuments } from './open-documents'
import type { SharedDocument } from './shared-document'
import { heldChanges, UnreadDocuments } from './unread-documents'

/** How long closing waits for the tags and links of the last texts, in ms. */
const factsLimit = 1_000
/** Most documents that link to one. */
const maxBacklinks = 200
/** Titles that are compared in one turn. */
const slice = 1_000

/** Dependencies of `Finding`. */
export interface FindingOptions {
  readonly clock: Clock
  readonly startSearch: StartSearch
  readonly startReplica: StartReplica
  /** The machine has other work. */
  readonly isBusy: () => boolean
  /** Documents that nobody opened are read in the background. */
  readonly readsUnopened: () => boolean
  readonly repo: Repo
  readonly library: () => Library
  readonly documents: OpenDocuments
  /** Stores the texts that are behind. */
  readonly storeTexts: () => Promise<void>
  /** Called when the tags of documents changed. */
  readonly onTags: (ids: readonly DocumentId[]) => void
}

/** Finds documents by their texts: searches, tags, links between them, and what nobody has opened. */
export class Finding {
  private readonly options: FindingOptions
  private readonly searching: DocumentSearch
  private readonly facts: DocumentFacts
  private readonly unread: UnreadDocuments
  private readonly noting = new SerialQueue()
  private isOpen = false
  private readonly keys = new WeakMap<LibraryEntry, string>()

  /** Does no I/O. */
  constructor(options: FindingOptions) {
    const { clock, startSearch, repo } = options
    this.options = options
    this.searching = new DocumentSearch({
      clock,
      startSearch,
      documents: () => this.listed(),
      texts: () => this.library.texts,
      storeTyped: options.storeTexts,
    })
    this.facts = new DocumentFacts({
      read: (id) => this.searching.facts(id),
      onTags: options.onTags,
    })
    this.unread = new UnreadDocuments({
      clock,
      isWanted: options.readsUnopened,
      typed: () => options.documents.typed,
      isBusy: () => !this.isOpen || options.isBusy(),
      unreadChanges: (id, closed) => this.unreadChanges(id, closed),
      read: (id) => this.read(id),
    })
    repo.on('opened', ({ id }) => this.unread.note(id))
    repo.on('stored', ({ document: { id } }) => this.unread.note(id))
    repo.on('rested', ({ id, log }) => this.unread.rested(id, heldChanges(log)))
  }

  /** Reads what is known of the texts. Never rejects. */
  async open(vault: Vault): Promise<void> {
    await this.facts.open(vault)
    this.isOpen = true
  }

  /** Begins a search; see `DocumentSearch`. */
  search(query: SearchQuery, onState: (state: SearchState) => void): { search: number; end: () => void } {
    return this.searching.search(query, onState)
  }

  /** Returns the tags of a document. */
  tagsOf(id: DocumentId): readonly string[] {
    return this.facts.tagsOf(id)
  }

  /** Resolves when the tags and links of what was typed are known. Never rejects. */
  async readTyped(): Promise<void> {
    await this.options.storeTexts()
    await this.noting.idle()
  }

  /** Resolves to the documents that link to one by its title, last edited first. Rejects with DOCUMENT_UNKNOWN. */
  async backlinks(id: DocumentId): Promise<Backlink[]> {
    await this.readTyped()
    const key = titleKey(this.library.entry(id).title)
    if (key === '') return []
    const entries = new Map(this.readable())
    const linking = this.facts.linkingTo(key).filter((other) => other !== id && entries.has(other))
    const latest = linking.sort((a, b) => editedAt(entries.get(b)) - editedAt(entries.get(a)))
    const links = await this.searching.links(key, latest.slice(0, maxBacklinks))
    const namesakes = await this.namesakes(key)
    return links
      .filter(({ target }) => leadsTo(target, namesakes) === id)
      .map(({ id: other, line, at }) => ({ id: other, title: entries.get(other)?.title ?? '', line, at }))
  }

  /** Resolves to the words of a document's headings, each once. Rejects with DOCUMENT_UNKNOWN. */
  async headings(id: DocumentId): Promise<readonly string[]> {
    this.library.entry(id)
    await this.options.storeTexts()
    return this.searching.headings(id)
  }

  /** Handles that the text of an open document was stored; null where the stored one is still right. */
  textStored(id: DocumentId, document: SharedDocument, text: Text | null): void {
    const log = this.options.documents.find(id)?.log
    const held = log && document.isCurrent ? heldChanges(log) : null
    if (text) this.searching.stored(id)
    // Closed before all of it was read: it is read again later.
    if (held === null) this.unread.note(id)
    const isLast = document.ended !== null
    void this.noting.run(() => this.facts.stored(id, { text, held, isLast }))
  }

  /** Handles that the settings changed. */
  settingsChanged(): void {
    this.unread.resume()
  }

  /** Ends all searches, and begins nothing more. Resolves when nothing of it is written any more. */
  async close(): Promise<void> {
    this.unread.stop()
    // Of documents that were just closed. A text without them is read again at the next start.
    await within(this.options.clock, factsLimit, this.noting.idle())
    this.searching.close()
    await this.noting.idle()
  }

  private get library(): Library {
    return this.options.library()
  }

  /** The documents whose text this person can read. */
  private readable(): [id: DocumentId, entry: LibraryEntry][] {
    return this.library.shown.filter(([, { keys }]) => keys.role !== 'keep')
  }

  /** Asked for at every search: copies are made of what is read, and of nothing else. */
  private listed(): ListedDocument[] {
    const listed: ListedDocument[] = []
    for (const [id, { title, editedAt, removedAt, keys }] of this.library.entries)
      if (removedAt === null && keys.role !== 'keep') listed.push({ id, title, editedAt })
    return listed
  }

  /** Returns the documents whose titles have a key, last edited first. */
  private async namesakes(key: string): Promise<[id: DocumentId, entry: LibraryEntry][]> {
    const found: [DocumentId, LibraryEntry][] = []
    for (const [place, document] of this.readable().entries()) {
      if (place % slice === slice - 1) await nextTurn()
      if (this.keyOf(document[1]) === key) found.push(document)
    }
    return found.sort(([, a], [, b]) => editedAt(b) - editedAt(a))
  }

  /** Folding all titles takes long: an entry is never changed, but replaced. */
  private keyOf(entry: LibraryEntry): string {
    const known = this.keys.get(entry)
    if (known !== undefined) return known
    const key = titleKey(entry.title)
    this.keys.set(entry, key)
    return key
  }

  private unreadChanges(id: DocumentId, closed: number | null): number | null {
    const entry = this.library.entries.get(id)
    const kept = this.options.documents.find(id)
    if (!entry?.keys.content || entry.removedAt !== null || kept?.document) return null
    const held = kept ? heldChanges(kept.log) : closed
    return held === null || this.facts.isFresh(id, held) ? null : held
  }

  private async read(id: DocumentId): Promise<boolean> {
    const { repo, documents } = this.options
    const release = repo.hold()
    try {
      return await this.readKept(await documents.keep(id))
    } finally {
      release()
    }
  }

  private async readKept(kept: KeptDocument): Promise<boolean> {
    const { startReplica, clock } = this.options
    const { id } = kept
    const contentKey = this.library.entries.get(id)?.keys.content
    if (!contentKey) return false
    const held = heldChanges(kept.log)
    const rendered = await renderText({ log: kept.log, contentKey, startReplica, clock })
    if (rendered === null) return false
    const text = toText(rendered)
    // Opened meanwhile: its text is stored when it is closed.
    if (!(await kept.storeText(text))) return true
    this.searching.stored(id)
    await this.noting.run(() => this.facts.stored(id, { text, held, isLast: true }))
    const title = titleReader()(text)
    const entry = this.library.entries.get(id)
    if (entry?.removedAt === null && entry.title !== title) await this.library.put({ ...entry, title })
    return true
  }
}

const editedAt = (entry: { editedAt: number | null } | undefined): number => entry?.editedAt ?? 0

/** Returns the document that a link leads to: of those with its key one with this very title, else the first. */
const leadsTo = (target: string, namesakes: readonly [DocumentId, LibraryEntry][]): DocumentId | null =>
  (namesakes.find(([, { title }]) => title === target) ?? namesakes[0])?.[0] ?? null
