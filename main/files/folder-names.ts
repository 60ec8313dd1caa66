/** Limits of folders in the library: names inside each other, and UTF-16 code units of a name. */
const bounds = { depth: 8, name: 100 } as const

// biome-ignore lint/complexity/useRegexLiterals: as a literal these characters could not be seen
const unfit = new RegExp('[\\u0000-\\u001f\\u007f-\\u009f/]', 'g')

/**
 * Returns the folder of the library for folders of files, from the outermost on. Those too deep for the library are in
 * the last one that fits.
 */
export const libraryFolder = (names: readonly string[]): string =>
  names
    .map((name) => name.replace(unfit, ' ').slice(0, bounds.name).toWellFormed().trim())
    .filter((name) => name !== '')
    .slice(0, bounds.depth)
    .join('/')
