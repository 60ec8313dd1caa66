import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resize } from '../../scripts/lib/app.mjs'
import { type Desk, Room } from '../support/app'
import { libraryTour } from '../support/library-tour'
import { tour } from '../support/tour'
import { writingTour } from '../support/writing-tour'

/** Folder for pictures of each screen in these sizes; without it none are taken (`npm run screens`). */
const pictures = process.env.SWARMPAD_SCREENS
/** Width and height in px, and the zoom of the page. */
const sizes = [
  [1600, 1000, 1],
  [1280, 800, 1.5],
  [1280, 800, 1],
  [800, 600, 1],
] as const

/** The list is the same with less; making 10,000 documents takes a while. */
const largeLibraryTour: typeof tour = (room, dark, visit) =>
  libraryTour(room, dark, visit, pictures ? 10_000 : 300)

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

/** Returns what axe-core finds on the screen: rule, and the elements that break it. */
async function findings({ page }: Desk): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    // Colours that still fade in have no contrast yet.
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null)))
    const { violations } = await axe.run(document, {
      resultTypes: ['violations'],
      rules: { 'label-content-name-mismatch': { enabled: true } },
    })
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
    )
  })
}

async function take(name: string, theme: string, { app, page }: Desk): Promise<void> {
  if (!pictures) return
  const folder = pictures
  mkdirSync(folder, { recursive: true })
  const picture = async (which: string): Promise<void> => {
    const fileName = join(folder, `${name}-${theme}-${which}.png`)
    // No event says that the compositor has caught up with another size, so that time has to pass.
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)))
    // Playwright cuts a picture of a page that is zoomed.
    const png = await app.evaluate(async ({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return (await window?.webContents.capturePage())?.toPNG().toString('base64') ?? ''
    })
    writeFileSync(fileName, Buffer.from(png, 'base64'))
  }
  for (const [width, height, zoom] of sizes) {
    await resize(app, width, height)
    await app.evaluate(({ BrowserWindow }, zoom) => {
      const [window] = BrowserWindow.getAllWindows()
      if (window) window.webContents.zoomFactor = zoom
    }, zoom)
    await page.waitForFunction((width) => Math.abs(window.innerWidth - width) < 2, width / zoom)
    await picture(`${width}x${height}${zoom === 1 ? '' : `-${100 * zoom}%`}`)
  }
  await page.emulateMedia({ forcedColors: 'active' })
  await picture('forced')
  await page.emulateMedia({ forcedColors: 'none' })
  // As wide as it was: in a narrow window, the outline covers the text.
  await resize(app, 1000, 700)
  await page.waitForFunction(() => window.innerWidth === 1000)
}

/** Colours of an element and of its ground as they are painted: 'on ground' where they are alike. */
async function painted(desk: Desk, selector: string): Promise<string[]> {
  return desk.page.locator(selector).evaluateAll((elements) =>
    elements.map((element) => {
      const { backgroundColor, borderTopColor, borderTopWidth, outlineStyle } = getComputedStyle(element)
      const seen = outlineStyle !== 'none' || Number.parseFloat(borderTopWidth) > 0
      return seen ? `${backgroundColor} in ${borderTopColor}` : backgroundColor
    }),
  )
}

it('with forced colours shows the switch, the document on screen and the state of the connection', async () => {
  const desk = await room.desk({ name: 'Ada' })
  await desk.page.emulateMedia({ forcedColors: 'active' })
  await desk.create('# One')
  await desk.create('# Two')
  await desk.says('Saved')
  const ground = await desk.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await desk.menu('Settings…')
  const { page } = desk
  const wanted = page.getByRole('switch', { name: /^Focus mode/ })
  await wanted.waitFor()
  // One that is on has its thumb on the colour of what is selected.
  const thumbs = '[role="switch"][aria-checked="false"] .thumb'
  await expect.poll(() => painted(desk, thumbs)).not.toContain(ground)
  const off = await painted(desk, '[role="switch"] .track')
  await wanted.click()
  await page.getByRole('switch', { name: /^Focus mode/, checked: true }).waitFor()
  await expect.poll(() => painted(desk, '[role="switch"] .track')).not.toEqual(off)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await expect.poll(async () => new Set(await painted(desk, 'nav button')).size).toBe(2)
  await desk.page.locator('.dot').first().waitFor()
  await expect.poll(() => painted(desk, '.dot')).not.toContain(ground)
  if (pictures) await desk.page.screenshot({ path: join(pictures, 'forced-colours.png') })
})

describe.each(['light', 'dark'])('every screen, in the %s theme', (theme) => {
  it.each([
    ['of the program', tour],
    ['of a text with every element', writingTour],
    ['of a large library with names of any script', largeLibraryTour],
  ])('has nothing that axe-core finds: %s', async (_, visitAll) => {
    const found: Record<string, string[]> = {}
    await visitAll(room, theme === 'dark', async (name, desk) => {
      const here = await findings(desk)
      if (here.length > 0) found[name] = here
      await take(name, theme, desk)
    })
    expect(found).toEqual({})
  })
})
