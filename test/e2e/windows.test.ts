import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

/** Opens the document of that title by the library of a window. */
async function openByTitle(desk: Desk, title: string): Promise<void> {
  await desk.page.getByRole('button', { name: new RegExp(`^${title}`) }).click()
  await desk.editor.waitFor()
}

const countWindows = (desk: Desk): Promise<number> =>
  desk.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
const onScreen = (desk: Desk, text: string) => desk.page.getByText(text, { exact: true })

/** Types words at the caret in one step, which ends before they can be confirmed. */
async function typeLast(desk: Desk, words: string): Promise<void> {
  await desk.page.evaluate((words) => void document.execCommand('insertText', false, words), words)
}

/** Shows a window in front and waits until the program knows it. */
async function toFront(desk: Desk): Promise<void> {
  await desk.bringToFront()
  await expect.poll(() => desk.page.evaluate(() => document.hasFocus())).toBe(true)
}

it('each window has a document of its own, and all list the same library', async () => {
  const first = await room.desk({ name: 'Ada' })
  await first.create('# Apples')
  const second = await first.newWindow()
  await second.create('# Bread')
  const third = await second.newWindow()
  // A further window begins without a document.
  await third.press('New document', false)
  expect(await third.editor.count()).toBe(0)
  await first.shows('# Apples')
  await second.shows('# Bread')
  expect([await first.id(), await second.id()]).not.toContain(undefined)
  expect(await first.id()).not.toBe(await second.id())
  for (const desk of [first, second, third])
    for (const title of ['Apples', 'Bread'])
      await desk.page.getByRole('button', { name: new RegExp(`^${title}`) }).waitFor()
  // They stand beside each other.
  const corners = await first.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => window.getBounds()),
  )
  expect(new Set(corners.map(({ x, y }) => `${x} ${y}`)).size).toBe(3)
  // A command of the menu is carried out in the window that it was chosen in.
  await second.find('read')
  await second.page.getByText('1 found').or(second.page.getByText('1 of 1')).first().waitFor()
  expect(await first.page.getByRole('textbox', { name: 'Find in document' }).count()).toBe(0)
  // The name and the network are the program's.
  await first.workOffline(true)
  await second.isOffline(true)
  expect([...first.errors, ...second.errors, ...third.errors]).toEqual([])
})

it('two windows on one document agree to the key, also while both are typed in', async () => {
  const first = await room.desk({ name: 'Ada' })
  await first.create('# Shared\n\nmiddle')
  const second = await first.newWindow()
  await openByTitle(second, 'Shared')
  await second.shows('# Shared\n\nmiddle')
  await second.editor.focus()
  await second.page.keyboard.press('Control+Home')
  const [one, other] = ['the first window types at the end ', 'the second window types at the beginning ']
  await Promise.all([first.type(one.repeat(3)), second.type(other.repeat(3), 'caret')])
  const text = `${other.repeat(3)}# Shared\n\nmiddle${one.repeat(3)}`
  for (const desk of [first, second]) {
    await desk.shows(text)
    await desk.holds(text)
  }
  // Each takes back what was typed in it.
  await second.page.keyboard.press('Control+z')
  await expect.poll(() => second.screen()).not.toContain('the second window')
  await expect.poll(() => first.screen()).toBe(await second.screen())
  expect(await first.screen()).toContain(one)
  expect([...first.errors, ...second.errors]).toEqual([])
})

it('others see the caret of the window that has the keyboard', async () => {
  const first = await room.desk({ name: 'Ada' })
  await first.create('one two three')
  const link = await first.link()
  const second = await first.newWindow()
  await openByTitle(second, 'one two three')
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(link)
  await ben.shows('one two three')
  const place = async () => (await ben.opened()).carets.map(({ head }) => head)
  await first.editor.focus()
  await first.page.keyboard.press('Control+Home')
  await expect.poll(place, { timeout: patience }).toEqual([0])
  await second.editor.focus()
  // It may have begun at the end, where the other window was.
  await second.page.keyboard.press('Control+End')
  await second.page.keyboard.press('ArrowLeft')
  await expect.poll(place, { timeout: patience }).toEqual([12])
  await second.page.keyboard.press('Control+End')
  await expect.poll(place, { timeout: patience }).toEqual([13])
  // The window without the keyboard says so at last, and is closed then.
  await first.editor.blur()
  await first.create('another')
  await ben.type('!')
  await expect.poll(place, { timeout: patience }).toEqual([14])
  await first.leave()
  await ben.type('!')
  await expect.poll(place, { timeout: patience }).toEqual([15])
  await second.editor.blur()
  await expect.poll(place, { timeout: patience }).toEqual([])
  expect([...first.errors, ...second.errors, ...ben.errors]).toEqual([])
})

