import { folderLimits, folderSeparator, isFolderName } from '../../preload/text/folder'

/**
 * Returns the folder of the library for folders of files, from the outermost on. Those too deep for the library are in
 * the last one that fits.
 */
export const libraryFolder = (names: readonly string[]): string =>
  names
    .map((name) =>
      name
        .replace(/[/\p{Cc}\u2028\u2029]/gu, ' ')
        .slice(0, folderLimits.name)
        .toWellFormed()
        .trim(),
    )
    .filter(isFolderName)
    .slice(0, folderLimits.depth)
    .join(folderSeparator)
