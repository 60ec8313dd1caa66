import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ExportReport } from '../../main/files/export-folder'
import { keysFromWrite } from '../../main/keys/derive'
import { formatLink } from '../../main/keys/link'
import { type Computer, Computers } from '../support/computers'

const secret = Buffer.alloc(32, 5)
const other = '# Plan\n\nOther words.'
const text = '# Plan\n\nWords that are in no text last seen.'
let root: string
let computers: Computers
let computer: Computer
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'swarmpad-folders-'))
  computers = new Computers(3)
  computer = computers.add('first')
  await computer.start('Ada')
  const document = await computers.done(computer.workspace.createDocument({ text, secret }))
  await computers.done(document.drained())
  computer.crash()
  await computer.start()
})
afterEach(async () => {
  await computers.close()
  await rm(root, { recursive: true })
})

/** Exports all documents, or copies of some, while the clock moves; the real disk takes its own time. */
async function exported(ids?: readonly string[]): Promise<ExportReport> {
  let report: ExportReport | null = null
  const run = { signal: new AbortController().signal, onProgress: () => undefined }
  const { folders } = computer.workspace
  void (ids ? folders.saveCopies(root, ids, run) : folders.export(root, run)).then((done) => {
    report = done
  })
  await expect.poll(() => computers.clock.advance(2_000).then(() => report)).not.toBeNull()
  return report ?? expect.fail()
}

it('an exported document has its whole text and its title, also if it was never shown since', async () => {
  expect(await exported()).toMatchObject({ written: 1, failed: 0 })
  expect(readdirSync(root)).toEqual(['Plan.md'])
  expect(readFileSync(join(root, 'Plan.md'), 'utf8')).toBe(text)
})

it('copies of some documents lie beside each other, and replace no file', async () => {
  const { workspace } = computer
  const made = [text, other, '# Left out'].map((text) =>
    computers.done(workspace.createDocument({ text, folder: 'Garden' })),
  )
  const [one, two] = await Promise.all(made)
  if (!one || !two) return expect.fail()
  await computers.done(Promise.all([one.drained(), two.drained()]))
  writeFileSync(join(root, 'Plan.md'), 'Mine.')
  expect(await exported([one.id, two.id, one.id])).toMatchObject({ written: 2, same: 0, isWhole: true })
  const texts = ['Plan.md', 'Plan 2.md', 'Plan 3.md'].map((name) => readFileSync(join(root, name), 'utf8'))
  expect(texts).toEqual(['Mine.', ...(one.id < two.id ? [text, other] : [other, text])])
  expect(readdirSync(root)).toHaveLength(3)
  expect(await exported([two.id])).toMatchObject({ written: 0, same: 1 })
})

it('a document that does not load, or that waits for its text, is a problem of the export', async () => {
  await computers.done(computer.workspace.openDocument(lonelyLink))
  expect(await exported()).toMatchObject({ written: 1, failed: 1, problems: [unready] })
  await computer.quit()
  await computer.start()
  computer.holdReplicas()
  expect(await exported()).toMatchObject({ written: 0, same: 0, failed: 2, problems: [unready, unready] })
  expect(readdirSync(root)).toEqual(['Plan.md'])
})

it('an import that was killed after it gave a document its text gives it no second one', async () => {
  const document = await computers.done(computer.workspace.createDocument({ text, secret }))
  await computers.done(document.settled())
  expect(await document.text()).toBe(text)
})

/** To a document that nobody has. */
const lonelyLink = formatLink(keysFromWrite(Buffer.alloc(32, 6)), 'write')
const unready = { error: { code: 'DOCUMENT_UNREADY' } }
