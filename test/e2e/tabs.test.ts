import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const tab = (desk: Desk, title: string | RegExp) => desk.page.getByRole('tab', { name: title })

/** The titles in the strips, pane by pane, with the tab in front in brackets. */
const strips = (desk: Desk): Promise<string[]> =>
  desk.page.getByRole('tablist').evaluateAll((lists) =>
    lists.map((list) =>
      Array.from(list.querySelectorAll('[role="tab"]'), (tab) => {
        const title = tab.querySelector('.title')?.textContent ?? ''
        return tab.getAttribute('aria-selected') === 'true' ? `[${title}]` : title
      }).join(' '),
    ),
  )
const shows = (desk: Desk, ...expected: string[]) =>
  expect.poll(() => strips(desk), { timeout: patience }).toEqual(expected)

const hasKeyboard = (desk: Desk) =>
  expect.poll(() => desk.editor.evaluate((element) => element === document.activeElement)).toBe(true)

/** Makes documents of these titles, each in a tab. */
async function make(desk: Desk, ...titles: string[]): Promise<void> {
  for (const title of titles) {
    await desk.create(`# ${title}`)
    await tab(desk, title).waitFor()
  }
}

it('tabs are gone through, closed, opened again and moved, by keyboard and by mouse', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const { keyboard, mouse } = ada.page
  await make(ada, 'One', 'Two', 'Three')
  await shows(ada, 'One Two [Three]')
  await hasKeyboard(ada)
  await keyboard.press('Control+Tab')
  await shows(ada, '[One] Two Three')
  await ada.shows('# One')
  await hasKeyboard(ada)
  await keyboard.type(' and more')
  await keyboard.press('Control+Shift+Tab')
  await shows(ada, 'One and more Two [Three]')
  await ada.shows('# Three')
  await hasKeyboard(ada)
  await keyboard.press('Control+PageUp')
  await shows(ada, 'One and more [Two] Three')
  // Undo takes back the typing, though its tab was left and closed since.
  await ada.menu('Close tab')
  await shows(ada, 'One and more [Three]')
  await tab(ada, 'One and more').click()
  await ada.shows('# One and more')
  await ada.menu('Close tab')
  await shows(ada, '[Three]')
  await ada.menu('Reopen closed tab')
  await shows(ada, '[One and more] Three')
  await ada.shows('# One and more')
  await hasKeyboard(ada)
  await keyboard.press('Control+z')
  await ada.shows('# One')
  await ada.menu('Reopen closed tab')
  await shows(ada, 'One [Two] Three')
  await ada.menu('Move tab to the right')
  await shows(ada, 'One Three [Two]')

  // In the strip, the arrows lead to the tabs, Enter chooses one and Delete closes it.
  await tab(ada, 'Two').focus()
  await keyboard.press('ArrowRight')
  await keyboard.press('Enter')
  await shows(ada, '[One] Three Two')
  await hasKeyboard(ada)
  await tab(ada, 'One').focus()
  await keyboard.press('ArrowRight')
  await keyboard.press('Delete')
  await shows(ada, '[One] Two')
  await ada.menu('Reopen closed tab')
  await shows(ada, 'One [Three] Two')

  // The pointer drags a tab, the middle button closes it, the other one has a menu.
  const [from, to] = await Promise.all([tab(ada, 'Two').boundingBox(), tab(ada, 'One').boundingBox()])
  if (!from || !to) throw new Error('no tabs')
  await mouse.move(from.x + 30, from.y + 10)
  await mouse.down()
  await mouse.move(to.x + 60, to.y + 10)
  await mouse.move(to.x + 10, to.y + 10)
  await mouse.up()
  await shows(ada, '[Two] One Three')
  await tab(ada, 'One').click({ button: 'middle' })
  await shows(ada, '[Two] Three')
  await tab(ada, 'Three').click({ button: 'right' })
  await ada.page.getByRole('menuitem', { name: 'Close others' }).click()
  await shows(ada, '[Three]')
  await ada.menu('Close tab')
  await ada.page.getByText('Choose a document from the library').waitFor()
  // There is no other window, so this one stays.
  await ada.menu('Close tab')
  await ada.menu('Reopen closed tab')
  await ada.shows('# Three')
  expect(ada.errors).toEqual([])
})

