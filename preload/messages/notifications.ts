import { nameWords } from '../names'
import { titleWords } from './format'

/** News of one document while nobody looks. */
export interface DocumentNews {
  readonly title: string
  /** Names of those who joined. */
  readonly joined: readonly string[]
}

/** Most names or titles in a sentence. */
const most = 3

/** Returns the text of a notification of the system; without `details` it has no name and no title. */
export function newsWords(news: readonly DocumentNews[], details: boolean): string {
  const [first, ...more] = news
  if (!first) return ''
  if (more.length > 0)
    return details
      ? `News in ${list(news.map(({ title }) => quoted(title)))}.`
      : `There is news in ${news.length} documents.`
  const { title, joined } = first
  if (!details)
    return joined.length > 0 ? 'Somebody joined a document.' : 'There are new words in a document.'
  return joined.length > 0
    ? `${list(joined.map(nameWords))} joined ${quoted(title)}.`
    : `There are new words in ${quoted(title)}.`
}

const quoted = (title: string): string => `“${titleWords(title)}”`

function list(words: readonly string[]): string {
  if (words.length <= 1) return words.join('')
  const more = words.length - most
  if (more > 0) return `${words.slice(0, most).join(', ')} and ${more} more`
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
