import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const dialogOf = (desk: Desk) => desk.page.getByRole('dialog', { name: 'Replace the links' })
const bannerOf = (desk: Desk) => desk.page.getByRole('region', { name: 'The links were replaced' })

async function copied(desk: Desk, label: string): Promise<string> {
  await desk.press(label)
  await desk.page.getByText('Copied', { exact: true }).waitFor()
  return desk.app.evaluate(({ clipboard }) => clipboard.readText())
}

it('the links are replaced: who was picked comes along, the old document goes on as it is (R1 to R4)', async () => {
  const [ada, ben] = await Promise.all([room.desk({ name: 'Ada' }), room.desk({ name: 'Ben' })])
  await ada.create('# Plan\n\nFirst thoughts.')
  const oldLink = await ada.link()
  await ben.join(oldLink)
  await ben.shows('# Plan\n\nFirst thoughts.')
  await ben.type(' And more.')
  await ada.shows('# Plan\n\nFirst thoughts. And more.')
  const oldId = await ada.id()

  await ada.press('More')
  await ada.page.getByRole('menuitem', { name: 'Replace the links…' }).click()
  const dialog = dialogOf(ada)
  await dialog.getByText('This cannot take anything back.').waitFor()
  await dialog.getByRole('checkbox', { name: /^Ben [a-z0-9]{4}-[a-z0-9]{4}/ }).check()
  await dialog.getByRole('button', { name: 'Replace the links' }).click()
  await ada.page.getByRole('dialog', { name: 'The links were replaced' }).waitFor({ timeout: patience })
  const newLink = await copied(ada, 'Copy link')
  expect(newLink).toMatch(/^swarmpad:spw1/)
  expect(newLink).not.toBe(oldLink)
  await ada.page.keyboard.press('Escape')
  await ada.shows('# Plan\n\nFirst thoughts. And more.')

  const banner = bannerOf(ben)
  await banner.getByText('replaced the links of this document, and gives you the new one.').waitFor({
    timeout: patience,
  })
  expect(await banner.textContent()).toMatch(/Ada\s+[a-z0-9]{4}-[a-z0-9]{4}/)
  await banner.getByRole('button', { name: 'Open the new one' }).click()
  await ben.says('In sync with 1 person')
  await ben.shows('# Plan\n\nFirst thoughts. And more.')
  await ben.type(' Ben is here.')
  await ada.shows('# Plan\n\nFirst thoughts. And more. Ben is here.')
  await ada.type(' Ada too.')
  await ben.shows('# Plan\n\nFirst thoughts. And more. Ben is here. Ada too.')

  // Both still have the old one, where nothing of this is seen, and which says what it is.
  for (const desk of [ada, ben]) {
    await desk.page.getByRole('button', { name: /Links replaced/ }).click()
    await bannerOf(desk).waitFor()
    await desk.shows('# Plan\n\nFirst thoughts. And more.')
  }
  await bannerOf(ada).getByText('Whoever has the old ones can still read and write here.').waitFor()
  await expect.poll(() => bannerOf(ada).textContent(), { timeout: patience }).not.toContain('Not told yet')
  await bannerOf(ben).getByText('You have the new one.').waitFor()
  await ben.type(' Still here.')
  await ada.shows('# Plan\n\nFirst thoughts. And more. Still here.')
  const page = await ben.page.evaluate((id) => window.swarmpad.openDocument(id), oldId)
  expect(JSON.stringify(page)).not.toContain('swarmpad:sp')
  await bannerOf(ben).getByRole('button', { name: 'Not now' }).click()
  await bannerOf(ben).waitFor({ state: 'detached' })
  expect([...ada.errors, ...ben.errors]).toEqual([])
})
