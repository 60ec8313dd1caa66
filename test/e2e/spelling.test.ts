import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readKeyFile } from '../../main/profile/key-file'
import { Vault } from '../../main/profile/vault'
import { LevelStore } from '../../main/storage/level-store'
import type { SpellingLanguage } from '../../preload/contract/settings'
import { spellingUnplaced } from '../../preload/messages/text-menu'
import { type Desk, Room } from '../support/app'
import { filesIn, traces } from '../support/secrets'
import { boxOf, TextMenuWatch } from '../support/text-menu'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const text = [
  'The quikc fox met Zwimmerling and saw the Satzbau.',
  'Das Wetterr ist schön, das Textverarbeitungsprogramm auch.',
  'Look at `codde` and at [a paje](https://exampel.org/paje).',
].join('\n')

it('misspelled words are marked in the languages of the settings, offline, with a menu', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const log = join(room.folder(), 'network.json')
  await ada.app.evaluate(
    ({ BrowserWindow }, log) =>
      BrowserWindow.getAllWindows()[0]?.webContents.session.netLog.startLogging(log),
    log,
  )
  const menus = await TextMenuWatch.start(ada)
  await checkIn(ada, ['en', 'de'])
  await ada.create()
  await ada.page.keyboard.insertText(text)

  // Both languages at once.
  await expect.poll(() => misspelledAt(menus, 'quikc')).toBe('quikc')
  const english = await menus.at('quikc')
  expect(english.labels.indexOf('Add to my words')).toBeLessThanOrEqual(3)
  expect(english.labels).toContain('quick')
  await expect.poll(async () => (await menus.at('Wetterr')).labels).toContain('Wetter')
  await expect.poll(() => misspelledAt(menus, 'paje')).toBe('paje')
  for (const right of ['fox', 'Satzbau', 'Textverarbeitungsprogramm', 'codde', 'schön'])
    expect(await misspelledAt(menus, right), right).toBe('')

  // A suggestion is one step, which can be undone.
  await expect.poll(async () => (await menus.at('quikc')).labels).toContain('quick')
  await menus.choose('quick')
  await ada.holds(text.replace('quikc', 'quick'))
  await menus.at('quick')
  await menus.choose('Undo')
  await ada.holds(text)

  // The person's own words, in a second window too.
  await expect.poll(() => misspelledAt(menus, 'Zwimmerling')).toBe('Zwimmerling')
  await menus.choose('Add to my words')
  await expect.poll(() => misspelledAt(menus, 'Zwimmerling')).toBe('')
  expect((await menus.at('Zwimmerling')).labels).not.toContain('Add to my words')
  await expect.poll(() => misspelledAt(menus, 'quikc')).toBe('quikc')
  await menus.choose('Add to my words')
  await expect.poll(() => misspelledAt(menus, 'quikc')).toBe('')
  await ada.menu('Settings…')
  await ada.press('Remove quikc')
  await expect.poll(() => ada.page.getByRole('button', { name: /^Remove / }).count()).toBe(1)
  await ada.page.keyboard.press('Escape')
  await expect.poll(() => misspelledAt(menus, 'quikc')).toBe('quikc')
  const second = await ada.newWindow()
  await second.page.getByRole('button', { name: /quikc/ }).first().click()
  await second.editor.click()
  await expect.poll(() => misspelledAt(menus, 'quikc', second)).toBe('quikc')
  expect(await misspelledAt(menus, 'Zwimmerling', second)).toBe('')

  // Other languages at once, in both windows.
  await checkIn(ada, ['en'])
  await expect.poll(() => misspelledAt(menus, 'Satzbau', second)).toBe('Satzbau')
  await second.leave()
  await ada.editor.click()
  await expect.poll(() => misspelledAt(menus, 'Satzbau')).toBe('Satzbau')
  await checkIn(ada, [])
  await expect.poll(() => misspelledAt(menus, 'quikc')).toBe('')
  // Marks come and go without a click, which alone would have the words around it checked again.
  const plain = await pictureOf(ada, 'Satzbau')
  await checkIn(ada, ['en'])
  await expect.poll(async () => plain.equals(await pictureOf(ada, 'Satzbau'))).toBe(false)
  await checkIn(ada, ['de'])
  await expect.poll(async () => plain.equals(await pictureOf(ada, 'Satzbau'))).toBe(true)
  await expect.poll(() => misspelledAt(menus, 'Wetterr')).toBe('Wetterr')
  expect(await misspelledAt(menus, 'Satzbau')).toBe('')

  // Nothing was asked of anybody, and the word is sealed.
  await ada.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.session.netLog.stopLogging(),
  )
  expect(readFileSync(log, 'utf8')).not.toContain('bdic')
  expect(readdirSync(join(ada.profile, 'window', 'Dictionaries')).sort()).toEqual([
    'de-DE-3-0.bdic',
    'en-US-10-1.bdic',
  ])
  expect(ada.errors).toEqual([])
  await ada.quit()
  expect(traces(filesIn(ada.profile), { word: 'Zwimmerling' })).toEqual([])
  expect(await storedWords(ada.profile)).toEqual(['Zwimmerling'])
})

