import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const titles = async (desk: Desk): Promise<string[]> => {
  const documents = await desk.page.evaluate(() => window.swarmpad.documents())
  return documents.ok ? documents.value.map(({ title }) => title) : [documents.code]
}

it('a new person begins in a document that teaches by being edited, and is theirs', async () => {
  const ada = await room.desk({ welcome: true })
  await ada.page.getByLabel('Your name').fill('Ada [B] *')
  await ada.page.keyboard.press('Enter')
  await ada.editor.waitFor()
  await expect.poll(() => ada.text()).toContain('# Welcome, Ada \\[B\\] \\*\n')
  await ada.says('Saved')
  // The keyboard is in the text; a box is ticked and undone like in any document.
  expect(await ada.page.evaluate(() => document.activeElement?.className)).toContain('cm-content')
  await ada.page.getByRole('checkbox').first().click()
  await expect.poll(() => ada.text()).toContain('- [x] Tick this box')
  const bar = ada.page.getByRole('region', { name: 'Bring your notes' })
  await bar.getByRole('button', { name: 'Open files…' }).waitFor()
  await bar.getByRole('button', { name: 'Not now' }).click()
  await bar.waitFor({ state: 'detached' })
  await ada.press('More')
  await ada.page.getByRole('menuitem', { name: 'Remove', exact: true }).click()
  await ada.page.getByRole('heading', { name: 'A quiet place to write together' }).waitFor()
  await ada.quit()

  // It does not come back.
  const again = await room.desk({ profile: ada.profile, welcome: true })
  await again.page.getByRole('heading', { name: 'A quiet place to write together' }).waitFor()
  expect(await titles(again)).toEqual([])
  expect([...ada.errors, ...again.errors]).toEqual([])
})

it('somebody who comes by a link begins in what it opens', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Invitation')
  const ben = await room.desk({ welcome: true, opening: await ada.link() })
  await ben.page.getByLabel('Your name').fill('Ben')
  await ben.page.keyboard.press('Enter')
  await ben.linkQuestion.waitFor()
  await ben.press('Open')
  await ben.shows('# Invitation')
  expect(await titles(ben)).toEqual(['Invitation'])
  expect([...ada.errors, ...ben.errors]).toEqual([])
})
