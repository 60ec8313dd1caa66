import * as v from 'valibot'
import { ownWord, ownWordLimits } from '../../preload/contract/spelling'
import { SwarmpadError } from '../base/errors'
import type { Vault } from '../profile/vault'

const wordsId = new Uint8Array(0)

/** Words that the person added to those of the spelling check. They stay on this computer, sealed. */
export class OwnWords {
  private readonly onChange: (words: readonly string[]) => void
  private vault: Vault | null = null
  private words: ReadonlySet<string> = new Set()

  /** `onChange` receives the words after each change. */
  constructor(onChange: (words: readonly string[]) => void) {
    this.onChange = onChange
  }

  /** Reads the record. A damaged one is copied aside; a store that cannot be read leaves this closed. */
  async open(vault: Vault): Promise<void> {
    // Those who need the store's other records report that it cannot be read.
    const found = await vault.find('words', wordsId).catch(() => null)
    if (!found) return
    if (found.isUnreadable) await vault.setAside('words', wordsId).catch(() => undefined)
    this.words = new Set(readWords(found.record))
    this.vault = vault
  }

  /** The words, sorted; none before `open`. */
  get list(): readonly string[] {
    const { compare } = new Intl.Collator('en')
    return [...this.words].sort(compare)
  }

  /** Adds a word at once; durable when it resolves. Rejects with CLOSED, WORDS_FULL or STORE_WRITE_FAILED. */
  async add(word: string): Promise<readonly string[]> {
    if (this.words.has(word)) return this.list
    if (this.words.size >= ownWordLimits.number)
      throw new SwarmpadError('WORDS_FULL', { most: ownWordLimits.number })
    return this.change(new Set([...this.words, word]))
  }

  /** Removes a word at once; durable when it resolves. Rejects with CLOSED or STORE_WRITE_FAILED. */
  async remove(word: string): Promise<readonly string[]> {
    return this.change(new Set([...this.words].filter((other) => other !== word)))
  }

  private async change(words: ReadonlySet<string>): Promise<readonly string[]> {
    if (!this.vault) throw new SwarmpadError('CLOSED')
    this.words = words
    const { list } = this
    this.onChange(list)
    await this.vault.write('words', wordsId, list)
    return list
  }
}

/** Returns the sound words of a record, as many as there may be. */
function readWords(record: unknown): string[] {
  if (!Array.isArray(record)) return []
  return record.filter((word) => v.is(ownWord, word)).slice(0, ownWordLimits.number)
}
