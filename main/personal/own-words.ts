import { ownWordLimits } from '../../preload/contract/spelling'
import { SwarmpadError } from '../base/errors'
import type { Arrangement } from './arrangement'

/** Words that the person added to those of the spelling check: a part of what they arranged. */
export class OwnWords {
  private readonly arrangementOf: () => Arrangement

  /** `arrangement` throws CLOSED before the profile is open. */
  constructor(arrangement: () => Arrangement) {
    this.arrangementOf = arrangement
  }

  /** The words, sorted. Computers that were apart can have added more together than there may be: the first ones count. */
  get list(): readonly string[] {
    const { compare } = new Intl.Collator('en')
    return [...this.arrangementOf().words].sort(compare).slice(0, ownWordLimits.number)
  }

  /** Adds a word; durable when it resolves. Rejects with CLOSED, WORDS_FULL or STORE_WRITE_FAILED. */
  async add(word: string): Promise<readonly string[]> {
    const { words } = this.arrangementOf()
    if (!words.includes(word) && words.length >= ownWordLimits.number)
      throw new SwarmpadError('WORDS_FULL', { most: ownWordLimits.number })
    return this.set(word, true)
  }

  /** Removes a word; durable when it resolves. Rejects with CLOSED or STORE_WRITE_FAILED. */
  remove(word: string): Promise<readonly string[]> {
    return this.set(word, false)
  }

  private async set(word: string, isOwn: boolean): Promise<readonly string[]> {
    await this.arrangementOf().set([{ kind: 'word', subject: word, value: isOwn }])
    return this.list
  }
}
