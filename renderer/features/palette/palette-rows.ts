import { type Command, type CommandId, commands, type System } from '../../../preload/commands'
import type { DocumentId } from '../../../preload/contract/ids'
import type { DocumentSummary } from '../../../preload/contract/library'
import { maxCount, type SearchHit } from '../../../preload/contract/search'
import { countWords, dateWords, titleWords } from '../../../preload/messages/format'
import { keyWords } from './key-words'
import { type Mark, marksIn, rank } from './rank'

/** The action of a row. */
export type Choice =
  | { readonly kind: 'document'; readonly id: DocumentId; readonly at: { from: number; to: number } | null }
  | { readonly kind: 'new'; readonly title: string }
  | { readonly kind: 'find'; readonly words: string }
  | { readonly kind: 'command'; readonly id: CommandId }

/** A row of the palette. */
export interface Row {
  /** Names the row among all others, while results come and go. */
  readonly key: string
  readonly words: string
  /** Stretches of the words that were looked for. */
  readonly marks: readonly Mark[]
  /** The line of the text that was found, with what was looked for. */
  readonly line: { readonly words: string; readonly marks: readonly Mark[] } | null
  /** Quiet words at the end of the row. */
  readonly about: string
  /** Keys that do the same. */
  readonly keys: string
  readonly choice: Choice
}

/** Rows under one heading. */
export interface Group {
  readonly name: string
  readonly rows: readonly Row[]
}

/** Maximum number of documents found by their titles. */
const mostTitles = 50
/** Maximum number of documents found by their texts. */
const mostHits = 50
/** Maximum number of documents before anything was typed. */
const mostRecent = 20

/** Commands that the palette does not offer: they open it, or do nothing from here. */
const left: ReadonlySet<CommandId> = new Set(['go-to', 'commands', 'close-find', 'tab-moves-focus'])

/**
 * Returns documents in the order in which a person is likely to want them: those opened last (`opened`, the last
 * first), then those edited last, and at the end the one on screen.
 */
export function byUse(
  documents: readonly DocumentSummary[],
  opened: readonly DocumentId[],
  current: DocumentId | null,
): DocumentSummary[] {
  const places = new Map(opened.map((id, index) => [id, index]))
  const place = ({ id }: DocumentSummary) => (id === current ? Infinity : (places.get(id) ?? opened.length))
  return [...documents].sort((a, b) => place(a) - place(b) || (b.editedAt ?? 0) - (a.editedAt ?? 0) || 0)
}

/** Returns the documents in the order given, as they are offered before anything was typed. */
export const recentRows = (documents: readonly DocumentSummary[], now: number): Row[] =>
  documents.slice(0, mostRecent).map((document) => documentRow(document, [], now))

/** Returns the documents whose titles answer a query. */
export const titleRows = (documents: readonly DocumentSummary[], query: string, now: number): Row[] =>
  rank(documents, ({ title }) => titleWords(title), query, mostTitles).map((document) =>
    documentRow(document, marksIn(titleWords(document.title), query), now),
  )

const titleKey = (id: DocumentId): string => `title ${id}`

function documentRow({ id, title, editedAt }: DocumentSummary, marks: readonly Mark[], now: number): Row {
  return {
    key: titleKey(id),
    words: titleWords(title),
    marks,
    line: null,
    about: editedAt === null ? '' : dateWords(editedAt, now),
    keys: '',
    choice: { kind: 'document', id, at: null },
  }
}

/** Returns the documents in whose text something was found, best first, apart from titles that are listed already. */
export function hitRows(hits: readonly SearchHit[], titles: readonly Row[]): Row[] {
  const listed = new Set(titles.map(({ key }) => key))
  return hits
    .filter(({ id, at, where }) => at !== null && !(where === 'title' && listed.has(titleKey(id))))
    .slice(0, mostHits)
    .map(({ id, title, line, marks, at, count }) => ({
      key: `text ${id}`,
      words: titleWords(title),
      marks: [],
      line: { words: line, marks },
      about: count >= maxCount ? `${maxCount}+ places` : countWords(count, 'place', 'places'),
      keys: '',
      choice: { kind: 'document', id, at },
    }))
}

/** Returns what else can be done with the words typed; `hasText` if a document is on screen. */
export function doRows(words: string, hasText: boolean, system: System): Row[] {
  const row = (key: string, text: string, id: CommandId, choice: Choice): Row => ({
    key,
    words: text,
    marks: [],
    line: null,
    about: '',
    keys: keyWords(commandOf(id), system),
    choice,
  })
  return [
    row('new', `New document “${words}”`, 'new-document', { kind: 'new', title: words }),
    ...(hasText ? [row('find', `Find “${words}” in this document`, 'find', { kind: 'find', words })] : []),
  ]
}

/** Returns the commands whose titles answer a query; those of the text only if a document is on screen. */
export function commandRows(query: string, hasText: boolean, system: System): Row[] {
  const usable = commands.filter(
    ({ id, context }) => !left.has(id) && (hasText || context === 'window' || context === 'program'),
  )
  return rank<Command & { readonly id: CommandId }>(usable, commandTitle, query, usable.length).map(
    (command) => ({
      key: command.id,
      words: commandTitle(command),
      marks: marksIn(commandTitle(command), query),
      line: null,
      about: command.place ? menuNames[command.place.menu] : '',
      keys: keyWords(command, system),
      choice: { kind: 'command', id: command.id },
    }),
  )
}

const menuNames = { file: 'File', edit: 'Edit', format: 'Format', view: 'View', window: 'Window' } as const

/** The title of a command without the sign before the letter that chooses it in a menu. */
const commandTitle = ({ title }: Command): string => title.replace('&', '')

function commandOf(id: CommandId): Command {
  const command = commands.find((one) => one.id === id)
  if (!command) throw new Error(`no command ${id}`)
  return command
}

/** Says how much was found, for people who do not see the list. */
export function foundWords(groups: readonly Group[]): string {
  const parts = groups.flatMap(({ name, rows }) => (name === 'Do' ? [] : `${name}: ${rows.length}`))
  return parts.length === 0 ? 'Nothing found' : parts.join(', ')
}
