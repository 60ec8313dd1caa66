import type { DocumentSummary } from '../../../preload/contract/library'
import type { SearchHit } from '../../../preload/contract/search'
import { countIn, type Folder, folderTree } from './folders'
import { newsOf } from './library-words'

/** A part of the library that a heading stands above: pinned documents, a folder, the rest, the archive, hits. */
export type SectionId = 'pinned' | 'rest' | 'archive' | 'hits' | `folder:${string}`

/** Place of a row among the rows beside it, as screen readers are given it. */
interface Place {
  /** From 1 on. */
  readonly level: number
  /** From 1 on, among those of its level in one section. */
  readonly position: number
  readonly siblings: number
}

/** A heading above a section. */
export interface SectionRow extends Place {
  readonly kind: 'section'
  readonly key: SectionId
  readonly words: string
  readonly count: number
  /** False while its documents are hidden; null for one that cannot be closed. */
  readonly open: boolean | null
}

/** A document. */
export interface DocumentRow extends Place {
  readonly kind: 'document'
  readonly key: string
  readonly document: DocumentSummary
  /** Where its text has the searched words. */
  readonly hit: SearchHit | null
  readonly section: SectionId | null
}

/** A row of the list. */
export type Row = SectionRow | DocumentRow

/** Heights of rows, in px. */
const heights = { section: 32, document: 34, withLine: 52 } as const

/** Returns the height of a row, in px. */
export function rowHeight(row: Row): number {
  if (row.kind === 'section') return heights.section
  return row.hit !== null || newsOf(row.document) !== null ? heights.withLine : heights.document
}

/** Returns the section of a folder. */
export const folderSection = (path: string): SectionId => `folder:${path}`

/** Returns the path of a folder's section; null for any other section. */
export const pathOf = (section: SectionId): string | null =>
  section.startsWith('folder:') ? section.slice('folder:'.length) : null

/** Sections that are closed until somebody opens them. */
const closedAtFirst: ReadonlySet<SectionId> = new Set(['archive'])

/** True if a section is open. `turned` has those that were opened or closed, unlike at first. */
export const isOpen = (section: SectionId, turned: ReadonlySet<string>): boolean =>
  closedAtFirst.has(section) === turned.has(section)

/**
 * Returns the rows of sorted documents: pinned ones, folders, the rest, the archive. Without any of these, the
 * documents stand without headings. One pass over the documents; nothing is sorted but folders.
 */
export function libraryRows(
  documents: readonly DocumentSummary[],
  made: readonly string[],
  turned: ReadonlySet<string>,
): Row[] {
  const [pinned, filed, rest, archived]: DocumentSummary[][] = [[], [], [], []]
  for (const document of documents) {
    const part = document.archived ? archived : document.pinned ? pinned : document.folder ? filed : rest
    part?.push(document)
  }
  const folders = folderTree(filed ?? [], made)
  const tops: Top[] = [
    { key: 'pinned', words: 'Pinned', documents: pinned ?? [], folders: [] },
    ...folders.map(topOf),
    {
      key: 'rest',
      words: folders.length > 0 ? 'No folder' : 'Documents',
      documents: rest ?? [],
      folders: [],
    },
    { key: 'archive', words: 'Archive', documents: archived ?? [], folders: [] },
  ]
  const shown = tops.filter(({ key, documents }) => documents.length > 0 || pathOf(key) !== null)
  if (shown.every(({ key }) => key === 'rest')) return documentRows(rest ?? [], null, 1)
  const rows: Row[] = []
  shown.forEach((top, index) => {
    addTop(rows, top, turned, { level: 1, position: index + 1, siblings: shown.length })
  })
  return rows
}

/** A section before it is laid out. */
interface Top {
  readonly key: SectionId
  readonly words: string
  readonly documents: readonly DocumentSummary[]
  readonly folders: readonly Folder[]
}

const topOf = ({ path, name, documents, folders }: Folder): Top => ({
  key: folderSection(path),
  words: name,
  documents,
  folders,
})

function addTop(
  rows: Row[],
  { key, words, documents, folders }: Top,
  turned: ReadonlySet<string>,
  place: Place,
) {
  const open = isOpen(key, turned)
  const count = documents.length + folders.reduce((sum, folder) => sum + countIn(folder), 0)
  rows.push({ kind: 'section', key, words, count, open, ...place })
  if (!open) return
  const level = place.level + 1
  const siblings = folders.length + documents.length
  folders.forEach((folder, index) => {
    addTop(rows, topOf(folder), turned, { level, position: index + 1, siblings })
  })
  for (const row of documentRows(documents, key, level, folders.length)) rows.push(row)
}

function documentRows(
  documents: readonly DocumentSummary[],
  section: SectionId | null,
  level: number,
  before = 0,
  after = 0,
): DocumentRow[] {
  const siblings = before + documents.length + after
  return documents.map((document, index) => ({
    kind: 'document',
    key: document.id,
    document,
    hit: null,
    section,
    level,
    position: before + index + 1,
    siblings,
  }))
}

/** Returns the rows of a search: documents found by their titles, then those found by their texts, best first. */
export function foundRows(
  titled: readonly DocumentSummary[],
  hits: readonly SearchHit[],
  find: (id: string) => DocumentSummary | null,
): Row[] {
  const inText = new Map(hits.filter(({ at }) => at !== null).map((hit) => [hit.id, hit]))
  const isTitled = new Set(titled.map(({ id }) => id))
  const others = [...inText.keys()].flatMap((id) => (isTitled.has(id) ? [] : (find(id) ?? [])))
  const withHit = (row: DocumentRow): DocumentRow => ({ ...row, hit: inText.get(row.key) ?? null })
  const after = others.length > 0 ? 1 : 0
  const rows: Row[] = documentRows(titled, null, 1, 0, after).map(withHit)
  if (others.length === 0) return rows
  const place = { level: 1, position: titled.length + 1, siblings: titled.length + 1 }
  rows.push({ kind: 'section', key: 'hits', words: 'In texts', count: others.length, open: null, ...place })
  return [...rows, ...documentRows(others, 'hits', 2).map(withHit)]
}
