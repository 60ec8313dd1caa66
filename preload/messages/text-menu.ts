/** Entries of the menus of text and fields that no command of the table has. */
export const menuWords = {
  noSuggestions: 'No suggestions',
  addWord: 'Add to my words',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  pastePlain: 'Paste without format',
  selectAll: 'Select all',
  openLink: 'Open link',
  openDocument: (title: string) => `Open “${title}”`,
  openInTab: 'Open in a new tab',
  showTag: (tag: string) => `Show documents with #${tag}`,
  copyAddress: 'Copy address',
} as const

/** The notice that spelling is not checked. */
export const spellingOff =
  'Spelling is not checked: the word lists that came with Swarmpad do not work here. Install Swarmpad again.'

/** The notice that spelling is not checked until the person chooses the language again. */
export const spellingUnplaced =
  'The word lists could not be written. Free some space, then choose the language again.'
