import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { type Computer, Computers } from '../support/computers'

let computers: Computers
let ada: Computer
let ben: Computer
beforeEach(async () => {
  computers = new Computers(46)
  ada = computers.add('ada')
  ben = computers.add('ben')
  await ada.start('Ada')
})
afterEach(() => computers.close())

const write = (computer: Computer, text: string): Promise<SharedDocument> =>
  computers.done(computer.workspace.createDocument({ text }))

/** Waits for work on real files and real derivation of keys, the clock moving slowly. */
async function onDisk<T>(work: Promise<T>): Promise<T> {
  const ended = work.then(
    () => true,
    () => true,
  )
  for (let spent = 0; spent < 4_000; spent++) {
    if (await Promise.race([ended, new Promise<false>((resolve) => setTimeout(() => resolve(false), 5))]))
      return work
    await computers.clock.advance(5)
  }
  throw new Error('waited in vain: work on files')
}

/** Ends the program as kill -9 does, and starts it again. */
async function again(computer: Computer): Promise<void> {
  computer.crash()
  await computer.start()
}

it('a document is neither announced nor looked up until a link to it is shown, then at once and for good (N26)', async () => {
  const garden = await write(ada, '# Garden')
  await write(ada, '# Letters')
  await garden.edit([{ from: 8, to: 8, insert: ' in frost' }])
  await computers.clock.advance(60_000)
  await again(ada)
  await computers.clock.advance(60_000)
  expect(ada.topics).toBe(0)
  const document = await computers.done(ada.workspace.document(garden.id))
  await computers.clock.advance(60_000)
  expect(ada.topics).toBe(0)
  const link = await document.link('write')
  expect(ada.topics).toBe(1)
  await computers.clock.advance(1_000)
  await again(ada)
  await computers.until(() => ada.topics === 1, 'it to be announced after a restart')

  // A person who opens it by the link announces it at once, also before anything of it came.
  await computers.done(ada.workspace.setOffline(true))
  await ben.start('Ben')
  await computers.done(ben.workspace.openDocument(link))
  expect(ben.topics).toBe(1)
  await again(ben)
  await computers.until(() => ben.topics === 1, 'Ben to announce it after a restart')
  // It comes before what changed earlier.
  const changedAt = ben.interests[0]?.changedAt ?? 0
  expect(computers.clock.now() - changedAt).toBeLessThan(10_000)
})

it('a document on which somebody else is met is announced, though its mark was not stored (N26)', async () => {
  const [garden, letters] = [await write(ada, '# Garden'), await write(ada, '# Letters')]
  const shown = await letters.link('write')
  await computers.clock.advance(1_000)
  // The disk refuses to note that the link was shown.
  ada.disk.full = true
  const hidden = await garden.link('write')
  await computers.clock.advance(1_000)
  await again(ada).catch(() => undefined)
  ada.disk.full = false
  await again(ada)
  await computers.until(() => ada.topics === 1, 'one to be announced')
  await ben.start('Ben')
  await computers.done(ben.workspace.openDocument(hidden))
  await computers.clock.advance(60_000)
  expect(ada.topics).toBe(1)
  await computers.done(ben.workspace.openDocument(shown))
  await computers.until(() => ada.topics === 2, 'Ada to announce both')
  await computers.clock.advance(1_000)
  await ben.quit()
  await again(ada)
  await computers.until(() => ada.topics === 2, 'both to be announced after a restart')
})

it('a document that replaces another is announced where somebody is to be told, and not otherwise (N26, R1)', async () => {
  const garden = await write(ada, '# Garden')
  await ben.start('Ben')
  const theirs = await computers.done(ben.workspace.openDocument(await garden.link('write')))
  await computers.until(async () => (await theirs.text()) === '# Garden', 'Ben to read it')
  await theirs.edit([{ from: 0, to: 0, insert: '> ' }])
  await computers.until(() => garden.writers().length === 1, 'Ada to see Ben')
  const replace = (receivers: string[]) =>
    computers.done(ada.workspace.rotation.replace(garden.id, { receivers, keepOld: true }))
  await replace([])
  expect(ada.topics).toBe(1)
  await replace(garden.writers().map(({ key }) => key))
  expect(ada.topics).toBe(2)
  await computers.clock.advance(1_000)
  await again(ada)
  await computers.until(() => ada.topics === 2, 'it to be announced after a restart')
})

it('a document is announced once a backup of it alone is made, and where one is restored (N26)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'announced-'))
  try {
    const garden = await write(ada, '# Garden')
    const passphrase = 'a long passphrase'
    const fileOf = (name: string) => join(folder, name)
    await garden.settled()
    const { backups } = ada.workspace
    await onDisk(backups.make({ path: fileOf('all'), passphrase, id: null }))
    expect(ada.topics).toBe(0)
    // The same person, with whom nobody else has met.
    await ben.start()
    await onDisk(ben.workspace.backups.restore({ path: fileOf('all'), passphrase }))
    await computers.clock.advance(1_000)
    expect([ada.topics, ben.topics]).toEqual([0, 0])
    await onDisk(backups.make({ path: fileOf('one'), passphrase, id: garden.id }))
    expect(ada.topics).toBe(1)
    await onDisk(ben.workspace.backups.restore({ path: fileOf('one'), passphrase }))
    await computers.until(() => ben.topics === 1, 'Ben to announce what he was given')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
