import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resize } from '../../scripts/lib/app.mjs'
import { type Desk, Room } from '../support/app'

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

const dialogOf = (desk: Desk) => desk.page.getByRole('dialog', { name: 'Share this document' })
/** How many CSS pixels of the dialog are out of sight. */
const hidden = (desk: Desk): Promise<number> =>
  dialogOf(desk).evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)

/** Gives the window a size and a zoom. */
async function show(desk: Desk, width: number, height: number, zoom: number): Promise<void> {
  await resize(desk.app, width, height)
  await desk.app.evaluate(({ BrowserWindow }, zoom) => {
    const [window] = BrowserWindow.getAllWindows()
    if (window) window.webContents.zoomFactor = zoom
  }, zoom)
  await desk.page.waitForFunction((width) => Math.abs(window.innerWidth - width) < 2, width / zoom)
}

it('a link is found in a whole mail, and of several the person chooses', async () => {
  const ada = await room.desk({ name: 'Ada' })
  await ada.create('# Minutes')
  const minutes = await ada.link('read')
  await ada.create('# Garden')
  const garden = await ada.link()
  const ben = await room.desk({ name: 'Ben' })
  const wrapped = `> > ${minutes.slice(0, 40)}=\n> > ${minutes.slice(40)}`
  await ben.openLink(`Hello Ben,\n\nhere it is:\n${wrapped}\n> Bye\n-- \nAda Byron`)
  await ben.shows('# Minutes')

  // The one that he knows is named; neither is opened before he chooses.
  await ben.openLink(`${wrapped}\n\nAnd “**${garden}**”, thanks!`)
  const choice = ben.page.getByRole('dialog', { name: 'Which link should be opened?' })
  await choice.getByRole('button', { name: /^Minutes To read only/ }).waitFor()
  const documents = () => ben.page.evaluate(() => window.swarmpad.documents())
  expect(await documents()).toMatchObject({ ok: true, value: [{ title: 'Minutes' }] })
  expect(await ben.page.content()).not.toContain(garden.slice(14, 40))
  await choice.getByRole('button', { name: /new here To read and write/ }).click()
  await ben.shows('# Garden')

  // A text that is dropped beside the text on screen.
  const drop = (text: string) =>
    ben.page.evaluate((text) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.setData('text/plain', text)
      const given = { dataTransfer, bubbles: true, cancelable: true }
      document.querySelector('aside')?.dispatchEvent(new DragEvent('drop', given))
    }, text)
  await drop('some words')
  await drop(`see ${minutes} there`)
  await ben.shows('# Minutes')
  expect(await ben.page.locator('.toast').count()).toBe(0)
  expect([...ada.errors, ...ben.errors]).toEqual([])
})

describe('the dialog to share', () => {
  it('gives the write link by one key, tells who has the document, and fits every window', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('# Plan')
    await ada.press('Share')
    await dialogOf(ada).getByText('Nobody else yet.').waitFor({ state: 'attached' })
    // A person who shares for the first time sees the note on addresses.
    await dialogOf(ada).getByText('with no server between').waitFor()
    await ada.page.keyboard.press('Enter')
    await dialogOf(ada).getByText('Copied', { exact: true }).waitFor()
    const link = await ada.app.evaluate(({ clipboard }) => clipboard.readText())
    expect(link).toMatch(/^swarmpad:spw1/)

    const others = await Promise.all(
      ['Ben', 'Cleo', 'Dora', 'Eve', 'Finn'].map((name) => room.desk({ name })),
    )
    await Promise.all(others.slice(0, 3).map((desk) => desk.join(link)))
    await dialogOf(ada).getByText('Who has it (3)').click()
    await dialogOf(ada).getByRole('listitem').filter({ hasText: 'Ben' }).getByText('here now').waitFor()
    await Promise.all(others.slice(3).map((desk) => desk.join(link)))
    await dialogOf(ada).getByText('and 2 more').waitFor()

    for (const [width, height, zoom] of [
      [800, 600, 1],
      [1280, 800, 1.5],
      [800, 600, 1.5],
    ] as const) {
      await show(ada, width, height, zoom)
      for (const fold of ['Other links', 'People you share with', 'Who has it']) {
        await dialogOf(ada).getByText(fold).click()
        await expect.poll(() => hidden(ada), { message: `${width}x${height} ${zoom} ${fold}` }).toBe(0)
      }
    }
    expect(ada.errors).toEqual([])
  })
})