it('a window that is closed hands over its edits, and the program goes on', async () => {
  const first = await room.desk({ name: 'Ada' })
  await first.create('# Notes')
  const second = await first.newWindow()
  await openByTitle(second, 'Notes')
  const long = 'typed just before the window closed '.repeat(200)
  await second.editor.focus()
  await second.page.keyboard.press('Control+End')
  await second.page.keyboard.insertText(long)
  await typeLast(second, 'and then')
  await second.leave()
  const text = `# Notes${long}and then`
  await first.shows(text)
  expect(await countWindows(first)).toBe(1)
  await first.says('Saved')
  // The window that was opened first may be the one that is closed.
  const third = await first.newWindow()
  await openByTitle(third, 'Notes')
  await first.leave()
  await third.shows(text)
  await third.type('!')
  await third.says('Saved')
  expect(await third.quit()).toBe(0)
  const again = await room.desk({ profile: first.profile })
  await openByTitle(again, 'Notes')
  await again.shows(`${text}!`)
  expect([...first.errors, ...second.errors, ...third.errors]).toEqual([])
})

it('a window whose page hangs is closed nevertheless', async () => {
  const first = await room.desk({ name: 'Ada' })
  const second = await first.newWindow()
  await second.press('New document', false)
  const closed = second.page.waitForEvent('close', { timeout: patience })
  void second.page
    .evaluate(() => {
      for (;;);
    })
    .catch(() => undefined)
  await second.app.evaluate(({ BrowserWindow }) => {
    const [newest] = BrowserWindow.getAllWindows().toSorted((a, b) => b.id - a.id)
    newest?.close()
  })
  await closed
  expect(await countWindows(first)).toBe(1)
  await first.create('goes on')
  await first.says('Saved')
})

it.each(['by its menu', 'by a signal'])('quitting %s loses nothing of any window', async (way) => {
  const first = await room.desk({ name: 'Ada' })
  await first.create('# Apples')
  const second = await first.newWindow()
  await second.create('# Bread')
  const third = await second.newWindow()
  await openByTitle(third, 'Bread')
  const [apples, bread, more] = ['apples '.repeat(100), 'bread '.repeat(100), 'more '.repeat(100)]
  for (const desk of [first, second, third]) await desk.editor.focus()
  await first.page.keyboard.press('Control+End')
  await second.page.keyboard.press('Control+End')
  await third.page.keyboard.press('Control+Home')
  const typing = [
    first.page.keyboard.insertText(apples),
    second.page.keyboard.insertText(bread),
    third.page.keyboard.insertText(more),
  ]
  await Promise.all(typing)
  await Promise.all([first, second, third].map((desk) => typeLast(desk, 'last')))
  if (way === 'by a signal') expect((await first.endBySignal('SIGTERM')).code).toBe(0)
  else {
    const ended = new Promise((resolve) => first.app.process().once('exit', resolve))
    await first.app.evaluate(({ app }) => app.quit())
    expect(await ended).toBe(0)
  }
  const again = await room.desk({ profile: first.profile })
  await openByTitle(again, 'Apples')
  await again.shows(`# Apples${apples}last`)
  await openByTitle(again, 'more')
  await again.shows(`${more}last# Bread${bread}last`)
  expect([...first.errors, ...second.errors, ...third.errors]).toEqual([])
})

it('whether to quit is asked once, and staying keeps all windows', async () => {
  const first = await room.desk({ name: 'Ada' })
  await first.create('# Shared')
  await first.link()
  await first.type(' and nobody has it')
  await first.says('Saved')
  const second = await first.newWindow()
  await openByTitle(second, 'Shared')
  await first.app.evaluate(({ app, dialog }) => {
    const asked: string[] = []
    Object.assign(globalThis, { asked })
    dialog.showMessageBox = (async (...args: unknown[]) => {
      asked.push((args.at(-1) as Electron.MessageBoxOptions).message)
      return { response: 0, checkboxChecked: false }
    }) as typeof dialog.showMessageBox
    app.quit()
  })
  await expect.poll(() => first.asked(), { timeout: patience }).toHaveLength(1)
  await second.type('!')
  await first.shows('# Shared and nobody has it!')
  expect(await countWindows(first)).toBe(2)
  // One of several windows closes without a question.
  await second.leave()
  expect(await first.asked()).toHaveLength(1)
  expect(await countWindows(first)).toBe(1)
})

