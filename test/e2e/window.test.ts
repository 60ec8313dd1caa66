import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { resize } from '../../scripts/lib/app.mjs'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

it('everything is done by keyboard alone', async () => {
  const ada = await room.desk()
  const { keyboard } = ada.page
  await ada.page.getByLabel('Your name').waitFor()
  await keyboard.type('Ada')
  await keyboard.press('Enter')
  await ada.press('New document', false)
  await tabTo(ada, 'New document')
  await keyboard.press('Enter')
  await ada.editor.waitFor()
  await keyboard.type('# By keyboard')
  await ada.shows('# By keyboard')
  await ada.editor.press('Control+f')
  await ada.findIsReady()
  await keyboard.type('board')
  await ada.page.getByText('1 of 1').or(ada.page.getByText('1 found')).first().waitFor()
  await keyboard.press('Escape')
  await keyboard.type('!')
  await expect.poll(() => ada.screen()).toContain('!')
  await tabTo(ada, 'Share')
  await keyboard.press('Enter')
  // The dialog gives the keyboard to what most people open it for.
  await expect.poll(() => focused(ada)).toBe('Copy link')
  await tabTo(ada, 'Other links')
  await keyboard.press('Enter')
  await tabTo(ada, 'Copy read link')
  await keyboard.press('Enter')
  await ada.page.getByText('Copied', { exact: true }).waitFor()
  await keyboard.press('Escape')
  await tabTo(ada, 'More')
  await keyboard.press('Enter')
  await expect.poll(() => focused(ada)).toBe('Find in document')
  // From the first to the last.
  await keyboard.press('ArrowUp')
  await keyboard.press('Enter')
  await ada.page.getByText('was removed').waitFor()
  await tabTo(ada, 'Undo')
  await keyboard.press('Enter')
  await expect.poll(() => ada.screen()).toContain('# By')
  await tabTo(ada, 'Your menu')
  await keyboard.press('Enter')
  await expect.poll(() => focused(ada)).toBe('Settings')
  // From the first to the last.
  await keyboard.press('ArrowUp')
  await keyboard.press('Enter')
  await ada.says('Offline')
  expect(ada.errors).toEqual([])
})

/** The name of the control that the keyboard is at. */
const focused = (desk: Desk): Promise<string> =>
  desk.page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null
    return (element?.getAttribute('aria-label') ?? element?.textContent ?? '').trim()
  })

/** Moves the keyboard on until it is at the control of that name. */
async function tabTo(desk: Desk, name: string): Promise<void> {
  const passed: string[] = []
  for (let step = 0; step < 40; step++) {
    const at = await focused(desk)
    if (at === name) return
    passed.push(at.slice(0, 20))
    // In the text Tab is for lists and tables, until Escape was pressed.
    if (at === 'Document text') await desk.page.keyboard.press('Escape')
    await desk.page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${name}, but to: ${passed.join(', ')}`)
}

it('the library lists, filters, removes and brings back', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const names = ['Apples', 'Bread', 'Cheese', 'Dates', 'Eggs', 'Figs', 'Grapes', 'Honey']
  for (const name of names) {
    await ada.create(`# ${name}\n\nAll about ${name.toLowerCase()}.`)
    await ada.page.getByRole('button', { name: new RegExp(`^${name}`) }).waitFor()
  }
  const rows = ada.page.getByRole('navigation', { name: 'Documents' }).getByRole('button')
  await expect.poll(() => rows.count()).toBe(8)
  expect((await rows.allTextContents())[0]).toMatch(/^Honey/)
  await ada.page.getByLabel('Search documents').fill('da')
  await expect.poll(() => rows.count()).toBe(1)
  await rows.first().click()
  await ada.shows('# Dates\n\nAll about dates.')
  await ada.page.getByLabel('Search documents').fill('')
  await ada.press('More')
  await ada.page.getByRole('menuitem', { name: 'Remove', exact: true }).click()
  await ada.page.getByText('“Dates” was removed.').waitFor()
  for (const name of ['Undo', 'Dismiss']) expect(await isInView(ada, name)).toBe(true)
  await expect.poll(() => rows.count()).toBe(7)
  await ada.press('Undo')
  await ada.shows('# Dates\n\nAll about dates.')
  await rows.filter({ hasText: 'Figs' }).focus()
  await ada.page.keyboard.press('Delete')
  await ada.page.getByText('“Figs” was removed.').waitFor()
  await ada.quit()

  const again = await room.desk({ profile: ada.profile })
  await expect.poll(() => again.page.getByRole('button', { name: /^Dates/ }).count()).toBe(1)
  expect(await again.page.getByRole('button', { name: /^Figs/ }).count()).toBe(0)
  expect([...ada.errors, ...again.errors]).toEqual([])
})

