import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { patience, Room } from '../support/app'
import type { Child } from '../support/child-program'
import { keeper, runKeeper } from '../support/keeper'

let room: Room
let child: Child | null = null
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(async () => {
  await room.close()
  await child?.kill()
  child = null
})

it('what one has written is there for another who comes when nobody but a keeper is', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Minutes\n\nAll agreed.')
  const link = await ada.link()
  await ada.says('Nobody else is here')
  const profile = join(room.folder(), 'keeper')
  expect((await keeper(['add', await ada.link('keeper'), '--profile', profile])).code).toBe(0)
  child = await runKeeper(profile, ['--bootstrap', room.bootstrap, '--name', 'Attic'])
  await ada.says('Saved', 'Also with 1 keeper')
  await expect.poll(() => ada.status.getAttribute('title')).toBe('Also with Keeper Attic')
  await ada.page.getByRole('button', { name: 'What this means' }).click()
  await ada.page.getByText(/has all your words · confirmed just now · here now/).waitFor()
  await ada.page.getByText('It cannot read them.').waitFor()
  await ada.quit()

  const ben = await room.desk({ name: 'Ben' })
  await ben.join(link)
  await ben.shows('# Minutes\n\nAll agreed.')
  await ben.type(' And signed.')
  await ben.says('Also with 1 keeper')
  await ben.quit()
  await child.kill()

  // Nobody is there: what the keeper signed still tells where the words are.
  const alone = await room.desk({ profile: ada.profile })
  await alone.page.getByRole('button', { name: /^Minutes/ }).click()
  await alone.says('Saved', 'Also with 1 keeper')
  await expect.poll(() => alone.status.getAttribute('title')).toBe('Also with Keeper Attic')
  await alone.quit()
  child = await runKeeper(profile, ['--bootstrap', room.bootstrap])

  const back = await room.desk({ profile: ada.profile })
  await back.page.getByRole('button', { name: /^Minutes/ }).click()
  await back.shows('# Minutes\n\nAll agreed. And signed.')
  expect([ada, ben, back].flatMap((desk) => desk.errors)).toEqual([])
})

it('asks before quitting when the last words are nowhere else and others share them, but not when the system ends it', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Mine alone')
  await ada.says('Saved')
  await ada.press('New document')
  await ada.shows('Write here…')
  await ada.type('# Plans')
  await ada.link()
  await ada.type(' for May')
  await ada.says('Saved on this computer only')
  // The question names it as the library does.
  await ada.page.getByRole('button', { name: /^Plans for May/ }).waitFor()
  await ada.closeWindow('Stay')
  await expect
    .poll(() => ada.asked(), { timeout: patience })
    .toEqual(['Your last words in “Plans for May” are on this computer only'])
  await ada.type(' and June')
  await ada.shows('# Plans for May and June')
  // Typed a moment ago, and nowhere else: whoever were asked would stay.
  const ended = await ada.endBySignal('SIGTERM')
  expect(ended.code).toBe(0)
  expect(ended.after).toBeLessThan(5_000)

  const later = await room.desk({ profile: ada.profile })
  await later.page.getByRole('button', { name: /^Plans/ }).click()
  await later.shows('# Plans for May and June')
  await later.type(' too')
  await later.says('Saved on this computer only')
  await later.closeWindow(null)
  await expect.poll(() => later.asked(), { timeout: patience }).toHaveLength(1)
  // The question stands there, and nobody answers it.
  const hungUp = await later.endBySignal('SIGHUP')
  expect(hungUp.code).toBe(0)
  expect(hungUp.after).toBeLessThan(5_000)

  // Nothing was written since: there is nothing to ask about.
  const again = await room.desk({ profile: ada.profile })
  await again.page.getByRole('button', { name: /^Plans/ }).click()
  await again.shows('# Plans for May and June too')
  await again.says('Saved on this computer only')
  const process = again.app.process()
  const closed = new Promise((resolve) => process.once('exit', resolve))
  await again.closeWindow('Stay')
  await closed
})
