import type { CommandId, System } from '../../../preload/commands'
import type { DocumentId } from '../../../preload/contract/ids'
import type { DocumentSummary } from '../../../preload/contract/library'
import { queryOf, type SearchState } from '../search/search.svelte'
import {
  byUse,
  commandRows,
  doRows,
  foundWords,
  type Group,
  hitRows,
  type Row,
  recentRows,
  titleRows,
} from './palette-rows'

/** Where a document is shown. */
export type How = 'here' | 'tab' | 'side'

/** State and services of the window that the palette uses. */
export interface PaletteServices {
  readonly search: SearchState
  system(): System
  documents(): readonly DocumentSummary[]
  /** Now, in ms since the epoch. */
  now(): number
  /** The document on screen; null without one. */
  current(): DocumentId | null
  show(id: DocumentId, at: { from: number; to: number } | null, how: How): void
  create(title: string): void
  /** Finds words in the document on screen. */
  find(words: string): void
  run(command: CommandId): void
  /** The palette has gone from the screen; the search of the window is free. */
  ended(): void
}

/** Maximum number of documents that are remembered as opened. */
const mostOpened = 100

/** The rows of the palette, and the one that is chosen. */
export class PaletteState {
  /** The text that the person typed; commands after '>'. */
  query = $state('')
  /** Documents shown in this window, the last one first. */
  private opened = $state.raw<readonly DocumentId[]>([])
  /** The row that the person moved to, or that was the first; null before there was one. */
  private chosen = $state<string | null>(null)
  private readonly services: PaletteServices

  private readonly typed: string = $derived(this.query.trim())
  /** Documents in the order in which they are offered. */
  private readonly documents: readonly DocumentSummary[] = $derived.by(() =>
    byUse(this.services.documents(), this.opened, this.services.current()),
  )
  readonly groups: readonly Group[] = $derived.by(() => this.find())
  readonly rows: readonly Row[] = $derived(this.groups.flatMap(({ rows }) => rows))
  /** The row that Enter chooses; null while it is not known. */
  readonly selected: Row | null = $derived.by(() => {
    const chosen = this.rows.find(({ key }) => key === this.chosen)
    const first = this.rows[0]
    if (chosen || !first) return chosen ?? null
    // Better answers may be on their way.
    return this.isSearching && (first.choice.kind === 'new' || first.choice.kind === 'find') ? null : first
  })
  /** The selected row answers what was typed last, so that Enter may choose it. */
  readonly isSettled: boolean = $derived.by(
    () => this.selected !== null && (this.services.search.isCurrent || this.selected.line === null),
  )
  /** Words for what was found; '' while that is not known. */
  readonly found: string = $derived(this.isSearching || this.typed === '' ? '' : foundWords(this.groups))

  constructor(services: PaletteServices) {
    this.services = services
  }

  /** The search in all texts is under way. */
  get isSearching(): boolean {
    return !this.services.search.done && this.services.search.hits.length === 0
  }

  /** Why what was typed cannot be looked for, in plain words; '' if it can. */
  get trouble(): string {
    const { failure } = this.services.search
    if (failure === 'invalid') return 'This is not a valid regular expression.'
    if (failure === 'stopped') return 'The search broke off. Change a letter to search again.'
    return failure === 'slow' ? 'This expression takes too long to look for. Try a simpler one.' : ''
  }

  /** Notes that a document is on screen. */
  shown(id: DocumentId): void {
    if (this.opened[0] !== id)
      this.opened = [id, ...this.opened.filter((one) => one !== id)].slice(0, mostOpened)
  }

  /** Takes what the person typed. */
  type(typed: string): void {
    this.query = typed
    this.chosen = null
    const { search } = this.services
    const query = typed.startsWith('>') ? null : queryOf(typed)
    if (query) search.begin(query)
    else search.end()
  }

  /** Ends the search, and lets the rest of the window search. */
  end(): void {
    this.services.search.end()
    this.services.ended()
  }

  /** Keeps the row that is selected once all was looked through; until then it is the best one, unless the person moved. */
  pin(): void {
    if (this.selected && this.isSettled && this.services.search.done) this.chosen ??= this.selected.key
  }

  /** Selects a row. */
  select(row: Row): void {
    this.chosen = row.key
  }

  /** Moves the selection by so many rows; a single step goes around at the ends. */
  move(by: number): void {
    const { rows, selected } = this
    if (rows.length === 0) return
    const index = rows.findIndex(({ key }) => key === selected?.key)
    const last = rows.length - 1
    const next = index + by
    const around =
      Math.abs(by) === 1 ? (next < 0 ? last : next > last ? 0 : next) : Math.max(0, Math.min(next, last))
    this.chosen = rows[around]?.key ?? null
  }

  /** Does what a row says. */
  choose({ choice }: Row, how: How): void {
    const { services } = this
    if (choice.kind === 'document') services.show(choice.id, choice.at, how)
    else if (choice.kind === 'new') services.create(choice.title)
    else if (choice.kind === 'find') services.find(choice.words)
    else services.run(choice.id)
  }

  private find(): Group[] {
    const { services, typed, documents } = this
    const now = services.now()
    const hasText = services.current() !== null
    if (typed.startsWith('>'))
      return named({ name: 'Commands', rows: commandRows(typed.slice(1).trim(), hasText, services.system()) })
    if (typed === '') return named({ name: 'Recent', rows: recentRows(documents, now) })
    const titles = titleRows(documents, typed, now)
    return named(
      { name: 'Documents', rows: titles },
      { name: 'In texts', rows: hitRows(services.search.hits, titles) },
      { name: 'Do', rows: doRows(typed, hasText, services.system()) },
    )
  }
}

/** Leaves out what has no rows. */
const named = (...groups: Group[]): Group[] => groups.filter(({ rows }) => rows.length > 0)