it('the menu of the text has what fits the place, by the keyboard too', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const menus = await TextMenuWatch.start(ada)
  await checkIn(ada, ['en'])
  await ada.create()
  await ada.page.keyboard.insertText(`${text}\n\nThe last wodr`)
  const { keyboard } = ada.page

  await expect.poll(() => misspelledAt(menus, 'wodr')).toBe('wodr')
  await keyboard.press('Control+End')
  const byKeyboard = await menus.by(() => keyboard.press('Shift+F10'))
  const suggested = byKeyboard.labels.indexOf('Add to my words')
  expect(suggested).toBeGreaterThan(0)
  // Chromium selects the word.
  expect(byKeyboard.labels.slice(suggested + 1)).toEqual([
    'Undo',
    'Cut',
    'Copy',
    'Paste',
    'Paste without format',
    'Select all',
  ])
  // Somebody writes before the word while the menu is open, or changes the word.
  await keyboard.press('Control+Home')
  await keyboard.type('Now: ')
  await menus.choose('word')
  await ada.holds(`Now: ${text}\n\nThe last word`)
  await keyboard.press('Control+z')
  await ada.holds(`Now: ${text}\n\nThe last wodr`)
  await expect.poll(async () => (await menus.at('wodr')).labels).toContain('word')
  await keyboard.press('Control+End')
  await keyboard.press('Backspace')
  await menus.choose('word')
  await keyboard.press('Control+Home')
  await keyboard.type('… ')
  await ada.holds(`… Now: ${text}\n\nThe last wod`)
  await menus.by(() => keyboard.press('ContextMenu'))
  await menus.choose('Select all')
  const selected = await menus.by(() => keyboard.press('ContextMenu'))
  expect(selected.labels).toEqual(['Undo', 'Cut', 'Copy', 'Paste', 'Paste without format', 'Select all'])
  await menus.choose('Cut')
  await ada.holds('')
  await menus.by(() => keyboard.press('ContextMenu'))
  await menus.choose('Paste without format')
  await ada.holds(`… Now: ${text}\n\nThe last wod`)

  const link = await menus.at('paje')
  expect(link.labels).toEqual(expect.arrayContaining(['Open link', 'Copy address']))
  await menus.choose('Copy address')
  expect(await ada.app.evaluate(({ clipboard }) => clipboard.readText())).toBe('https://exampel.org/paje')

  await ada.press('Open link')
  const field = ada.page.getByLabel('Link', { exact: true })
  await field.fill('no link')
  expect((await menus.by(() => field.click({ button: 'right' }))).labels).toContain('Paste')
  await menus.choose('Select all')
  expect((await menus.by(() => keyboard.press('ContextMenu'))).labels).toContain('Cut')
  expect(ada.errors).toEqual([])
})

it('says that word lists cannot be written, and goes on', async () => {
  const profile = room.folder()
  mkdirSync(join(profile, 'window'), { recursive: true })
  writeFileSync(join(profile, 'window', 'Dictionaries'), 'in the way')
  const ada = await room.desk({ name: 'Ada', profile })
  await checkIn(ada, ['de'])
  await ada.page.getByText(spellingUnplaced).waitFor()
  expect(await ada.page.evaluate(() => window.swarmpad.spelling())).toEqual({
    ok: true,
    value: { languages: [], works: true },
  })
})

/** Chooses the languages, as the settings do. */
const checkIn = (desk: Desk, spelling: readonly SpellingLanguage[]): Promise<void> =>
  desk.page.evaluate(async (spelling) => {
    const settings = await window.swarmpad.settings()
    if (!settings.ok) throw new Error(settings.message)
    const outcome = await window.swarmpad.setSettings({ ...settings.value, spelling })
    if (!outcome.ok) throw new Error(outcome.message)
  }, spelling)

/** The word that Chromium marks at the first occurrence of a text; '' for none. */
const misspelledAt = async (menus: TextMenuWatch, word: string, desk?: Desk): Promise<string> =>
  (await menus.at(word, desk?.page)).misspelled

/** A picture of a word on screen, with its mark. */
const pictureOf = async (desk: Desk, word: string): Promise<Buffer> =>
  desk.page.screenshot({ clip: await boxOf(word, desk.page) })

/** The person's own words in the store of a profile whose key lies there in the clear. */
async function storedWords(profile: string): Promise<string[]> {
  const file = readKeyFile(readFileSync(join(profile, 'key')))
  if (file.protection !== 'file') throw new Error('the key is kept in another way')
  const store = new LevelStore(join(profile, 'store'))
  await store.open()
  try {
    const vault = new Vault({ store, key: file.key, random: (size) => Buffer.alloc(size) })
    const { words } = (await vault.read('personal', new Uint8Array(0))) as {
      words: [string, number, boolean][]
    }
    return words.flatMap(([word, , isOwn]) => (isOwn ? [word] : []))
  } finally {
    await store.close()
  }
}