it('a copy is saved as Markdown, and a file makes a new document', async () => {
  const folder = room.folder()
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# A: letter/with "signs"\n\nüber 🙂')
  await ada.app.evaluate(({ dialog }, folder) => {
    dialog.showSaveDialog = async (...args: unknown[]) => {
      const { defaultPath } = args.at(-1) as { defaultPath: string }
      return { canceled: false, filePath: `${folder}/${defaultPath.split('/').pop()}` }
    }
  }, folder)
  await ada.menu('Save a copy…')
  const toast = ada.page.getByText('A copy was saved as')
  const path = (await toast.textContent())?.replace('A copy was saved as ', '').trim() ?? ''
  expect(path.startsWith(folder)).toBe(true)
  expect(path.endsWith('.md')).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe('# A: letter/with "signs"\n\nüber 🙂')
  await ada.quit()

  const file = join(folder, 'windows.md')
  writeFileSync(file, '\ufeff# From a file\r\n\r\nTwo lines\r\nof it.')
  const again = await room.desk({ profile: ada.profile, opening: file })
  await again.shows('# From a file\n\nTwo lines\nof it.')
  await again.says('Saved')
  expect([...ada.errors, ...again.errors]).toEqual([])
})

it('a long document is found in, replaced in, and taken back', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create()
  await ada.paste('one fish two fish red fish blue fish')
  await ada.shows('one fish two fish red fish blue fish')
  await ada.find('fish')
  await ada.page.getByText('4 found').waitFor()
  await ada.page.getByRole('textbox', { name: 'Replace with' }).fill('bird')
  await ada.press('Replace all')
  await ada.shows('one bird two bird red bird blue bird')
  await ada.page.keyboard.press('Escape')
  await ada.editor.focus()
  await ada.page.keyboard.press('Control+z')
  await ada.shows('one fish two fish red fish blue fish')
  expect(ada.errors).toEqual([])
})

it('every control has a name, and nothing is cut off in a small window', async () => {
  const ada = await room.desk({ name: 'Ada with a rather long name, as some people have' })
  await resize(ada.app, 800, 600)
  await ada.create(`# ${'A very long title that goes on '.repeat(5)}`)
  await ada.says('Saved')
  expect(await nameless(ada)).toEqual([])
  expect(await overflow(ada)).toBe(0)
  await ada.press('Share')
  expect(await nameless(ada)).toEqual([])
  for (const name of ['Copy link', 'Close']) expect(await isInView(ada, name)).toBe(true)
  await ada.page.keyboard.press('Escape')
  await ada.page.keyboard.press('Control+f')
  await ada.menu('Find…')
  await ada.findIsReady()
  expect(await nameless(ada)).toEqual([])
  expect(await overflow(ada)).toBe(0)
  await ada.page.keyboard.press('Escape')
  await ada.press('Hide library')
  expect(await nameless(ada)).toEqual([])
  await ada.press('Show library')
  await ada.press('New document', false)
  expect(ada.errors).toEqual([])
})

/** Controls that a screen reader could not name. */
async function nameless(desk: Desk): Promise<string[]> {
  const snapshot = await desk.page.locator('body').ariaSnapshot()
  return snapshot
    .split('\n')
    .filter((line) => /^\s*- (button|textbox|switch|checkbox|link|menuitem)(?! ")/.test(line))
}

/** How many CSS pixels the page is wider than its window. */
const overflow = (desk: Desk) =>
  desk.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)

async function isInView(desk: Desk, name: string): Promise<boolean> {
  const box = await desk.page.getByRole('button', { name, exact: true }).boundingBox()
  const size = await desk.page.evaluate(() => ({ width: window.innerWidth, height: window.innerHeight }))
  return box !== null && box.y >= 0 && box.y + box.height <= size.height && box.x + box.width <= size.width
}

it('a page that crashes comes back with everything that was saved', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Kept\n\nthrough a crash')
  await ada.says('Saved')
  await ada.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()
  })
  await expect.poll(() => readAnew(ada)).toContain('through a crash')
})

/** Opens the first document of a reloaded page, which the driver no longer follows. */
async function readAnew(desk: Desk): Promise<string> {
  return desk.app.evaluate(async ({ BrowserWindow }) => {
    const page = BrowserWindow.getAllWindows()[0]?.webContents
    if (!page || page.isCrashed() || page.isLoading()) return ''
    const read =
      "document.querySelector('nav button')?.click(), document.querySelector('.cm-content')?.innerText ?? ''"
    // A page that goes away meanwhile never answers.
    const late = new Promise<string>((resolve) => setTimeout(resolve, 1_000, ''))
    return Promise.race([page.executeJavaScript(read).then(String), late])
  })
}
