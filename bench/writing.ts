import { openWorkspace } from '../main/headless'
import { endApp } from '../scripts/lib/app.mjs'
import { randomFrom } from '../test/support/random'
import { limit, prepare, start } from './desk'
import { type Frames, framesDuring, watchFrames } from './frames'
import { Place, pause } from './place'
import { percentile, report } from './report'
import { prose } from './text'

/** The real window while others write into a large text, beside the same window at rest. */
const size = 1_000_000
const keysPerSecond = 60
/** How long each part is measured, in ms. */
const span = 6_000

const place = await Place.open()
const random = randomFrom(16)
const directory = place.folder()
const link = await prepare(place, directory, `# Head\n\n${prose(random, size)}`)
const ada = await start(place, directory, link)
const ben = await openWorkspace({ directory: place.folder(), bootstrap: place.bootstrap, name: 'Ben' })
await ben.setOffline(false)
const document = await ben.openDocument(link)
await document.whenSynced({ timeout: limit })
await ada.page.keyboard.press('Control+Home')
await watchFrames(ada)
await pause(5_000)

const rest = await framesDuring(ada, () => pause(span))
tell('at rest', rest)
tell(`others write ${keysPerSecond} keys a second`, await framesDuring(ada, write), rest)
await ada.page.locator('.cm-line', { hasText: 'xxxxx' }).first().waitFor()
tell('scrolling', await framesDuring(ada, scroll), rest)
tell('scrolling while others write', await framesDuring(ada, () => Promise.all([write(), scroll()])), rest)

await ben.close()
await endApp(ada.app)
await place.close()

function tell(what: string, { gaps, tasks }: Frames, idle?: Frames): void {
  const p95 = percentile(gaps, 0.95)
  report(`1 MB, ${what}: time between frames, p95`, p95, 'ms')
  if (idle)
    report(
      `1 MB, ${what}: the same beside the window at rest`,
      p95 / percentile(idle.gaps, 0.95),
      'times',
      1.3,
    )
  report(`1 MB, ${what}: longest task of the page`, Math.max(0, ...tasks), 'ms', 50)
}

/** Types at the start of the text, which is in sight, from another program. */
async function write(): Promise<void> {
  const start = performance.now()
  for (let key = 0; key < (keysPerSecond * span) / 1_000; key++) {
    await pause(start + (key * 1_000) / keysPerSecond - performance.now())
    await document.edit([{ from: 8 + key, to: 8 + key, insert: key % 6 === 5 ? ' ' : 'x' }])
  }
  // Edits that are still on their way count too.
  await document.whenSynced({ timeout: limit })
}

/** Turns the wheel, first down, then up. */
async function scroll(): Promise<void> {
  const { page } = ada
  const box = await page.getByRole('textbox', { name: 'Document text' }).boundingBox()
  if (!box) throw new Error('no editor is there')
  await page.mouse.move(box.x + box.width / 2, 300)
  const end = performance.now() + span
  while (performance.now() < end) {
    await page.mouse.wheel(0, performance.now() < end - span / 2 ? 120 : -120)
    await pause(30)
  }
}
