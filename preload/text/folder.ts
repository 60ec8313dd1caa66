/** Limits on folders: code units (UTF-16) of each name, and how deep they nest. */
export const folderLimits = { name: 100, depth: 8 } as const

/** Stands between the names of a folder's path. */
export const folderSeparator = '/'

/** Returns true for a sound name of a folder: not empty, trimmed, with no '/' and no control characters. */
export const isFolderName = (name: string): boolean =>
  name !== '' &&
  name.length <= folderLimits.name &&
  name.trim() === name &&
  name.isWellFormed() &&
  !/[/\p{Cc}\u2028\u2029]/u.test(name)

/** Returns true for the path of a folder: sound names from the outermost on, joined by '/'; '' for no folder. */
export function isFolder(path: string): boolean {
  if (path === '') return true
  const names = path.split(folderSeparator)
  return names.length <= folderLimits.depth && names.every(isFolderName)
}
