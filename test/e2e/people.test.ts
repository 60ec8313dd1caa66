import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'
import { drawn, textInEditor } from '../support/text-on-screen'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const scrolled = (desk: Desk): Promise<number> =>
  desk.page.locator('.cm-scroller').evaluate(({ scrollTop }) => scrollTop)

it("a click on somebody goes to their caret, a second one follows it until one's own hands move", async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create()
  const text = Array.from({ length: 300 }, (_, line) => `line ${line}\n`).join('\n')
  await ada.paste(text)
  await ada.holds(text)
  await ada.page.keyboard.press('Control+Home')
  const opened = await ada.page.evaluate(() => performance.now())
  const link = await ada.link()
  const ben = await room.desk({ name: 'Ben' })
  // People who are found in the first five seconds count as there already.
  await ada.page.waitForFunction((opened) => performance.now() > opened + 5_000, opened)
  // It says so for a moment only.
  await Promise.all([ada.page.locator('.toast').getByText('Ben joined').waitFor(), ben.join(link)])
  await ben.holds(text)
  await ben.type('END')
  // His caret is known there once it is drawn.
  const caret = ada.page.locator('.remote-caret')
  await ada.editor.press('Control+End')
  await ada.editor.getByText('END').waitFor()
  await caret.waitFor()
  await ada.editor.press('Control+Home')
  await expect.poll(() => scrolled(ada)).toBeLessThan(100)

  const said = ada.page.getByRole('status', { name: 'Following' })
  await ada.press('Go to Ben')
  await ada.editor.getByText('END').waitFor()
  expect(await said.textContent()).toBe('')
  await ada.press('Go to Ben')
  await said.getByText('Following Ben · Esc stops').waitFor()
  await ben.page.keyboard.press('Control+Home')
  await expect.poll(() => scrolled(ada)).toBeLessThan(100)
  await ada.page.keyboard.press('Escape')
  await expect.poll(() => said.textContent()).toBe('')
  await ben.type('MORE')
  await expect.poll(() => textInEditor(ada.page)).toContain('ENDMORE')
  // Once a later message has come, the view has followed the first one, if it does.
  await ben.type('S')
  await expect.poll(() => textInEditor(ada.page)).toContain('ENDMORES')
  await drawn(ada.page)
  expect(await scrolled(ada)).toBeLessThan(100)

  // From the list, and until something is typed; what is typed by others goes on.
  await ada.press('In this document: Ben')
  await ada.press('Follow Ben')
  await said.getByText('Following Ben').waitFor()
  await ada.editor.getByText('MORE').waitFor()
  await ben.type(' STILL')
  await expect.poll(() => textInEditor(ada.page)).toContain('STILL')
  await ada.focusText()
  expect(await said.textContent()).toContain('Following Ben')
  await ada.page.keyboard.type('!')
  await expect.poll(() => said.textContent()).toBe('')

  // Ben's keyboard is elsewhere: he has no caret.
  await ada.page.keyboard.press('Control+End')
  await caret.waitFor()
  await ben.press('Share')
  await caret.waitFor({ state: 'detached' })
  await ada.press('Go to Ben')
  await said.getByText('Ben is not in the text now').waitFor()
  expect([...ada.errors, ...ben.errors]).toEqual([])
})

/** Takes the place of the system's notifications, which nobody can see or click here. */
async function noteNotifications({ app }: Desk): Promise<() => Promise<string[]>> {
  await app.evaluate(({ BrowserWindow, Notification }) => {
    const told: Electron.Notification[] = []
    Object.assign(globalThis, { told })
    Notification.isSupported = () => true
    Notification.prototype.show = function show(this: Electron.Notification) {
      told.push(this)
    }
    BrowserWindow.getFocusedWindow = () => null
  })
  return () =>
    app.evaluate(() =>
      (globalThis as unknown as { told: Electron.Notification[] }).told.map(({ body }) => body),
    )
}

it('the system tells who is elsewhere of news where they chose so, and a click shows the document', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Plan\n\n')
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(await ada.link())
  await ben.shows('# Plan\n\n')
  const told = await noteNotifications(ada)
  await ada.menu('Settings…')
  const settings = ada.page.getByRole('dialog', { name: 'Settings' })
  await settings.getByRole('switch', { name: 'Tell me when I am elsewhere' }).click()
  await settings.getByRole('switch', { name: 'Tell me when I am elsewhere', checked: true }).waitFor()
  await ada.page.keyboard.press('Escape')
  await settings.waitFor({ state: 'detached' })
  await ben.type('secret words')
  await expect.poll(told).toEqual(['There are new words in a document.'])
  await ada.create('# Another')
  await ada.shows('# Another')
  await ada.app.evaluate(() => {
    const [first] = (globalThis as unknown as { told: Electron.Notification[] }).told
    first?.emit('click')
  })
  await expect.poll(() => ada.screen()).toContain('secret words')
  expect([...ada.errors, ...ben.errors]).toEqual([])
})
