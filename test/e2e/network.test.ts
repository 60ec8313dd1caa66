import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

it('the network is shown as in a mirror: this computer, who is reached how, what is copied', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Mirror\n\n')
  const link = await ada.link()
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(link)
  await ada.says('In sync with 1 person')
  await ada.page.getByRole('button', { name: 'What this means' }).click()
  await ada.page.getByRole('button', { name: 'Network…' }).click()
  const dialog = ada.page.getByRole('dialog', { name: 'Network' })
  await dialog.getByText('Others see this computer as 127.0.0.1').waitFor()
  const bytes = () => dialog.getByText(/^Connected on this computer/).innerText()
  await dialog.getByText('Ben', { exact: true }).waitFor()
  const measured = /\d+ ms there and back · .* received, .* sent · in sync/
  await expect.poll(bytes).toMatch(measured)
  const before = await bytes()
  await ben.type('Some words of his own that are sent. ')
  await expect.poll(bytes).not.toBe(before)
  await expect.poll(bytes).toMatch(measured)
  await dialog.getByRole('button', { name: 'Copy as text' }).click()
  await dialog.getByText('Copied.').waitFor()
  const text = await ada.app.evaluate(({ clipboard }) => clipboard.readText())
  expect(text).toMatch(/^Ben: Connected on this computer/m)
  expect(text).not.toMatch(/sp[wrk]1|[0-9a-f]{32}|Mirror/)

  await dialog.getByText('Own relays and nodes').click()
  await dialog.getByLabel(/^Keys of relays/).fill('nonsense')
  await dialog.getByRole('button', { name: 'Use these' }).click()
  await dialog.getByText('The key of a relay is 64 letters from 0 to 9 and a to f.').waitFor()
  await dialog.getByLabel(/^Keys of relays/).fill('AB'.repeat(32))
  await dialog.getByRole('button', { name: 'Use these' }).click()
  await dialog.getByText('Used from now on.').waitFor()
  await ada.page.keyboard.press('Escape')
  await ada.workOffline(true)
  await ada.menu('Network…')
  await dialog.getByText('You work offline.').waitFor()
  expect([ada, ben].flatMap((desk) => desk.errors)).toEqual([])
})

it('says in the terminal what the network is like, and by its exit code whether anybody answers', async () => {
  const diagnose = (bootstrap: string) =>
    new Promise<{ code: number; out: string }>((done) => {
      const args = [resolve('scripts/diagnose.mjs'), '--bootstrap', bootstrap, '--no-lan']
      execFile(process.execPath, args, (error, out) => done({ code: Number(error?.code ?? 0), out }))
    })
  const [alive, dead] = await Promise.all([diagnose(room.bootstrap), diagnose('127.0.0.1:9')])
  expect(alive.out).toMatch(/^Connection: You are online/m)
  expect(alive.out).toMatch(/^Your router: /m)
  expect(alive.code).toBe(0)
  expect(dead.out).toMatch(/No computer of the network answers/)
  expect(dead.code).toBe(1)
})

it('leaves the network when the system goes to sleep, and meets the others again when it wakes', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Sleep\n\n')
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(await ada.link())
  await ada.says('In sync with 1 person')
  await ben.holds('# Sleep\n\n')
  // The events that Electron emits on suspend and resume; a test cannot put the machine to sleep.
  await ada.app.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend'))
  await ada.says('Offline')
  await ben.says('Nobody else is here')
  await ben.type('While Ada sleeps. ')
  await ada.app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'))
  await ada.says('In sync with 1 person')
  await expect.poll(() => ada.text()).toContain('While Ada sleeps. ')
  await ada.workOffline(true)
  await ada.app.evaluate(({ powerMonitor }) => powerMonitor.emit('suspend'))
  await ada.app.evaluate(({ powerMonitor }) => powerMonitor.emit('resume'))
  await ben.says('Nobody else is here')
  await ada.says('Offline')
  expect([ada, ben].flatMap((desk) => desk.errors)).toEqual([])
})
