/**
 * Returns words as Markdown that shows just these words: none of their characters makes a mark. An underscore within a
 * word makes none anyway, and stays readable.
 */
export const escapeMarkdown = (words: string): string =>
  words.replace(/[\\`*[\]<>#|~$=^&]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
