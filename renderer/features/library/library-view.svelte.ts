import type { DocumentId } from '../../../preload/contract/ids'
import type { DocumentSummary } from '../../../preload/contract/library'
import type { SearchHit } from '../../../preload/contract/search'
import type { Settings } from '../../../preload/contract/settings'
import { fold } from '../../../preload/text/fold'
import type { Api } from '../../api'
import { queryOf, SearchState } from '../search/search.svelte'
import type { SettingsState } from '../settings/settings.svelte'
import { folderPaths, folderTree, isWithin } from './folders'
import type { LibraryState } from './library.svelte'
import { countTags, filterDocuments, type TagCount, withTags } from './library-words'
import { foundRows, libraryRows, pathOf, type Row, type SectionId } from './rows'
import { Selection } from './selection.svelte'

/** The library as the window shows it: what is searched, filtered, opened and selected in it. */
export class LibraryView {
  /** The search field's text. */
  query = $state('')
  /** The tags that documents must have to be shown, folded. */
  chosenTags = $state.raw<ReadonlySet<string>>(new Set())
  /** Removed documents are shown instead of the library. */
  showsRemoved = $state(false)
  /** Folders that were made here and hold no document yet. */
  private made = $state.raw<readonly string[]>([])
  readonly selection = new Selection()
  readonly search: SearchState

  private readonly library: LibraryState
  private readonly settings: SettingsState

  constructor(api: Api, library: LibraryState, settings: SettingsState) {
    this.search = new SearchState(api)
    this.library = library
    this.settings = settings
  }

  /** Sorts as the settings say, from then on; the result ends this. */
  start(): () => void {
    return this.settings.watch(({ librarySort }) => this.library.sort(librarySort))
  }

  /** Documents with the chosen tags. */
  private readonly tagged = $derived.by(() => withTags(this.library.documents, this.chosenTags))
  private readonly turned = $derived.by(() => new Set(this.settings.value.libraryTurned))
  /** Hits in documents with the chosen tags. */
  private readonly taggedHits: readonly SearchHit[] = $derived.by(() => {
    if (this.chosenTags.size === 0) return this.search.hits
    const ids = new Set(this.tagged.map(({ id }) => id))
    return this.search.hits.filter(({ id }) => ids.has(id))
  })

  /** Paths of all folders, each after the one around it. */
  readonly folders: readonly string[] = $derived.by(() => {
    const paths = new Set([...this.library.documents.map(({ folder }) => folder), ...this.made])
    paths.delete('')
    return folderPaths(folderTree([], [...paths]))
  })

  /** The tags of all documents, the most frequent first, then chosen ones that no document has now. */
  readonly tags: readonly TagCount[] = $derived.by(() => {
    const tags = countTags(this.library.documents)
    const known = new Set(tags.map(({ tag }) => tag))
    const gone = [...this.chosenTags].filter((tag) => !known.has(tag))
    return [...tags, ...gone.map((tag) => ({ tag, words: tag, count: 0 }))]
  })

  /** The rows of the list. */
  readonly rows: readonly Row[] = $derived.by(() => {
    if (this.query.trim() === '')
      return libraryRows(this.tagged, this.chosenTags.size > 0 ? [] : this.made, this.turned)
    const hits = this.taggedHits
    const titled =
      queryOf(this.query)?.kind === 'regexp'
        ? hits.flatMap(({ id, at }) => (at === null ? (this.library.find(id) ?? []) : []))
        : filterDocuments(this.tagged, this.query)
    return foundRows(titled, hits, (id) => this.library.find(id))
  })

  /** Ids of the documents in the list, in its order. */
  readonly order: readonly DocumentId[] = $derived.by(() =>
    this.rows.flatMap((row) => (row.kind === 'document' ? [row.document.id] : [])),
  )

  /** The selected documents among them, in the same order. */
  readonly selected: readonly DocumentId[] = $derived(this.order.filter((id) => this.selection.ids.has(id)))

  /** Searches for other words; with none, shows the library again. */
  setQuery(query: string): void {
    this.query = query
    this.showsRemoved = false
    const wanted = queryOf(query)
    if (wanted === null) this.search.end()
    else this.search.begin(wanted)
  }

  /** Begins a search again that another one of the window ended before it was done. */
  resumeSearch(): void {
    const wanted = queryOf(this.query)
    if (wanted !== null && !this.search.done) this.search.begin(wanted)
  }

  /** Chooses a tag, or ends that. */
  toggleTag(tag: string): void {
    const chosen = new Set(this.chosenTags)
    if (!chosen.delete(tag)) chosen.add(tag)
    this.chosenTags = chosen
  }

  /** Shows the documents that have a tag, and no other. */
  showTagged(tag: string): void {
    this.setQuery('')
    this.chosenTags = new Set([fold(tag)])
  }

  /** Opens or closes a section. */
  turn(section: SectionId): void {
    const turned = new Set<string>(this.turned)
    if (!turned.delete(section)) turned.add(section)
    // Of folders that are gone nothing is kept.
    const kept = [...turned].filter((one) => {
      const path = pathOf(one as SectionId)
      return path === null || this.folders.includes(path)
    })
    void this.settings.change({ libraryTurned: kept })
  }

  /** Sorts the documents in another way, here and in other windows. */
  sort(librarySort: Settings['librarySort']): void {
    void this.settings.change({ librarySort })
  }

  /** Shows a folder that has no documents yet. */
  makeFolder(path: string): void {
    if (!this.folders.includes(path)) this.made = [...this.made, path]
  }

  /** Forgets the empty folders at a path, whose documents went elsewhere; with `to`, they move there. */
  leaveFolder(path: string, to: string | null): void {
    this.made = this.made.flatMap((one) => {
      if (!isWithin(one, path)) return [one]
      return to === null ? [] : [to + one.slice(path.length)]
    })
  }

  /** Returns the documents that an action on `id` means: the selected ones if it is among them, else it alone. */
  meant(id: DocumentId): DocumentSummary[] {
    const { ids } = this.selection
    const meant = ids.has(id) ? this.order.filter((one) => ids.has(one)) : [id]
    return meant.flatMap((one) => this.library.find(one) ?? [])
  }
}
