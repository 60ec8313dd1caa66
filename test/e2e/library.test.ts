import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const nav = ({ page }: Desk) => page.getByRole('navigation', { name: 'Documents' })
const row = (desk: Desk, title: string) => nav(desk).getByRole('button', { name: new RegExp(`^${title}`) })

/** Titles and headings in the library's list, from the top on. */
const listed = (desk: Desk): Promise<string[]> =>
  nav(desk)
    .getByRole('row')
    .evaluateAll((rows) =>
      rows.map(
        (row) => (row.querySelector('.title') ?? row.querySelector('.words'))?.textContent?.trim() ?? '',
      ),
    )

/** Waits until the list has these titles and headings. */
const lists = (desk: Desk, expected: string[]) => expect.poll(() => listed(desk)).toEqual(expected)

async function write(desk: Desk, ...titles: string[]): Promise<void> {
  for (const title of titles) {
    await desk.create(`# ${title}\n`)
    await row(desk, title).waitFor()
  }
  await desk.says('Saved')
}

/** The words of the control that the keyboard is at; its label where it shows none. */
const focused = ({ page }: Desk): Promise<string> =>
  page.evaluate(() => {
    const control = document.activeElement
    return control?.textContent?.trim() || control?.getAttribute('aria-label') || ''
  })

it('is arranged by keyboard alone, and a restart keeps it', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await write(ada, 'Apples', 'Bread', 'Cheese')
  const { keyboard } = ada.page
  const press = async (...keys: string[]) => {
    for (const key of keys) await keyboard.press(key)
  }
  const isAt = (words: RegExp) => expect.poll(() => focused(ada)).toMatch(words)

  await ada.menu('Show library')
  await isAt(/^Cheese/)
  await press('Shift+ArrowDown')
  await isAt(/^Bread/)
  await ada.page.getByText('2 selected').waitFor()
  await press('Shift+F10')
  await isAt(/^Pin/)
  await press('ArrowDown', 'Enter')
  await ada.page.getByRole('dialog', { name: 'Move 2 documents' }).waitFor()
  await keyboard.type('Food/Cold')
  await press('Enter')
  await lists(ada, ['Food', 'Cold', 'Cheese', 'Bread', 'No folder', 'Apples'])
  await ada.page.getByText('2 documents were moved to “Food › Cold”.').waitFor()

  await ada.menu('Show library')
  await press('Home')
  await isAt(/^Food/)
  await press('F2')
  await ada.page.getByRole('dialog', { name: 'Rename or move the folder' }).waitFor()
  await keyboard.type('Meals')
  await press('Enter')
  await lists(ada, ['Meals', 'Cold', 'Cheese', 'Bread', 'No folder', 'Apples'])
  await ada.menu('Show library')
  await press('End')
  await isAt(/^Apples/)
  await press('Shift+F10')
  await isAt(/^Open/)
  await keyboard.press('End')
  await press('ArrowUp', 'ArrowUp', 'ArrowUp')
  await isAt(/^Archive/)
  await press('Enter')
  await lists(ada, ['Meals', 'Cold', 'Cheese', 'Bread', 'Archive'])
  await ada.menu('Show library')
  await press('Home')
  await isAt(/^Meals/)
  await press('ArrowLeft')
  await lists(ada, ['Meals', 'Archive'])
  await ada.quit()

  const again = await room.desk({ profile: ada.profile })
  await lists(again, ['Meals', 'Archive'])
  await nav(again)
    .getByRole('button', { name: /^Meals/ })
    .click()
  await nav(again)
    .getByRole('button', { name: /^Archive/ })
    .click()
  await lists(again, ['Meals', 'Cold', 'Cheese', 'Bread', 'Archive', 'Apples'])
  expect([...ada.errors, ...again.errors]).toEqual([])
})

