import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { placeWordLists, wordLists } from '../../../main/electron/word-lists'
import { spellingLanguages } from '../../../preload/contract/settings'

const shipped = join(import.meta.dirname, '../../../assets/dictionaries')
let profile: string
let folder: string
beforeEach(() => {
  profile = mkdtempSync(join(tmpdir(), 'swarmpad-words-'))
  folder = join(profile, 'window', 'Dictionaries')
})
afterEach(() => rmSync(profile, { recursive: true }))

describe('word lists', () => {
  it('ship for every language, with their licences, in the form that Chromium reads', () => {
    const files = readdirSync(shipped)
    for (const language of spellingLanguages) {
      const { file } = wordLists[language]
      expect(readFileSync(join(shipped, file)).toString('latin1', 0, 4)).toBe('BDic')
      expect(files).toContain(file.replace('.bdic', '-license.txt'))
      expect(readFileSync(join(shipped, 'README.txt'), 'utf8')).toContain(file)
    }
    expect(readFileSync(join(shipped, 'GPL-3.txt'), 'utf8')).toContain('GNU GENERAL PUBLIC LICENSE')
  })

  it('are put where Chromium looks, whole, and only those that are needed', async () => {
    await placeWordLists(['de'], { shipped, folder })
    expect(readdirSync(folder)).toEqual(['de-DE-3-0.bdic'])
    await placeWordLists(['en', 'de'], { shipped, folder })
    expect(readdirSync(folder).sort()).toEqual(['de-DE-3-0.bdic', 'en-US-10-1.bdic'])
    for (const file of readdirSync(folder))
      expect(readFileSync(join(folder, file)).equals(readFileSync(join(shipped, file)))).toBe(true)
  })

  it('are left where they are, and replaced where they were changed', async () => {
    await placeWordLists(['en'], { shipped, folder })
    const path = join(folder, 'en-US-10-1.bdic')
    const first = statSync(path).ino
    await placeWordLists(['en'], { shipped, folder })
    expect(statSync(path).ino).toBe(first)
    writeFileSync(path, 'cut short')
    await placeWordLists(['en'], { shipped, folder })
    expect(readFileSync(path).equals(readFileSync(join(shipped, 'en-US-10-1.bdic')))).toBe(true)
    expect(readdirSync(folder)).toEqual(['en-US-10-1.bdic'])
  })

  it('reject where they cannot be put', async () => {
    await placeWordLists([], { shipped, folder })
    writeFileSync(join(profile, 'file'), '')
    await expect(placeWordLists(['en'], { shipped, folder: join(profile, 'file') })).rejects.toThrow('EEXIST')
    await expect(placeWordLists(['en'], { shipped: profile, folder })).rejects.toThrow('ENOENT')
    expect(readdirSync(folder)).toEqual([])
  })
})
