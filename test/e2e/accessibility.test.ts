import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resize } from '../../scripts/lib/app.mjs'
import { type Desk, Room } from '../support/app'
import { tour } from '../support/tour'

/** Folder for pictures of each screen in two sizes; without it none are taken (`npm run screens`). */
const pictures = process.env.SWARMPAD_SCREENS
const sizes = [
  [1600, 1000],
  [800, 600],
] as const

let room: Room
beforeEach(async () => {
  room = new Room()
  await room.open()
})
afterEach(() => room.close())

/** Returns what axe-core finds on the screen: rule, and the elements that break it. */
async function findings({ page }: Desk): Promise<string[]> {
  await page.evaluate(axe.source)
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
  mkdirSync(pictures, { recursive: true })
  for (const [width, height] of sizes) {
    await resize(app, width, height)
    await page.waitForFunction((width) => window.innerWidth === width, width)
    await page.screenshot({
      path: join(pictures, `${name}-${theme}-${width}x${height}.png`),
      animations: 'disabled',
      caret: 'hide',
    })
  }
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
  const thumb = () => painted(desk, '[role="switch"] .thumb')
  expect(await thumb()).not.toContain(ground)
  const off = await painted(desk, '[role="switch"] .track')
  await desk.workOffline(true)
  expect(await painted(desk, '[role="switch"] .track')).not.toEqual(off)
  const rows = await painted(desk, 'nav button')
  expect(new Set(rows).size).toBe(2)
  const dot = await painted(desk, '[role="status"]').then(() => painted(desk, '.dot'))
  expect(dot.every((colour) => colour !== ground)).toBe(true)
  if (pictures) await desk.page.screenshot({ path: join(pictures, 'forced-colours.png') })
})

describe.each(['light', 'dark'])('every screen, in the %s theme', (theme) => {
  it('has nothing that axe-core finds', async () => {
    const found: Record<string, string[]> = {}
    await tour(room, theme === 'dark', async (name, desk) => {
      const here = await findings(desk)
      if (here.length > 0) found[name] = here
      await take(name, theme, desk)
    })
    expect(found).toEqual({})
  })
})
