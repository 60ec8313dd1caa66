import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { SwarmNetwork } from '../../main/network/swarm-network'
import { harden } from '../../main/sync/wire/hardened-mux'
import { type Desk, patience, Room } from '../support/app'
import { HostileWriter } from '../support/hostile-writer'

let room: Room
const writers: HostileWriter[] = []
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.close()))
  await room.close()
})

/** Someone comes with the write link and edits that no honest program makes. */
async function intrude(link: string, name: string, identity: number): Promise<void> {
  const environment = systemEnvironment
  const writer = new HostileWriter({ keys: keysFromLink(parseLink(link)), environment, name, identity })
  writers.push(writer)
  await writer.open()
  await writer.write('An honest beginning. ')
  await writer.writeUnsound(`Words that ${name} signed as someone else's.`)
  await writer.share(new SwarmNetwork({ environment, bootstrap: room.nodes, guard: harden }))
}

const dialogOf = (desk: Desk) => desk.page.getByRole('dialog', { name: 'What was left out' })
const notice = (desk: Desk, name: string) =>
  desk.page
    .getByRole('alert')
    .filter({ hasText: new RegExp(`Edits by ${name} \\([a-z0-9]{4}-[a-z0-9]{4}\\)`) })

it('edits that cannot be read are left out by name, can be looked at, saved and put away (rule D5)', async () => {
  let ada = await room.desk({ name: 'Ada' })
  await ada.create('# Minutes\n\n')
  const link = await ada.link()
  await intrude(link, 'Mallory', 1)
  await notice(ada, 'Mallory').waitFor({ timeout: patience })
  await ada.says('Needs attention')
  await ada.type('The document goes on.')
  await ada.says('Saved')
  await expect.poll(() => ada.text()).toContain('An honest beginning.')
  const text = await ada.text()
  expect(text).toContain('The document goes on.')
  expect(text).not.toContain('signed as')

  await ada.press('See what was left out')
  const dialog = dialogOf(ada)
  await dialog.getByText('passed off as their own').waitFor()
  await dialog.getByText("Words that Mallory signed as someone else's.").waitFor()
  const path = join(room.folder(), 'left out.json')
  await ada.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath })
  }, path)
  await dialog.getByRole('button', { name: 'Save what was left out…' }).click()
  await dialog.getByText(`Saved as ${path}`).waitFor()
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    // Whichever of the two stands first.
    document: expect.stringContaining('Minutes'),
    whole: true,
    sessions: [
      {
        author: 'Mallory',
        firstLeftOut: 2,
        leftOut: [{ number: 2, text: "Words that Mallory signed as someone else's." }],
      },
    ],
  })
  await ada.page.keyboard.press('Escape')

  await ada.press('Got it')
  await notice(ada, 'Mallory').waitFor({ state: 'detached' })
  await expect.poll(() => ada.status.textContent(), { timeout: patience }).not.toContain('Needs attention')
  await ada.quit()
  ada = await room.desk({ profile: ada.profile })
  await ada.page.getByRole('button', { name: /Minutes/ }).click()
  await ada.says('Saved')
  expect(await notice(ada, 'Mallory').count()).toBe(0)
  await ada.press('More')
  await ada.page.getByRole('menuitem', { name: 'What was left out…' }).click()
  await dialogOf(ada).getByText('Mallory').first().waitFor()
  await ada.page.keyboard.press('Escape')

  await intrude(link, 'Trudy', 2)
  await notice(ada, 'Trudy').waitFor({ timeout: patience })
  expect(ada.errors).toEqual([])
})
