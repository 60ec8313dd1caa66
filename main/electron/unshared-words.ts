/** Maximum number of titles listed; the rest are given as a count. */
const mostTitles = 5

/** A question before quitting, in plain words. */
export interface QuitQuestion {
  readonly message: string
  readonly detail: string
  /** The first one keeps the program running. */
  readonly buttons: readonly [stay: string, quit: string]
}

/** Returns the question about documents with these titles, saved here but with last edits that nobody else has. */
export const unsharedWords = (titles: readonly string[]): QuitQuestion => ({
  message: `Your last words in ${placeOf(titles)} are on this computer only`,
  detail: `They are saved here, and nobody else has confirmed them yet. Others get them when Swarmpad runs here and they, or a keeper, are there too.${listOf(titles)}`,
  buttons: ['Stay', 'Quit'],
})

/** Returns the question about documents with these titles, whose last edits are not saved. */
export const unsavedWords = (titles: readonly string[]): QuitQuestion => ({
  message: `Your last words in ${placeOf(titles)} are not saved`,
  detail: `They are lost when Swarmpad ends. Stay to copy them, or to let Swarmpad save them: it keeps trying, and tells above the text what keeps it from that.${listOf(titles)}`,
  buttons: ['Stay', 'Quit and lose them'],
})

function placeOf(titles: readonly string[]): string {
  const [first = ''] = titles
  return titles.length === 1 ? `“${first}”` : `${titles.length} documents`
}

function listOf(titles: readonly string[]): string {
  if (titles.length === 1) return ''
  const named = titles.slice(0, mostTitles).map((title) => `“${title}”`)
  const more = titles.length > mostTitles ? [`and ${titles.length - mostTitles} more`] : []
  return `\n\n${[...named, ...more].join('\n')}`
}
