import type { Outcome } from '../../../preload/contract/bridge'
import type { Spelling } from '../../../preload/contract/spelling'
import { Emitter } from '../../../preload/emitter'
import type { Api } from '../../api'
import type { Toasts } from '../toasts/toasts.svelte'

/** The check of spelling in this window, and the words that the person added to it. */
export class SpellingState {
  /** The check as it is now. */
  check = $state.raw<Spelling>({ languages: [], works: true })
  /** The person's own words, sorted. */
  words = $state.raw<readonly string[]>([])

  private readonly api: Api
  private readonly toasts: Toasts
  private readonly emitter = new Emitter<{ changed: null }>()

  constructor(api: Api, toasts: Toasts) {
    this.api = api
    this.toasts = toasts
  }

  /** Asks for the state, and listens from then on; the result stops listening. */
  start(): () => void {
    let heard = { check: false, words: false }
    const stops = [
      this.api.on('spelling', (check) => {
        heard = { ...heard, check: true }
        this.set({ check })
      }),
      this.api.on('ownWords', (words) => {
        heard = { ...heard, words: true }
        this.set({ words })
      }),
    ]
    // An event received before an answer is newer than the answer.
    void this.api.call('spelling').then((outcome) => {
      if (outcome.ok && !heard.check) this.set({ check: outcome.value })
    })
    void this.api.call('ownWords').then((outcome) => {
      if (outcome.ok && !heard.words) this.set({ words: outcome.value })
    })
    return () => stops.forEach((stop) => void stop())
  }

  /** Listens to changes of the check and of the words; the result stops listening. */
  onChange(listener: () => void): () => void {
    return this.emitter.on('changed', listener)
  }

  /** Adds a word to the person's own; a toast reports when it cannot be kept. */
  async add(word: string): Promise<void> {
    this.report(await this.api.call('addOwnWord', word))
  }

  /** Removes one of the person's own words; a toast reports when that cannot be kept. */
  async remove(word: string): Promise<void> {
    this.report(await this.api.call('removeOwnWord', word))
  }

  private set(changed: { check?: Spelling; words?: readonly string[] }): void {
    if (changed.check) this.check = changed.check
    if (changed.words) this.words = changed.words
    this.emitter.emit('changed', null)
  }

  private report(outcome: Outcome<readonly string[]>): void {
    if (outcome.ok) this.set({ words: outcome.value })
    else this.toasts.fail(outcome.message)
  }
}
