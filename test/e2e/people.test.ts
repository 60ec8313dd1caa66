import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'

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
  await ada.paste(Array.from({ length: 300 }, (_, line) => `line ${line}\n`).join('\n'))
  await expect.poll(() => ada.text()).toContain('line 299')
  await ada.page.keyboard.press('Control+Home')
  const opened = await ada.page.evaluate(() => performance.now())
  const link = await ada.link()
  const ben = await room.desk({ name: 'Ben' })
  // People who are found in the first five seconds count as there already.
  await ada.page.waitForFunction((opened) => performance.now() > opened + 5_000, opened)
  await ben.join(link)
  await ada.page.locator('.toast').getByText('Ben joined').waitFor()
  await expect.poll(() => ben.text()).toContain('line 299')
  await ben.type('END')
  await expect.poll(() => ada.text()).toContain('END')
  await expect.poll(() => scrolled(ada)).toBeLessThan(100)

  const said = ada.page.getByRole('status', { name: 'Following' })
  await ada.press('Go to Ben')
  await ada.page.getByText('END').waitFor()
  expect(await said.textContent()).toBe('')
  await ada.press('Go to Ben')
  await said.getByText('Following Ben · Esc stops').waitFor()
  await ben.page.keyboard.press('Control+Home')
  await expect.poll(() => scrolled(ada)).toBeLessThan(100)
  await ada.page.keyboard.press('Escape')
  await expect.poll(() => said.textContent()).toBe('')
  await ben.type('MORE')
  await expect.poll(() => ada.text()).toContain('ENDMORE')
  expect(await scrolled(ada)).toBeLessThan(100)

  // From the list, and until something is typed; what is typed by others goes on.
  await ada.press('In this document: Ben')
  await ada.press('Follow Ben')
  await said.getByText('Following Ben').waitFor()
  await ada.page.getByText('MORE').waitFor()
  await ben.type(' STILL')
  await expect.poll(() => ada.text()).toContain('STILL')
  expect(await said.textContent()).toContain('Following Ben')
  await ada.type('!', 'caret')
  await ada.editor.press('Control+Home')
  await expect.poll(() => said.textContent()).toBe('')

  // Ben's keyboard is elsewhere: he has no caret.
  await ben.press('Share')
  await ben.page.keyboard.press('Tab')
  await ada.page.locator('.remote-caret').waitFor({ state: 'detached' })
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
  await expect.poll(() => ben.text()).toContain('# Plan')
  const told = await noteNotifications(ada)
  await ada.menu('Settings…')
  const settings = ada.page.getByRole('dialog', { name: 'Settings' })
  await settings.getByRole('switch', { name: 'Tell me when I am elsewhere' }).click()
  await settings.getByRole('switch', { name: 'Tell me when I am elsewhere', checked: true }).waitFor()
  await ada.page.keyboard.press('Escape')
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
