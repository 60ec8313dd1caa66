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

describe('the dialog to share', () => {
  it('gives the write link by one key, tells who has the document, and fits every window', async () => {
    const ada = await room.desk({ name: 'Ada' })
    await ada.create('# Plan')
    await ada.press('Share')
    await dialogOf(ada).getByText('Nobody else yet.').waitFor({ state: 'attached' })
    // The first time, the dialog says what others learn.
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
