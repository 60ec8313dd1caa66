import type { Text } from '@codemirror/state'
import * as v from 'valibot'
import { maxTags } from '../../preload/contract/search'
import { fromHex } from '../base/hex'
import type { Vault } from '../profile/vault'
import { mayHaveFacts } from './may-have-facts'
import type { TextFacts } from './search-protocol'

const strings = v.array(v.string())
const recordShape = v.object({
  id: v.string(),
  tags: v.pipe(strings, v.maxLength(maxTags)),
  links: strings,
  held: v.nullable(v.number()),
})

/** Facts of the text last seen of a document. */
interface Known extends TextFacts {
  /** The number of changes that the log held when the text was stored; null if that is unknown. */
  readonly held: number | null
}

const nothing: Known = { tags: [], links: [], held: null }

/** A text that was stored. */
export interface StoredText {
  readonly text: Text | null
  readonly held: number | null
  /** Nobody writes in it any more. */
  readonly isLast: boolean
}

/** Dependencies of `DocumentFacts`. */
export interface DocumentFactsOptions {
  /** Reads the facts of the stored text of a document (id in hex); null if it cannot. */
  readonly read: (id: string) => Promise<TextFacts | null>
  /** Called when the tags of documents (hex) changed. */
  readonly onTags: (ids: readonly string[]) => void
}

/**
 * The tags and links of the texts last seen, each in a sealed record. Nothing depends on them: one that is lost is made
 * again with the next text.
 */
export class DocumentFacts {
  private readonly options: DocumentFactsOptions
  private readonly known = new Map<string, Known>()
  /** Documents whose records are older than what is known. */
  private readonly behind = new Set<string>()
  private vault: Vault | null = null

  constructor(options: DocumentFactsOptions) {
    this.options = options
  }

  /** Reads all records; until then no document has tags. Never rejects. */
  async open(vault: Vault): Promise<void> {
    this.vault = vault
    const { records } = await vault.all('facts').catch(() => ({ records: new Map<string, unknown>() }))
    for (const record of records.values()) {
      const { success, output } = v.safeParse(recordShape, record)
      if (success && !this.known.has(output.id)) this.known.set(output.id, output)
    }
    const tagged = [...this.known].filter(([, { tags }]) => tags.length > 0)
    if (tagged.length > 0) this.options.onTags(tagged.map(([id]) => id))
  }

  /** Returns the tags of a document (hex). */
  tagsOf(id: string): readonly string[] {
    return this.known.get(id)?.tags ?? nothing.tags
  }

  /** Returns the documents (hex) that link to a title with this key. */
  linkingTo(key: string): string[] {
    return [...this.known].filter(([, { links }]) => links.includes(key)).map(([id]) => id)
  }

  /** Returns true if the stored text of a document (hex) is that of a log with `held` changes. */
  isFresh(id: string, held: number): boolean {
    return this.known.get(id)?.held === held
  }

  /**
   * Handles that a text was stored, of a log with `held` changes; null if that is unknown. With null for the text, the
   * stored one is right. While somebody writes (not `isLast`), only changed tags and links are stored: a number of
   * changes that is too low has the text read once more after a crash. Never rejects.
   */
  async stored(id: string, { text, held, isLast }: StoredText): Promise<void> {
    const known = this.known.get(id) ?? nothing
    const hasNone = known.tags.length + known.links.length === 0
    const isSame = (a: readonly string[], b: readonly string[]) => a.join('\n') === b.join('\n')
    const needsReading = text !== null && (!hasNone || mayHaveFacts(text.iterLines()))
    const found = needsReading
      ? await this.options.read(id).catch(() => null)
      : text === null
        ? known
        : nothing
    if (!found) return
    const next = { tags: found.tags, links: found.links, held: held ?? known.held }
    const hasTags = !isSame(known.tags, next.tags)
    const isNew = hasTags || !isSame(known.links, next.links)
    if (isNew || known.held !== next.held) {
      this.known.set(id, next)
      this.behind.add(id)
    }
    if (hasTags) this.options.onTags([id])
    if (!(isNew || isLast) || !this.behind.delete(id)) return
    // One that the disk refuses is written when tags or links change again, or at the end.
    await this.vault?.write('facts', fromHex(id), { id, ...next }).catch(() => this.behind.add(id))
  }
}
