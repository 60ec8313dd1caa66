import { posix } from 'node:path'
import type { SyntaxNode, Tree } from '@lezer/common'
import { markdownParser } from '../../preload/text/markdown/grammar'
import { plainText } from '../../preload/text/markdown/plain-text'
import { titleKey, wikiLinkOf, writable } from '../../preload/text/markdown/wiki-link'
import { nextTurn } from '../base/next-turn'

/** A note of a folder, as links between its notes name it. */
export interface NamedNote {
  /** Path in the folder without its ending, with '/' between names. */
  readonly place: string
  /** Title of the document that it becomes. */
  readonly title: string
}

/** Finds the notes of a folder by what links call them. */
export class NoteNames {
  private readonly byPlace = new Map<string, string>()
  private readonly byName = new Map<string, string>()

  constructor(notes: Iterable<NamedNote>) {
    for (const { place, title } of notes) {
      this.byPlace.set(titleKey(place), title)
      const name = titleKey(posix.basename(place))
      // Of notes with one name, the first is meant: a link to another one has its folders.
      if (!this.byName.has(name)) this.byName.set(name, title)
    }
  }

  /** Returns the title for the target of a link in double brackets: a name, or a path in the folder. */
  named(target: string): string | null {
    const key = titleKey(target.replace(/\.md$/i, ''))
    return this.byPlace.get(key) ?? this.byName.get(titleKey(posix.basename(key))) ?? null
  }

  /** Returns the title for the address of a Markdown link in the note at `place`. */
  addressed(address: string, place: string): string | null {
    const path = decoded(address)
    if (path === null || !/\.(md|markdown)$/i.test(path) || path.startsWith('/')) return null
    const target = posix.join(posix.dirname(place), path.replace(/\.\w+$/, ''))
    return this.byPlace.get(titleKey(target)) ?? null
  }
}

/**
 * Returns the text of a note with its links to other notes as links by title: `[[folder/Name|words]]`, and
 * `[words](Name.md#heading)`. Leaves what is embedded, and links to anything else.
 */
export async function withTitleLinks(text: string, place: string, names: NoteNames): Promise<string> {
  if (!/\[\[|\]\(/.test(text)) return text
  const pieces: string[] = []
  let from = 0
  const cursor = (await parsed(text)).cursor()
  do {
    const { node } = cursor
    if (node.from < from || text[node.from - 1] === '!') continue
    const link = titleLink(node, text, place, names)
    if (link === null) continue
    pieces.push(text.slice(from, node.from), link)
    from = node.to
  } while (cursor.next())
  return pieces.join('') + text.slice(from)
}

/** Time that parsing takes in one turn, in ms. */
const slice = 8

/** Parses a text in slices, so that it does not hold up the thread. */
async function parsed(text: string): Promise<Tree> {
  const parse = markdownParser.startParse(text)
  let tree = parse.advance()
  for (let begun = performance.now(); !tree; tree = parse.advance()) {
    if (performance.now() - begun < slice) continue
    await nextTurn()
    begun = performance.now()
  }
  return tree
}

function titleLink(node: SyntaxNode, text: string, place: string, names: NoteNames): string | null {
  if (node.name === 'WikiLink') {
    const { target, heading, wordsFrom, wordsTo } = wikiLinkOf(node, text)
    const title = names.named(target)
    const words = text.slice(wordsFrom, wordsTo)
    return title === null ? null : written(title, heading, words)
  }
  if (node.name !== 'Link') return null
  const url = node.getChild('URL')
  const [address = '', heading = ''] = url ? text.slice(url.from, url.to).split('#') : []
  const title = names.addressed(address, place)
  return title === null ? null : written(title, decoded(heading) ?? '', plainText(node, text))
}

/** Returns a link by title; null if its words cannot stand in one. */
function written(title: string, heading: string, words: string): string | null {
  const target = writable(title)
  if (target === '' || /[[\]|\n]/.test(words)) return null
  const full = heading ? `${target}#${writable(heading)}` : target
  return words === '' || words === full ? `[[${full}]]` : `[[${full}|${words}]]`
}

function decoded(address: string): string | null {
  try {
    return decodeURIComponent(address.replace(/^<|>$/g, ''))
  } catch {
    return null
  }
}
