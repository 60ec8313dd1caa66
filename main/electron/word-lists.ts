import { randomUUID } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SpellingLanguage } from '../../preload/contract/settings'
import { streamFile } from '../base/atomic-file'

/** A language's word list: Chromium's code of the language, and the file that it asks for. */
export interface WordList {
  readonly code: string
  readonly file: string
}

/** The word lists that the program ships. The numbers in their names are Chromium's versions of its lists. */
export const wordLists: Readonly<Record<SpellingLanguage, WordList>> = {
  en: { code: 'en-US', file: 'en-US-10-1.bdic' },
  de: { code: 'de', file: 'de-DE-3-0.bdic' },
}

/**
 * Copies word lists to the folder in which Chromium looks for them, each whole or not at all; one that is there
 * already with the same bytes is left. Rejects with the system's error.
 */
export async function placeWordLists(
  languages: readonly SpellingLanguage[],
  { shipped, folder }: { readonly shipped: string; readonly folder: string },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await Promise.all(
    languages.map(async (language) => {
      const { file } = wordLists[language]
      const bytes = await readFile(join(shipped, file))
      const path = join(folder, file)
      const present = await readFile(path).catch(() => null)
      if (!present?.equals(bytes)) await streamFile({ path, content: bytes, unique: randomUUID() })
    }),
  )
}
