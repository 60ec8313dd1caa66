import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

/** Notes that are imported besides three others: enough that a kill comes before the last. */
const rowCount = 80

const room = new Room()
beforeAll(() => room.open())
afterAll(() => room.close())

/** Answers the question for a folder. */
const choose = (desk: Desk, folder: string) =>
  desk.app.evaluate(({ dialog }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] })
  }, folder)

/** Texts of all documents in the library, sorted, with their folders. */
const library = (desk: Desk) =>
  desk.page.evaluate(async () => {
    const listed = await window.swarmpad.documents()
    const documents = listed.ok ? listed.value : []
    return documents.map(({ title, folder }) => `${folder}/${title}`).sort()
  })

const dialogOf = (desk: Desk, name: string) => desk.page.getByRole('dialog', { name })

it('a folder of notes becomes documents that link to each other, once, and everything goes back into files', async () => {
  const notes = join(room.folder(), 'Garden')
  const put = (place: string, text: string) => writeFileSync(join(notes, place), text)
  mkdirSync(join(notes, 'Beds/Old'), { recursive: true })
  mkdirSync(join(notes, '.obsidian'))
  put('.obsidian/app.json', '{}')
  put('Home.md', 'Sow [[Beans]] in [the old bed](Beds/Old/West%20bed.md). #spring')
  put('Beds/Beans.md', '# Beans, climbing\n\nThey want poles.')
  put('Beds/Old/West bed.md', 'Two metres long.')
  put('Beds/photo.png', 'no text')
  for (let number = 0; number < rowCount; number++) put(`Beds/Row ${number}.md`, `# Row ${number}\n\nWords.`)

  // A program that is killed while it imports goes on with the import at the next start.
  const first = await room.desk({ name: 'Ada' })
  await choose(first, notes)
  await first.menu('Import a folder…')
  await expect.poll(async () => (await library(first)).length, { timeout: patience }).toBeGreaterThan(2)
  await first.kill()

  const ada = await room.desk({ profile: first.profile })
  await ada.page.getByRole('navigation', { name: 'Documents' }).waitFor()
  await choose(ada, notes)
  await ada.menu('Import a folder…')
  const imported = dialogOf(ada, 'Import a folder')
  const said = imported.getByText(
    /^[1-9]\d* documents? (was|were) added to the library, in the folder “Garden”\.$/,
  )
  await said.waitFor()
  expect(Number.parseInt((await said.textContent()) ?? '', 10)).toBeLessThan(rowCount + 3)
  await imported.getByText('1 picture was left out: documents have no pictures and files yet.').waitFor()
  await imported.getByRole('button', { name: 'Done' }).click()
  const rows = Array.from({ length: rowCount }, (_, number) => `Garden/Beds/Row ${number}`)
  expect(await library(ada)).toEqual(
    ['Garden/Home', 'Garden/Beds/Beans, climbing', 'Garden/Beds/Old/West bed', ...rows].sort(),
  )

  await ada.menu('Import a folder…')
  await imported.getByText(`${rowCount + 3} files are documents already, from an earlier import.`).waitFor()
  await imported.getByRole('button', { name: 'Done' }).click()

  await ada.page.getByLabel('Search documents').fill('metres')
  await ada.page.getByRole('button', { name: /^West bed/ }).click()
  await ada.shows('# West bed\n\nTwo metres long.')
  await ada.page.getByLabel('Search documents').fill('')

  const out = room.folder()
  await choose(ada, out)
  await ada.menu('Export everything as a folder…')
  const exported = dialogOf(ada, 'Export everything as a folder')
  await exported.getByText(new RegExp(`^${rowCount + 3} documents were written to `)).waitFor()
  await exported.getByRole('button', { name: 'Done' }).click()
  const files = readdirSync(join(out, 'Garden'), { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => name.endsWith('.md'))).toHaveLength(rowCount + 3)
  expect(readFileSync(join(out, 'Garden/Home.md'), 'utf8')).toBe(
    '# Home\n\nSow [[Beans, climbing|Beans]] in [[West bed|the old bed]]. #spring',
  )

  // Copies of the selected ones lie beside each other, and a repeated one is left.
  const copies = room.folder()
  await choose(ada, copies)
  await ada.menu('Save copies of the selected documents…')
  await ada.page.getByText('Select documents in the library first').waitFor()
  const titles = ada.page
    .getByRole('navigation', { name: 'Documents' })
    .locator('.title', { hasText: /^Row / })
  await titles.nth(1).waitFor()
  const chosen = await Promise.all([titles.nth(0).innerText(), titles.nth(1).innerText()])
  const rowOf = (title: string) => ada.page.getByRole('button', { name: new RegExp(`^${title}\\b`) })
  for (const title of chosen) await rowOf(title).click({ modifiers: ['ControlOrMeta'] })
  const saved = dialogOf(ada, 'Save copies')
  await rowOf(chosen[1]).click({ button: 'right' })
  await ada.page.getByRole('menuitem', { name: 'Save copies…' }).click()
  await saved.getByText(/^2 documents were written to /).waitFor()
  await saved.getByRole('button', { name: 'Done' }).click()
  expect(readdirSync(copies).sort()).toEqual(chosen.map((title) => `${title}.md`).sort())
  expect(readFileSync(join(copies, `${chosen[1]}.md`), 'utf8')).toBe(`# ${chosen[1]}\n\nWords.`)
  await ada.menu('Save copies of the selected documents…')
  await saved.getByText('2 documents were there already, with the same text.').waitFor()
  expect(ada.errors).toEqual([])
})
