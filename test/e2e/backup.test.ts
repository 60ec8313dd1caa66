import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

const words = 'a garden in november'
let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

/** Answers the system's dialog for where to save. */
const saveTo = (desk: Desk, path: string) =>
  desk.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath })
  }, path)
/** Answers the system's dialog for what to open. */
const choose = (desk: Desk, path: string) =>
  desk.app.evaluate(({ dialog }, filePath) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [filePath] })
  }, path)

/** Picks an entry of the program's menu. */
const menu = (desk: Desk, label: string) =>
  desk.app.evaluate(({ Menu }, wanted) => {
    const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? []
    items.find((item) => item.label.replace('&', '') === wanted)?.click()
  }, label)

async function save(desk: Desk, path: string): Promise<void> {
  await saveTo(desk, path)
  await desk.page.getByLabel('Passphrase of the file').fill(words)
  await desk.page.getByLabel('Passphrase again').fill(words)
  await desk.page.keyboard.press('Enter')
  await desk.page.getByText(`Saved as ${path}`).waitFor({ timeout: patience })
  await desk.press('Done')
}

async function restore(desk: Desk, label: 'Restore' | 'Open'): Promise<void> {
  await desk.page.getByLabel('Passphrase of the file').fill(words)
  await desk.page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click()
  await desk.page.getByRole('button', { name: 'Done' }).waitFor({ timeout: patience })
}

describe('a backup of everything', () => {
  it('is made from the menu, and brings a person back on the first screen of another computer', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('# Garden\n\nThe first frost came.')
    await ada.says('Saved')
    const path = join(room.folder(), 'everything.swarmpad')
    await menu(ada, 'Back up everything…')
    const dialog = ada.page.getByRole('dialog', { name: 'Back up everything' })
    // Invalid input is reported at its field.
    await dialog.getByRole('button', { name: 'Save…' }).click()
    await dialog.getByText('Type a passphrase for the file.').waitFor()
    await dialog.getByLabel('Passphrase of the file').fill('short')
    await ada.page.keyboard.press('Enter')
    await dialog.getByText('at least 8 characters').waitFor()
    await save(ada, path)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path).includes('frost')).toBe(false)
    await ada.quit()

    const moved = await room.desk()
    const damaged = join(room.folder(), 'damaged.swarmpad')
    writeFileSync(damaged, readFileSync(path).subarray(0, -20))
    await choose(moved, damaged)
    await moved.press('Restore from a backup…')
    await moved.page.getByLabel('Passphrase of the file').fill(words)
    await moved.page.keyboard.press('Enter')
    await moved.page.getByText('This file is damaged').waitFor({ timeout: patience })
    await moved.page.keyboard.press('Escape')

    await choose(moved, path)
    await moved.press('Restore from a backup…')
    await moved.page.getByLabel('Passphrase of the file').fill('not the passphrase')
    await moved.page.keyboard.press('Enter')
    await moved.page.getByText('not the passphrase of this file').waitFor({ timeout: patience })
    await restore(moved, 'Restore')
    await moved.page.getByText('Welcome back.').waitFor()
    await moved.press('Done')
    await moved.page.getByRole('button', { name: /Garden/ }).click()
    await moved.editor.waitFor()
    await expect.poll(() => moved.text(), { timeout: patience }).toContain('The first frost came.')
    await moved.type('\nAnd the second.')
    await moved.says('Saved')
    expect(await moved.page.getByRole('button', { name: /Change your name/ }).innerText()).toContain('Ada')
    expect(moved.errors).toEqual([])
  })

  it('adds its documents where a person is at work already', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('# Garden\n\nThe first frost came.')
    await ada.says('Saved')
    const path = join(room.folder(), 'everything.swarmpad')
    // The way to it where protection is spoken of.
    await ada.fromYourMenu('Protection')
    await ada.press('Back up everything…')
    await save(ada, path)
    const first = await room.desk({ name: 'Ben' })
    await first.quit()
    const ben = await room.desk({ profile: first.profile, opening: path })
    await ben.page.getByRole('dialog', { name: 'Restore from a backup' }).waitFor({ timeout: patience })
    await ben.page.getByText('Nothing that is here is replaced').waitFor()
    await restore(ben, 'Restore')
    await ben.page.getByText('One document was added.').waitFor()
    await ben.press('Done')
    await ben.page.getByRole('button', { name: /Garden/ }).waitFor()
    expect(await ben.page.getByRole('button', { name: /Change your name/ }).innerText()).toContain('Ben')
  })
})

it('one document is saved with its keys and opened elsewhere, where both go on writing in it', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Garden\n\nThe first frost came.')
  await ada.says('Saved')
  const path = join(room.folder(), 'Garden.swarmpad')
  await ada.press('More')
  await ada.page.getByRole('menuitem', { name: 'Save a copy with its keys…' }).click()
  await save(ada, path)
  const ben = await room.desk({ name: 'Ben' })
  await choose(ben, path)
  await menu(ben, 'Open file…')
  await ben.page.getByText('Open it only if you know who made the file.').waitFor()
  await restore(ben, 'Open')
  await ben.press('Done')
  await ben.editor.waitFor()
  await expect.poll(() => ben.text(), { timeout: patience }).toContain('The first frost came.')
  await ben.type('\nBen read it.')
  await expect.poll(() => ada.text(), { timeout: patience }).toContain('Ben read it.')
  // A text file is opened by the same entry.
  const text = join(room.folder(), 'list.md')
  writeFileSync(text, '# A list\n\n- rake\n')
  await choose(ben, text)
  await menu(ben, 'Open file…')
  await expect.poll(() => ben.text(), { timeout: patience }).toContain('- rake')
  expect([...ada.errors, ...ben.errors]).toEqual([])
})
