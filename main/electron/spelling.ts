import { type SpellingLanguage, spellingLanguages } from '../../preload/contract/settings'
import type { Spelling } from '../../preload/contract/spelling'
import type { Clock } from '../base/environment'
import { sameData } from '../base/same-data'
import { SerialQueue } from '../base/serial-queue'
import { within } from '../base/timeout'
import { wordLists } from './word-lists'

/** The part of an Electron session that checks spelling. */
export interface SpellingSession {
  setSpellCheckerEnabled(enabled: boolean): void
  setSpellCheckerLanguages(codes: string[]): void
  setSpellCheckerDictionaryDownloadURL(address: string): void
  on(name: SpellingSessionEvent, listener: (event: unknown, code: string) => void): unknown
  off(name: SpellingSessionEvent, listener: (event: unknown, code: string) => void): unknown
}

type SpellingSessionEvent =
  | 'spellcheck-dictionary-initialized'
  | 'spellcheck-dictionary-download-begin'
  | 'spellcheck-dictionary-download-failure'

/** Chromium reaches no server by a port that it holds for unsafe: the request fails inside it. */
const nowhere = 'http://127.0.0.1:9/'
/** Time for Chromium to load its word lists, in ms. Where the system checks spelling, it reports nothing. */
const loadLimit = 10_000

/** Options of `SpellingCheck`. */
export interface SpellingCheckOptions {
  readonly session: SpellingSession
  readonly clock: Clock
  /** The system has word lists (macOS). */
  readonly hasSystemLists: boolean
  /** Puts the word lists of languages where Chromium looks for them. */
  readonly placeLists: (languages: readonly SpellingLanguage[]) => Promise<void>
  /** Receives each new state. */
  readonly onChange: (spelling: Spelling) => void
  /** The word lists could not be put in place, as on a full disk. The check is off until it is asked for again. */
  readonly onUnplaced: () => void
}

/**
 * Chromium's spelling check with the word lists that the program ships.
 * 1. It is off until `check` names languages, and nothing is ever downloaded.
 * 2. When Chromium asks for a list that the program does not ship, it is off until the program ends.
 */
export class SpellingCheck {
  private readonly options: SpellingCheckOptions
  private readonly queue = new SerialQueue()
  private current: Spelling = { languages: [], works: true }

  /** Turns off the check that a session begins with. To be called before the session has a page. */
  constructor(options: SpellingCheckOptions) {
    this.options = options
    options.session.setSpellCheckerDictionaryDownloadURL(nowhere)
    this.turnOff()
  }

  /** The present state. */
  get state(): Spelling {
    return this.current
  }

  /** Checks in these languages from now on. Resolves when it does, or does not work. */
  check(wanted: readonly SpellingLanguage[]): Promise<void> {
    const languages = spellingLanguages.filter((language) => wanted.includes(language))
    return this.queue.run(async () => {
      if (!this.current.works || sameData(languages, this.current.languages)) return
      if (languages.length === 0) this.turnOff()
      const result = languages.length === 0 ? 'loaded' : await this.load(languages)
      const isLoaded = result === 'loaded'
      if (!isLoaded) this.turnOff()
      this.current = { languages: isLoaded ? languages : [], works: result !== 'refused' }
      this.options.onChange(this.current)
      if (result === 'unplaced') this.options.onUnplaced()
    })
  }

  private turnOff(): void {
    this.options.session.setSpellCheckerEnabled(false)
    // A disabled check would still download the list for the system's language.
    this.options.session.setSpellCheckerLanguages([])
  }

  /** Resolves to `unplaced` if the lists cannot be put in place, and to `refused` if Chromium asks for others. */
  private async load(languages: readonly SpellingLanguage[]): Promise<'loaded' | 'unplaced' | 'refused'> {
    const { session, clock, hasSystemLists, placeLists } = this.options
    if (hasSystemLists) {
      session.setSpellCheckerEnabled(true)
      return 'loaded'
    }
    try {
      await placeLists(languages)
    } catch {
      return 'unplaced'
    }
    const codes = languages.map((language) => wordLists[language].code)
    const loading = watchLoading(session, codes)
    try {
      session.setSpellCheckerEnabled(true)
      session.setSpellCheckerLanguages(codes)
      await within(clock, loadLimit, loading.done)
      return 'loaded'
    } catch {
      return 'refused'
    } finally {
      loading.stop()
    }
  }
}

/** Resolves `done` when the lists of all languages are loaded; rejects it when Chromium would download one. */
function watchLoading(
  session: SpellingSession,
  codes: readonly string[],
): { done: Promise<void>; stop: () => void } {
  const missing = new Set(codes)
  let resolve = (): void => undefined
  let reject = (_reason: Error): void => undefined
  const done = new Promise<void>((yes, no) => {
    resolve = yes
    reject = no
  })
  const loaded = (_event: unknown, code: string): void => {
    missing.delete(code)
    if (missing.size === 0) resolve()
  }
  const refused = (): void => reject(new Error('Chromium asks for another word list'))
  session.on('spellcheck-dictionary-initialized', loaded)
  session.on('spellcheck-dictionary-download-begin', refused)
  session.on('spellcheck-dictionary-download-failure', refused)
  return {
    done,
    stop: () => {
      session.off('spellcheck-dictionary-initialized', loaded)
      session.off('spellcheck-dictionary-download-begin', refused)
      session.off('spellcheck-dictionary-download-failure', refused)
    },
  }
}
