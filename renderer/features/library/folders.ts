import type { DocumentSummary } from '../../../preload/contract/library'
import { folderLimits, isFolder } from '../../../preload/text/folder'
import { compareNames } from './order'

/** A folder with the folders and documents in it. */
export interface Folder {
  /** Names from the outermost on, joined by '/'. */
  readonly path: string
  readonly name: string
  readonly folders: Folder[]
  readonly documents: DocumentSummary[]
}

/** Returns the path of the folder around a folder; '' for an outermost one. */
export const outerPath = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** Returns where the innermost name of a path begins, in UTF-16 code units; its end if it ends with '/'. */
export const nameStart = (path: string): number => path.lastIndexOf('/') + 1

/** Returns the innermost name of a path. */
export const folderName = (path: string): string => path.slice(nameStart(path))

/** Returns a path as people read it; 'No folder' for ''. */
export const pathWords = (path: string): string => path.split('/').join(' › ') || 'No folder'

/** Returns the folders that documents may be moved to; '', first, takes them out of theirs if one is in a folder. */
export const moveTargets = (
  documents: readonly Pick<DocumentSummary, 'folder'>[],
  folders: readonly string[],
): string[] => [...(documents.some(({ folder }) => folder !== '') ? [''] : []), ...folders]

/** True for `path` itself and the folders in it. */
export const isWithin = (folder: string, path: string): boolean =>
  folder === path || folder.startsWith(`${path}/`)

/** Returns a typed path as it is kept, or the reason why it cannot be one, in plain words. */
export function readPath(typed: string): { readonly path: string } | { readonly problem: string } {
  const names = typed.split('/').map((name) => name.normalize('NFC').trim())
  const path = names.join('/')
  if (path !== '' && isFolder(path)) return { path }
  if (names.some((name) => name === ''))
    return { problem: names.length > 1 ? 'Each folder needs a name.' : 'Type a name.' }
  if (names.length > folderLimits.depth)
    return { problem: `At most ${folderLimits.depth} folders can lie in each other.` }
  if (names.some((name) => name.length > folderLimits.name))
    return { problem: `A name can have up to ${folderLimits.name} letters.` }
  return { problem: 'A name cannot have line breaks, tabs or invisible letters.' }
}

/** Returns the folders of documents as a tree, sorted by name. `made` are further paths, of empty folders. */
export function folderTree(documents: readonly DocumentSummary[], made: readonly string[]): Folder[] {
  const outermost: Folder[] = []
  const known = new Map<string, Folder>()
  const folderOf = (path: string): Folder => {
    const before = known.get(path)
    if (before) return before
    const folder = { path, name: folderName(path), folders: [], documents: [] }
    known.set(path, folder)
    const outer = outerPath(path)
    const beside = outer === '' ? outermost : folderOf(outer).folders
    beside.push(folder)
    return folder
  }
  for (const path of made) folderOf(path)
  for (const document of documents) folderOf(document.folder).documents.push(document)
  sortFolders(outermost)
  return outermost
}

function sortFolders(folders: Folder[]): void {
  folders.sort((a, b) => compareNames(a.name, b.name))
  for (const folder of folders) sortFolders(folder.folders)
}

/** Returns the paths of all folders, each after the one around it. */
export function folderPaths(folders: readonly Folder[]): string[] {
  return folders.flatMap(({ path, folders }) => [path, ...folderPaths(folders)])
}

/** Returns the number of documents in a folder and in the folders in it. */
export const countIn = (folder: Folder): number =>
  folder.documents.length + folder.folders.reduce((sum, inner) => sum + countIn(inner), 0)
