import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { SwarmpadError } from '../base/errors'

/** Limits of a folder that is read: folders inside each other, and files in all. */
export const folderBounds = { depth: 32, files: 50_000 } as const

const texts = /^\.(md|markdown|mdown|txt)$/i
const pictures = /^\.(png|jpe?g|gif|webp|avif|svg|bmp|tiff?|heic)$/i

/** A file of text in a folder. */
export interface FoundText {
  readonly path: string
  /** Names of the folders around it, from the one that was chosen on, which is left out. */
  readonly folders: readonly string[]
  /** Its name without its ending. */
  readonly stem: string
}

/** Contents of a folder and of those inside it. */
export interface FoundFiles {
  /** The texts, folder by folder. */
  readonly texts: readonly FoundText[]
  readonly pictures: number
  /** Number of files of other kinds. */
  readonly others: number
  /** Number of folders that could not be read, or are nested too deep. */
  readonly unread: number
}

const byName = new Intl.Collator('en', { numeric: true })

/**
 * Lists the files in a folder and in those inside it. Leaves out what is hidden, as names with a dot in front are, and
 * does not follow links between folders. Rejects with FOLDER_UNUSABLE if the folder itself cannot be read or has too
 * many files, and with CLOSED when `signal` aborts.
 */
export async function walkFolder(root: string, signal: AbortSignal): Promise<FoundFiles> {
  const found = { texts: [] as FoundText[], pictures: 0, others: 0, unread: 0 }
  for await (const { entry, folder, folders } of filesIn(root, [])) {
    if (signal.aborted) throw new SwarmpadError('CLOSED')
    if (!entry) {
      if (folders.length === 0) throw unusable('unreadable')
      found.unread++
      continue
    }
    const ending = extname(entry.name)
    if (texts.test(ending))
      found.texts.push({
        path: join(folder, entry.name),
        folders,
        stem: entry.name.slice(0, -ending.length),
      })
    else if (pictures.test(ending)) found.pictures++
    else found.others++
    if (found.texts.length > folderBounds.files) throw unusable('full')
  }
  return found
}

const unusable = (because: 'unreadable' | 'full'): SwarmpadError =>
  new SwarmpadError('FOLDER_UNUSABLE', { because, most: folderBounds.files })

interface Entry {
  /** A file; null for a folder that could not be read. */
  readonly entry: Dirent | null
  readonly folder: string
  readonly folders: readonly string[]
}

async function* filesIn(folder: string, folders: readonly string[]): AsyncGenerator<Entry> {
  const entries = folders.length > folderBounds.depth ? null : await entriesOf(folder)
  if (!entries) yield { entry: null, folder, folders }
  for (const entry of entries ?? []) if (entry.isFile()) yield { entry, folder, folders }
  for (const entry of entries ?? [])
    if (entry.isDirectory()) yield* filesIn(join(folder, entry.name), [...folders, entry.name])
}

async function entriesOf(folder: string): Promise<Dirent[] | null> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => byName.compare(a.name, b.name) || (a.name < b.name ? -1 : 1))
  } catch {
    return null
  }
}
