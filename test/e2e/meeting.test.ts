import { afterEach, beforeEach, expect, it } from 'vitest'
import { Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

it('two writers who type before they ever met agree when they meet', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('The question: ')
  const link = await ada.link()
  await ada.says('Saved')
  await ada.quit()

  const [ben, cleo] = await Promise.all([room.desk({ name: 'Ben' }), room.desk({ name: 'Cleo' })])
  await Promise.all([ben.workOffline(true), cleo.workOffline(true)])
  await Promise.all([ben.join(link), cleo.join(link)])
  await Promise.all([ben.type('Ben says yes. '), cleo.type('Cleo says no. ')])
  await ben.says('Saved on this computer only', 'Offline')
  // One's own words are not what is waited for.
  await ben.page.getByText('Waiting for someone who has this document.').waitFor()
  await Promise.all([ben.workOffline(false), cleo.workOffline(false)])
  await ben.says('In sync with 1 person')
  await cleo.says('In sync with 1 person')
  await expect
    .poll(async () => (await ben.screen()).split(/(?<=\. )/).sort())
    .toEqual(['Ben says yes. ', 'Cleo says no. '])
  const both = await ben.screen()
  await cleo.shows(both)

  const back = await room.desk({ profile: ada.profile })
  await back.page.getByRole('button', { name: /^The question/ }).click()
  for (const desk of [back, ben, cleo]) await desk.says('In sync with 2 people')
  for (const part of ['The question: ', 'Ben says yes. ', 'Cleo says no. '])
    await expect.poll(() => back.screen()).toContain(part)
  const all = await back.screen()
  await ben.shows(all)
  await cleo.shows(all)
  expect([ada, ben, cleo, back].flatMap((desk) => desk.errors)).toEqual([])
})

it('a link that is opened while nobody is there waits, and fills when someone comes', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Letter\n\nDear reader,')
  const link = await ada.link('read')
  await ada.says('Saved')
  await ada.quit()

  const ben = await room.desk({ name: 'Ben' })
  await ben.join(link)
  await ben.page.getByText('Waiting for someone who has this document.').waitFor()
  await ben.says('Nobody else is here')
  await ben.page.getByText('Waiting for someone who has it').waitFor()

  const back = await room.desk({ profile: ada.profile })
  await ben.shows('# Letter\n\nDear reader,')
  await ben.page.getByText('Waiting for someone who has this document.').waitFor({ state: 'detached' })
  await ben.page.getByRole('button', { name: /^Letter/ }).waitFor()
  await ben.says('In sync with 1 person')
  expect([ada, ben, back].flatMap((desk) => desk.errors)).toEqual([])
})

it('someone who has left is no longer needed: what they wrote comes from whoever holds it', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('By Ada.')
  const link = await ada.link()
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(link)
  await ada.says('In sync with 1 person')
  await ada.quit()
  const cleo = await room.desk({ name: 'Cleo' })
  await cleo.join(link)
  await cleo.shows('By Ada.')
})