it('two documents stand beside each other, each with its own tabs, and commands follow the keyboard', async () => {
  const ada = await room.desk({ name: 'Ada' })
  const { keyboard } = ada.page
  await make(ada, 'Left', 'Right', 'Third')
  await ada.menu('Move tab to the other side')
  await shows(ada, 'Left [Right]', '[Third]')
  await ada.shows('# Third')
  await hasKeyboard(ada)
  await keyboard.type(' on the right')
  await shows(ada, 'Left [Right]', '[Third on the right]')
  await ada.menu('Previous part of the window')
  await ada.shows('# Right')
  await keyboard.press('Control+End')
  await keyboard.type(' on the left')
  await shows(ada, 'Left [Right on the left]', '[Third on the right]')
  await expect.poll(() => ada.page.title()).toBe('Right on the left — Swarmpad')
  for (const text of ['# Right on the left', '# Third on the right'])
    await ada.page.getByRole('textbox', { name: 'Document text' }).getByText(text.slice(2)).waitFor()
  // Both are saved.
  await ada.says('Saved')
  await keyboard.press('Control+Tab')
  await shows(ada, '[Left] Right on the left', '[Third on the right]')

  // The keyboard moves the divider between them.
  const widths = () =>
    ada.page.getByRole('tabpanel').evaluateAll((panels) => panels.map((panel) => panel.clientWidth))
  const before = await widths()
  await ada.page.getByRole('separator', { name: 'Width of the left pane' }).focus()
  await keyboard.press('ArrowRight')
  await expect.poll(async () => ((await widths())[0] ?? 0) > (before[0] ?? 0)).toBe(true)
  await ada.page.getByRole('separator').dblclick()
  await expect.poll(widths).toEqual(before)

  // A document that is shown again goes where it is; a removed one leaves.
  await ada.page.getByRole('button', { name: /^Third on the right/ }).click()
  await shows(ada, '[Left] Right on the left', '[Third on the right]')
  await ada.shows('# Third on the right')
  await ada.press('More')
  await ada.page.getByRole('menuitem', { name: 'Remove', exact: true }).click()
  await shows(ada, '[Left] Right on the left')
  await ada.shows('# Left')
  await ada.press('Undo')
  await ada.shows('# Third on the right')
  expect(ada.errors).toEqual([])
})

it('all windows come back with their tabs, and a tab moves to a window of its own', {
  timeout: patience,
}, async () => {
  const first = await room.desk({ name: 'Ada' })
  await make(first, 'One', 'Two', 'Three')
  await first.menu('Move tab to the other side')
  await shows(first, 'One [Two]', '[Three]')
  await tab(first, 'Two').click()
  await first.shows('# Two')
  await make(first, 'Moved')
  await shows(first, 'One Two [Moved]', '[Three]')
  const [page] = await Promise.all([
    first.app.waitForEvent('window', { timeout: patience }),
    first.menu('Move tab to a new window'),
  ])
  const second = first.beside(page)
  await second.shows('# Moved')
  await shows(second, '[Moved]')
  await shows(first, 'One [Two]', '[Three]')
  await make(second, 'Four')
  await first.bringToFront()
  await expect.poll(() => first.page.evaluate(() => document.hasFocus())).toBe(true)
  await first.says('Saved')
  const ended = new Promise((resolve) => first.app.process().once('exit', resolve))
  await first.app.evaluate(({ app }) => app.quit())
  expect(await ended).toBe(0)

  const again = await room.desk({ profile: first.profile })
  await shows(again, 'One [Two]', '[Three]')
  await again.shows('# Two')
  await hasKeyboard(again)
  await expect.poll(() => again.app.windows().length, { timeout: patience }).toBe(2)
  const other = again.app.windows().find((one) => one !== again.page)
  if (!other) throw new Error('no second window')
  const beside = again.beside(other)
  await shows(beside, 'Moved [Four]')
  await beside.shows('# Four')
  // The keyboard is where it was.
  await again.page.keyboard.type('!')
  await shows(again, 'One [Two!]', '[Three]')
  // A window that is closed by its last tab is not there at the next start.
  await beside.menu('Close tab')
  await beside.menu('Close tab')
  await Promise.all([beside.page.waitForEvent('close', { timeout: patience }), beside.menu('Close tab')])
  expect([...first.errors, ...again.errors, ...second.errors, ...beside.errors]).toEqual([])
  expect(await again.quit()).toBe(0)
  const last = await room.desk({ profile: first.profile })
  await shows(last, 'One [Two!]', '[Three]')
  expect(last.app.windows()).toHaveLength(1)
})

it('a page that crashes comes back with its tabs', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await make(ada, 'One', 'Two', 'Three')
  await ada.menu('Move tab to the other side')
  await shows(ada, 'One [Two]', '[Three]')
  await ada.says('Saved')
  await ada.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()
  })
  // The driver does not follow the page that is loaded again.
  const read = () =>
    ada.app.evaluate(async ({ BrowserWindow }) => {
      const page = BrowserWindow.getAllWindows()[0]?.webContents
      if (!page || page.isCrashed() || page.isLoading()) return ''
      const words =
        "Array.from(document.querySelectorAll('[role=tab] .title, .cm-content'), (part) => part.innerText).join()"
      const late = new Promise<string>((resolve) => setTimeout(resolve, 1_000, ''))
      return Promise.race([page.executeJavaScript(words).then(String), late])
    })
  await expect.poll(read, { timeout: patience }).toMatch(/^One,Two,Three,[^,]*Two[^,]*,[^,]*Three/)
})