it('a link from outside is asked about in one window, and in another when that one closes', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# From Ada')
  const link = await ada.link()
  const first = await room.desk({ name: 'Ben' })
  const second = await first.newWindow()
  await second.press('New document', false)
  await first.startAgain(link)
  const isAsked = async (desk: Desk) => (await desk.linkQuestion.count()) > 0
  await expect
    .poll(async () => (await isAsked(first)) || (await isAsked(second)), { timeout: patience })
    .toBe(true)
  const [asked, other] = (await isAsked(first)) ? [first, second] : [second, first]
  expect(await other.linkQuestion.count()).toBe(0)
  // The other window cannot answer, whatever runs in it.
  const taken = await other.page.evaluate(() => window.swarmpad.acceptLink(1))
  expect(taken).toMatchObject({ ok: false, code: 'REQUEST_LATE' })
  await asked.leave()
  await other.linkQuestion.getByText('read and write').waitFor()
  await other.press('Open')
  await other.shows('# From Ada')
  expect([...ada.errors, ...first.errors, ...second.errors]).toEqual([])
})

it('a notice that is tied to no document reaches one window', async () => {
  const first = await room.desk({ name: 'Ada' })
  const second = await first.newWindow()
  await second.press('New document', false)
  await toFront(first)
  await first.app.evaluate(() => void process.emit('uncaughtException', new Error('in a test')))
  const words = 'Something unexpected happened. If it goes on, start Swarmpad again.'
  const seen = async () => [await onScreen(first, words).count(), await onScreen(second, words).count()]
  await expect.poll(async () => (await seen()).some((count) => count > 0)).toBe(true)
  expect((await seen()).toSorted()).toEqual([0, 1])
})

it('a document that one window removes leaves the screen of the other, with its last words', async () => {
  const first = await room.desk({ name: 'Ada' })
  await first.create('# Removed')
  const second = await first.newWindow()
  await openByTitle(second, 'Removed')
  await second.create('# Kept')
  const third = await second.newWindow()
  await openByTitle(third, 'Removed')
  await third.type(' with last words')
  await first.press('More')
  await first.page.getByRole('menuitem', { name: 'Remove', exact: true }).click()
  await third.page.getByText('was removed.').waitFor()
  await expect.poll(() => third.editor.count()).toBe(0)
  await second.shows('# Kept')
  await third.press('Undo')
  await third.shows('# Removed with last words')
  expect([...first.errors, ...second.errors, ...third.errors]).toEqual([])
})

it('a passphrase that is set in one window is known in all, and unlocks all', async () => {
  const first = await room.desk({ name: 'Ada' })
  const second = await first.newWindow()
  await first.create('# Given away')
  await first.link()
  await second.press('Set a passphrase', false)
  await first.press('Set a passphrase')
  const words = 'correct horse battery'
  await first.page.getByLabel('New passphrase', { exact: true }).fill(words)
  await first.page.getByLabel('New passphrase again').fill(words)
  await first.page.keyboard.press('Enter')
  await first.page.getByText('The passphrase is set').waitFor()
  await second.page.getByRole('button', { name: 'Set a passphrase' }).waitFor({ state: 'detached' })
  await first.page.keyboard.press('Escape')
  const ended = new Promise((resolve) => first.app.process().once('exit', resolve))
  await first.app.evaluate(({ app, dialog }) => {
    // Nobody else has the document of which a link was made.
    dialog.showMessageBox = (async (...args: unknown[]) => {
      const { buttons = [] } = args.at(-1) as Electron.MessageBoxOptions
      return { response: buttons.indexOf('Quit'), checkboxChecked: false }
    }) as typeof dialog.showMessageBox
    app.quit()
  })
  await ended

  const again = await room.desk({ profile: first.profile })
  const field = (desk: Desk) => desk.page.getByLabel('Passphrase', { exact: true })
  await field(again).waitFor()
  const beside = await again.newWindow()
  await field(beside).fill(words)
  await beside.page.keyboard.press('Enter')
  for (const desk of [again, beside]) await desk.press('New document', false)
  expect([...again.errors, ...beside.errors]).toEqual([])
})

it('each window of a program that cannot start tells why', async () => {
  const profile = room.folder()
  writeFileSync(join(profile, 'key'), 'no key')
  const first = await room.desk({ profile })
  const told = (desk: Desk) => desk.page.getByRole('alert').filter({ hasText: 'key' })
  await told(first).waitFor()
  const second = await first.newWindow()
  await told(second).waitFor()
  await first.leave()
  expect(await second.quit()).toBe(1)
})
