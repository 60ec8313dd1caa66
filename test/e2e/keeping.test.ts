import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Desk, patience, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

it('a restart finds everything', async () => {
  let ada = await room.desk({ name: 'Ada' })
  await ada.create('# First\n\nOne.')
  await ada.says('Saved')
  await ada.create('# Second\n\nTwo.')
  await ada.workOffline(true)
  // Closed in the middle of a word, with edits that are not saved yet.
  await ada.type(' And the last w')
  expect(await ada.quit()).toBe(0)

  ada = await room.desk({ profile: ada.profile })
  await ada.page.getByRole('button', { name: /^Second/ }).click()
  await ada.shows('# Second\n\nTwo. And the last w')
  await ada.says('Saved', 'Offline')
  await ada.page.getByRole('button', { name: /^First/ }).click()
  await ada.shows('# First\n\nOne.')
  await ada.isOffline(true)
  expect(await ada.page.evaluate(() => window.swarmpad.profile())).toMatchObject({ value: { name: 'Ada' } })
  expect(ada.errors).toEqual([])
})

it('being killed while typing loses nothing that was shown as saved', async () => {
  let ada = await room.desk({ name: 'Ada' })
  await ada.create('# Diary\n\n')
  let saved = ''
  for (let round = 0; round < 4; round++) {
    await ada.type(`Round ${round}. `)
    await ada.says('Saved')
    saved = await ada.screen()
    const typing = ada.page.keyboard.type('and on and on and on', { delay: 5 }).catch(() => undefined)
    await expect.poll(() => ada.screen()).toContain(`Round ${round}. and`)
    await ada.kill()
    await typing
    ada = await room.desk({ profile: ada.profile })
    await ada.page.getByRole('button', { name: /^Diary/ }).click()
    await expect.poll(() => ada.screen(), { timeout: patience }).toContain(saved)
    const after = await ada.screen()
    expect(after.slice(saved.length)).toBe('and on and on and on'.slice(0, after.length - saved.length))
  }
})

it('killing the thread that merges while typing loses nothing at all', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Storm\n\n')
  const ben = await room.desk({ name: 'Ben' })
  await ben.join(await ada.link())
  await ben.shows('# Storm\n\n')
  await watchThreads(ada)
  await ada.type('')
  let typed = '# Storm\n\n'
  for (let round = 0; round < 3; round++) {
    const line = `line ${round}, typed while the thread behind it ends. `
    const typing = ada.page.keyboard.type(line, { delay: 10 })
    await expect.poll(() => ada.screen()).toContain(`line ${round}, typed`)
    expect(await endThread(ada)).toBe(true)
    await typing
    typed += line
    expect(await ada.screen()).toBe(typed)
  }
  await ben.shows(typed)
  await ada.says('Saved', 'In sync with 1 person')
  await ben.type('Ben goes on.')
  await ada.shows(`${typed}Ben goes on.`)
  expect([...ada.errors, ...ben.errors]).toEqual([])
})

/** Notes each worker thread of the main process that is spoken to. */
async function watchThreads(desk: Desk): Promise<void> {
  await desk.app.evaluate(() => {
    const { Worker } = process.getBuiltinModule('node:worker_threads')
    const post = Worker.prototype.postMessage
    Worker.prototype.postMessage = function (this: InstanceType<typeof Worker>, ...message) {
      Object.assign(globalThis, { thread: this })
      return post.apply(this, message)
    }
  })
}

/** Ends the worker thread that was spoken to last, in the middle of whatever it does. */
async function endThread(desk: Desk): Promise<boolean> {
  return desk.app.evaluate(async () => {
    const { thread } = globalThis as { thread?: { terminate(): Promise<number> } }
    await thread?.terminate()
    return thread !== undefined
  })
}