it('is arranged by mouse, and each step can be undone', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await write(ada, 'Apples', 'Bread', 'Cheese', 'Dates')
  const { page } = ada
  /** Clicks Undo in the toast about a document. */
  const undo = (title: string) =>
    page.locator('.toast').filter({ hasText: title }).getByRole('button', { name: 'Undo' }).click()

  await row(ada, 'Dates').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Pin', exact: true }).click()
  await lists(ada, ['Pinned', 'Dates', 'Documents', 'Cheese', 'Bread', 'Apples'])
  await row(ada, 'Cheese').dragTo(row(ada, 'Dates'))
  await lists(ada, ['Pinned', 'Dates', 'Cheese', 'Documents', 'Bread', 'Apples'])
  await undo('Cheese')
  await lists(ada, ['Pinned', 'Dates', 'Documents', 'Cheese', 'Bread', 'Apples'])

  await page.getByRole('button', { name: 'Sort and folders' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'By title' }).click()
  await lists(ada, ['Pinned', 'Dates', 'Documents', 'Apples', 'Bread', 'Cheese'])
  await page.getByRole('button', { name: 'Sort and folders' }).click()
  await page.getByRole('menuitem', { name: 'New folder…' }).click()
  await page.keyboard.type('Kitchen')
  await page.keyboard.press('Enter')
  const kitchen = nav(ada).getByRole('button', { name: /^Kitchen/ })
  await row(ada, 'Apples').click({ modifiers: ['ControlOrMeta'] })
  await row(ada, 'Cheese').click({ modifiers: ['Shift'] })
  await page.getByText('3 selected').waitFor()
  await row(ada, 'Bread').dragTo(kitchen)
  await lists(ada, ['Pinned', 'Dates', 'Kitchen', 'Apples', 'Bread', 'Cheese'])

  // Dropped on the text, it opens.
  await row(ada, 'Apples').dragTo(ada.editor)
  await ada.shows('# Apples\n')
  await page.getByRole('button', { name: 'Select nothing' }).click()
  await kitchen.click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'New document here' }).click()
  await ada.shows('Write here…')
  await lists(ada, ['Pinned', 'Dates', 'Kitchen', 'Apples', 'Bread', 'Cheese', 'Untitled'])
  // Left empty, it goes without a word.
  await ada.menu('Close tab')
  await lists(ada, ['Pinned', 'Dates', 'Kitchen', 'Apples', 'Bread', 'Cheese'])

  await kitchen.click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'New folder here…' }).click()
  await page.keyboard.type('Pots')
  await page.keyboard.press('Enter')
  await lists(ada, ['Pinned', 'Dates', 'Kitchen', 'Pots', 'Apples', 'Bread', 'Cheese'])
  await row(ada, 'Bread').click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Move to folder…' }).click()
  await page.getByRole('option', { name: 'No folder' }).click()
  await lists(ada, ['Pinned', 'Dates', 'Kitchen', 'Pots', 'Apples', 'Cheese', 'No folder', 'Bread'])
  await undo('Bread')
  await lists(ada, ['Pinned', 'Dates', 'Kitchen', 'Pots', 'Apples', 'Bread', 'Cheese'])
  await kitchen.click()
  await lists(ada, ['Pinned', 'Dates', 'Kitchen'])
  expect(ada.errors).toEqual([])
})

it('removes several with a way back, and what was removed is restored or deleted after a restart', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await write(ada, 'Apples', 'Bread', 'Cheese')
  await row(ada, 'Cheese').focus()
  await ada.page.keyboard.press('Control+a')
  await ada.page.keyboard.press('Delete')
  await ada.page.getByText('3 documents were removed.').waitFor()
  await ada.press('Undo')
  await lists(ada, ['Cheese', 'Bread', 'Apples'])
  await row(ada, 'Cheese').focus()
  await ada.page.keyboard.press('Shift+ArrowDown')
  await ada.page.keyboard.press('Delete')
  await lists(ada, ['Apples'])
  await expect.poll(() => focused(ada)).toMatch(/^Apples/)
  await ada.quit()

  const again = await room.desk({ profile: ada.profile })
  const { page } = again
  await page.getByRole('button', { name: /^Removed/ }).click()
  const removed = page.getByRole('region', { name: 'Removed documents' })
  await removed.getByText('Deleted in 30 days').first().waitFor()
  await again.press('Restore Bread')
  await page.getByText('“Bread” is in the library again.').waitFor()
  await expect.poll(() => focused(again)).toBe('Restore Cheese')
  await removed.getByRole('button', { name: 'Delete Cheese now' }).click()
  await page.getByRole('dialog', { name: 'Delete “Cheese” now?' }).waitFor()
  await again.press('Delete now')
  await removed.getByText('Nothing is here.').waitFor()
  await expect.poll(() => focused(again)).toBe('Back to the library')
  await again.press('Back to the library')
  await lists(again, ['Bread', 'Apples'])
  expect([...ada.errors, ...again.errors]).toEqual([])
})

it('finds documents by title, text and tag in its field', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Shopping\n\nAubergines for the festival. #draft\n')
  await ada.create('# Festival\n\nBegins at ten.\n')
  await row(ada, 'Festival').waitFor()
  await ada.says('Saved')
  const { page } = ada
  const field = page.getByLabel('Search documents')
  await field.fill('festi')
  await lists(ada, ['Festival', 'In texts', 'Shopping'])
  await nav(ada).getByText('for the festival').waitFor()
  await field.press('ArrowDown')
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.evaluate(() => getSelection()?.toString())).toBe('festi')
  await field.fill('')
  await page.getByRole('button', { name: '#draft 1' }).click()
  await lists(ada, ['Shopping'])
  await page.getByRole('button', { name: '#draft 1' }).click()
  await lists(ada, ['Festival', 'Shopping'])
  expect(ada.errors).toEqual([])
})
