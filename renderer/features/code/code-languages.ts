import { type Language, LanguageDescription } from '@codemirror/language'
import { languages } from '@codemirror/language-data'

/** Markdown within a fence is shown as it stands: it would look like the document's own. */
const coloured = languages.filter(({ name }) => name !== 'Markdown')

/** Returns the language of a fence by the word after its mark, loaded when it is first needed; null for none. */
export const codeLanguage = (info: string): Language | LanguageDescription | null =>
  LanguageDescription.matchLanguageName(coloured, info, false)

/** Words for a fence that people choose from, in their order. */
export const languageWords: readonly string[] = coloured
  .map(({ name, alias }) => (/^[\w+#-]+$/.test(name) ? name.toLowerCase() : (alias[0] ?? '')))
  .filter((word) => word !== '')
  .sort((a, b) => a.localeCompare(b, 'en'))
