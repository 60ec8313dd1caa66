import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Room } from '../support/app'
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
  await ada.says('Looking for peers')
  const profile = join(room.folder(), 'keeper')
  expect((await keeper(['add', await ada.link('keeper'), '--profile', profile])).code).toBe(0)
  child = await runKeeper(profile, ['--bootstrap', room.bootstrap])
  await ada.says('Saved on this computer', 'Also with 1 keeper')
  await ada.page.getByRole('button', { name: 'What this means' }).click()
  await ada.page.getByText('It cannot read them.').waitFor()
  await ada.quit()

  const ben = await room.desk({ name: 'Ben' })
  await ben.join(link)
  await ben.shows('# Minutes\n\nAll agreed.')
  await ben.type(' And signed.')
  await ben.says('Also with 1 keeper')
  await ben.quit()
  await child.kill()
  child = await runKeeper(profile, ['--bootstrap', room.bootstrap])

  const back = await room.desk({ profile: ada.profile })
  await back.page.getByRole('button', { name: /^Minutes/ }).click()
  await back.shows('# Minutes\n\nAll agreed. And signed.')
  expect([ada, ben, back].flatMap((desk) => desk.errors)).toEqual([])
})
