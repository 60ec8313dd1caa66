import { readFileSync } from 'node:fs'
import { keysFromWrite } from '../main/keys/derive'
import { endApp } from '../scripts/lib/app.mjs'
import { randomFrom } from '../test/support/random'
import { type Desk, limit, prepare, start } from './desk'
import { keepMany } from './kept-profile'
import { Place, pause } from './place'
import { percentile, report, reportSpread } from './report'
import { prose, sizes } from './text'

/** The real app, measured from outside: its start, a key's way to both screens, its memory. */
const starts = 5
const keys = 60

const random = randomFrom(8)
const place = await Place.open()
const text = (size: number): string => `\n${prose(random, size)}`

await measureStart()
for (const { name, size } of sizes) await measureKeys(name, size)
await measureMemory()
await place.close()

/** From the start of the process until the document that it was started with takes a key. */
async function measureStart(): Promise<void> {
  const directory = place.folder()
  const link = await prepare(place, directory, text(10_000))
  const times: number[] = []
  for (let run = 0; run < starts; run++) {
    const started = performance.now()
    const desk = await start(place, directory, link)
    await desk.page.keyboard.press('x')
    times.push(performance.now() - started)
    await endApp(desk.app)
  }
  report('start to an editor that takes a key', percentile(times, 0.5), 'ms', 1_500)
}

/** A key's way from its keydown to the frame that shows it, here and in another window. */
async function measureKeys(name: string, size: number): Promise<void> {
  const directory = place.folder()
  const link = await prepare(place, directory, text(size))
  const ada = await start(place, directory, link)
  const ben = await start(place, place.folder(), link)
  for (const { page } of [ada, ben])
    await page
      .getByRole('status', { name: 'Connection' })
      .filter({ hasText: 'In sync with 1 person' })
      .waitFor({ timeout: limit })
  // Both look at the start of the text, whatever its length.
  await ada.page.keyboard.press('Control+Home')
  for (const { page } of [ada, ben]) await page.evaluate(watch)
  const slow = await typed(ada, ben, () => 250 + random.below(100))
  reportSpread(`key to own screen, ${name}`, slow.own, 'ms')
  reportSpread(`key to the other window, typing slowly, ${name}`, slow.other, 'ms', 50)
  const fast = await typed(ada, ben, () => 60)
  reportSpread(`key to the other window, 16 keys a second, ${name}`, fast.other, 'ms', 150)
  for (const { app } of [ada, ben]) await endApp(app)
}

/** Types keys and collects the ms until each was seen on both screens. */
async function typed(ada: Desk, ben: Desk, gap: () => number): Promise<{ own: number[]; other: number[] }> {
  for (const { page } of [ada, ben]) await page.evaluate(() => window.bench?.clear())
  for (let key = 0; key < keys; key++) {
    await pause(gap())
    await ada.page.keyboard.press('x')
  }
  await pause(1_000)
  const pressed = await ada.page.evaluate(() => window.bench?.pressed ?? [])
  const own = await ada.page.evaluate(() => window.bench?.shown ?? [])
  const other = await ben.page.evaluate(() => window.bench?.shown ?? [])
  if (pressed.length !== keys || own.length < keys || other.length < keys)
    throw new Error(`${keys} keys, of which ${own.length} and ${other.length} were seen`)
  const spans = (shown: readonly number[]) => pressed.map((at, index) => (shown[index] ?? at) - at)
  return { own: spans(own), other: spans(other) }
}

declare global {
  interface Window {
    bench?: { pressed: number[]; shown: number[]; clear(): void }
  }
}

/** Runs in the page: notes when keys are pressed, and when the first line shows one character more. */
function watch(): void {
  const content = document.querySelector('.cm-content')
  if (!content) throw new Error('no editor is there')
  const now = () => performance.timeOrigin + performance.now()
  const length = () => content.querySelector('.cm-line')?.textContent?.length ?? 0
  let seen = length()
  const bench = {
    pressed: [] as number[],
    shown: [] as number[],
    clear() {
      bench.pressed = []
      bench.shown = []
      seen = length()
    },
  }
  window.bench = bench
  content.addEventListener(
    'keydown',
    (event) => bench.pressed.push(performance.timeOrigin + event.timeStamp),
    true,
  )
  new MutationObserver(() => {
    const more = length() - seen
    seen += more
    // Changes made before a frame are on screen after it.
    requestAnimationFrame(() => {
      for (let key = 0; key < more; key++) bench.shown.push(now())
    })
  }).observe(content, { childList: true, characterData: true, subtree: true })
}

/** Measures the main process's memory with one document open, in libraries of 1 and 1,000 documents. */
async function measureMemory(): Promise<void> {
  for (const count of [1, 1_000]) {
    const directory = place.folder()
    const all = Array.from({ length: count }, () => keysFromWrite(random.bytes(32)))
    await keepMany(directory, place, all)
    const desk = await start(place, directory, await prepare(place, directory, text(1_000)))
    await pause(20_000)
    const name = `${count + 1} documents, one open`
    const { resident, own } = memoryOf(desk.app.process().pid ?? 0)
    report(`the app's main process, ${name}: its own memory`, own, 'MB', 200)
    report(`the same with what it shares with other processes (resident)`, resident, 'MB')
    await endApp(desk.app)
  }
}

/** Memory of a process in MB: resident, and private to it. */
function memoryOf(process: number): { resident: number; own: number } {
  const text = readFileSync(`/proc/${process}/smaps_rollup`, 'utf8')
  const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]) / 1024
  return { resident: megabytes('Rss'), own: megabytes('Private_Clean') + megabytes('Private_Dirty') }
}
