/** Titles that are named; of more only the number is told. */
const mostTitles = 5

/** The question before quitting while the last words in documents of these titles are on this computer only. */
export function unsharedWords(titles: readonly string[]): { message: string; detail: string } {
  const [first = ''] = titles
  const where = titles.length === 1 ? `“${first}”` : `${titles.length} documents`
  const named = titles.slice(0, mostTitles).map((title) => `“${title}”`)
  const more = titles.length > mostTitles ? [`and ${titles.length - mostTitles} more`] : []
  const list = titles.length === 1 ? '' : `\n\n${[...named, ...more].join('\n')}`
  return {
    message: `Your last words in ${where} are on this computer only`,
    detail: `They are saved here, and nobody else has confirmed them yet. Others get them when Swarmpad runs here and they, or a keeper, are there too.${list}`,
  }
}
