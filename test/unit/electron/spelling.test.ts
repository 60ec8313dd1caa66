import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from 'vitest'
import { SpellingCheck } from '../../../main/electron/spelling'
import type { SpellingLanguage } from '../../../preload/contract/settings'
import type { Spelling } from '../../../preload/contract/spelling'
import { ManualClock } from '../../support/manual-clock'

/** Lists that it finds are loaded; others it would download, as Chromium does. */
class Session extends EventEmitter {
  found: readonly string[] = ['en-US', 'de']
  silent = false
  codes = ['en-US']
  enabled = true
  address = 'https://example.org/'

  setSpellCheckerEnabled(enabled: boolean): void {
    this.enabled = enabled
  }

  setSpellCheckerDictionaryDownloadURL(address: string): void {
    this.address = address
  }

  setSpellCheckerLanguages(codes: string[]): void {
    this.codes = codes
    if (this.silent) return
    for (const code of codes) {
      const event = this.found.includes(code) ? 'initialized' : 'download-begin'
      queueMicrotask(() => this.emit(`spellcheck-dictionary-${event}`, {}, code))
    }
  }
}

let session: Session
let clock: ManualClock
let heard: Spelling[]
let placed: (readonly SpellingLanguage[])[]
let unplaced: number
beforeEach(() => {
  session = new Session()
  clock = new ManualClock()
  heard = []
  placed = []
  unplaced = 0
})

const checkWith = (options: { hasSystemLists?: boolean; fails?: boolean } = {}): SpellingCheck =>
  new SpellingCheck({
    session,
    clock,
    hasSystemLists: options.hasSystemLists ?? false,
    placeLists: async (languages) => {
      if (options.fails) throw new Error('EACCES')
      placed.push(languages)
    },
    onChange: (spelling) => heard.push(spelling),
    onUnplaced: () => unplaced++,
  })

describe('the check of spelling', () => {
  it('begins off, and can reach no server', () => {
    const check = checkWith()
    expect(session).toMatchObject({ enabled: false, codes: [], address: 'http://127.0.0.1:9/' })
    expect(check.state).toEqual({ languages: [], works: true })
  })

  it('follows the languages, which are loaded before anyone hears of them', async () => {
    const check = checkWith()
    await check.check(['de', 'en'])
    expect(session).toMatchObject({ enabled: true, codes: ['en-US', 'de'] })
    await check.check(['en', 'de'])
    await check.check(['de'])
    await check.check([])
    expect(session).toMatchObject({ enabled: false, codes: [] })
    expect(placed).toEqual([['en', 'de'], ['de']])
    expect(heard.map(({ languages }) => languages)).toEqual([['en', 'de'], ['de'], []])
    expect(session.eventNames()).toEqual([])
  })

  it('carries out quick changes one after another', async () => {
    const check = checkWith()
    await Promise.all([check.check(['en']), check.check(['en', 'de']), check.check(['de'])])
    expect(session.codes).toEqual(['de'])
    expect(check.state).toEqual({ languages: ['de'], works: true })
  })

  it('is off for good when Chromium asks for another list', async () => {
    session.found = ['en-US']
    const check = checkWith()
    await check.check(['en'])
    await check.check(['en', 'de'])
    expect(session).toMatchObject({ enabled: false, codes: [] })
    expect(heard).toEqual([
      { languages: ['en'], works: true },
      { languages: [], works: false },
    ])
    await check.check(['en'])
    expect(session.enabled).toBe(false)
    expect(heard).toHaveLength(2)
  })

  it('is off when the lists cannot be put in place, until the language is chosen again', async () => {
    const options = { fails: true }
    const check = checkWith(options)
    await check.check(['en'])
    expect(session).toMatchObject({ enabled: false, codes: [] })
    expect(heard).toEqual([{ languages: [], works: true }])
    expect(unplaced).toBe(1)
    options.fails = false
    await check.check([])
    await check.check(['en'])
    expect(session).toMatchObject({ enabled: true, codes: ['en-US'] })
    expect(check.state).toEqual({ languages: ['en'], works: true })
    expect(unplaced).toBe(1)
  })

  it('works where the system checks and reports nothing', async () => {
    session.silent = true
    const check = checkWith()
    const checking = check.check(['en'])
    await clock.advance(10_000)
    await checking
    expect(check.state).toEqual({ languages: ['en'], works: true })
  })

  it('uses the lists of the system where there are some', async () => {
    const check = checkWith({ hasSystemLists: true, fails: true })
    await check.check(['en'])
    expect(session.enabled).toBe(true)
    expect(check.state).toEqual({ languages: ['en'], works: true })
  })
})
