import { readFileSync, rmSync } from 'node:fs'
import type { EditorSelection } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { openWorkspace } from '../main/headless'
import { endApp } from '../scripts/lib/app.mjs'
import { prepare, start } from './desk'
import { Place, pause } from './place'
import { report } from './report'

/**
 * The longest task of the real window while somebody brings a heavy text, and while one writes in it: the time that it
 * computes, whatever else the machine does.
 */
const aim = 200
/** How long a text may take to come, in ms. */
const limit = 240_000

/** The element of the text, in which CodeMirror keeps its editor. */
interface Content {
  readonly cmTile: { readonly view: EditorView }
}

const row = (columns: number, cell: string): string => `|${` ${cell} |`.repeat(columns)}\n`
const table = (rows: number, columns: number): string =>
  row(columns, 'head') + row(columns, '---') + row(columns, '*cell* of text').repeat(rows)

const texts: readonly (readonly [name: string, text: string])[] = [
  ['an empty text', ''],
  ['a line of 200,000 letters from right to left', 'שלום עולם '.repeat(20_000)],
  ['a line of 200,000 letters in both directions', 'שלום world (1) '.repeat(13_000)],
  ['a line of 200,000 Chinese letters', '汉字写作测试文本内容'.repeat(20_000)],
  ['a line of 200,000 combining letters', `e${'\u0301\u0323'.repeat(20)} `.repeat(5_000)],
  ['a word of 200,000 letters', 'x'.repeat(200_000)],
  ['a line of 1 MB', 'word '.repeat(200_000)],
  ['100,000 empty lines', '\n'.repeat(100_000)],
  ['30,000 formulas in lines', '$x^2$ and $\\frac{a}{b}$\n\n'.repeat(15_000)],
  ['30,000 formulas that stand by themselves', '$$x^2$$\n\n'.repeat(30_000)],
  ['a table of 200 rows and 6 columns', `word\n\n${table(198, 6)}`],
  ['a table of 200 rows and 20 columns', `word\n\n${table(200, 20)}`],
  ['a table of 2,000 rows', `word\n\n${table(2_000, 4)}`],
  ['10,000 items of a list', '- an *item* of a list\n'.repeat(10_000)],
  ['10,000 numbered items', '1. an *item* of a list\n'.repeat(10_000)],
]

const place = await Place.open()
const directory = place.folder()
const link = await prepare(place, directory, 'start')
const ada = await start(place, directory, link)
const ben = await openWorkspace({ directory: place.folder(), bootstrap: place.bootstrap, name: 'Ben' })
await ben.setOffline(false)
const document = await ben.openDocument(link)
await document.whenSynced({ timeout: limit })
const editor = ada.page.getByRole('textbox', { name: 'Document text' })

for (const [name, text] of texts) {
  await longest(`${name}: it comes`, () => bring(text))
  await longest(`${name}: keys at its beginning`, () => keys('Control+Home'))
  await longest(`${name}: keys at its end`, () => keys('Control+End'))
  await longest(`${name}: scrolling`, scroll)
}
await replaceAll('20,000 matches in a line', 'a long '.repeat(20_000), 'a')
await replaceAll('10,000 matches in lines', 'some more words of a line\n'.repeat(10_000), 'some')
await manyCarets()
await bring('')
await longest('an empty text, at the end: keys', () => keys('Control+Home'))

await ben.close()
await endApp(ada.app)
await place.close()

/** Reports the longest task while something is done and until the page has rested. */
async function longest(what: string, run: () => Promise<void>): Promise<void> {
  await ada.app.evaluate(({ contentTracing }) =>
    contentTracing.startRecording({ included_categories: ['toplevel', '__metadata'] }),
  )
  await run()
  await pause(700)
  const file = await ada.app.evaluate(({ contentTracing }) => contentTracing.stopRecording())
  report(`${what}, longest task`, longestTask(JSON.parse(readFileSync(file, 'utf8'))), 'ms', aim)
  rmSync(file)
}

interface Trace {
  readonly traceEvents: readonly {
    readonly name: string
    readonly pid: number
    readonly tid: number
    /** Time in which the thread computed, in µs; waiting for a core does not count. */
    readonly tdur?: number
    readonly args: { readonly name?: string }
  }[]
}

/** Returns the time that the page's thread computed in its longest task, in ms. */
function longestTask({ traceEvents }: Trace): number {
  const pages = new Set(
    traceEvents.flatMap(({ name, pid, tid, args }) =>
      name === 'thread_name' && args.name === 'CrRendererMain' ? [`${pid} ${tid}`] : [],
    ),
  )
  const times = traceEvents.flatMap(({ pid, tid, tdur }) =>
    tdur !== undefined && pages.has(`${pid} ${tid}`) ? [tdur / 1_000] : [],
  )
  return times.reduce((most, time) => Math.max(most, time), 0)
}

let brought = 0

/** Lets the other person put a text in place of the present one. */
async function bring(text: string): Promise<void> {
  // The other person needs what was written here last, or it would not be replaced.
  const last = `(${brought++})`
  await editor.evaluate((content, insert) => {
    const { view } = (content as unknown as Content).cmTile
    view.dispatch({ changes: { from: view.state.doc.length, insert } })
  }, last)
  await until(async () => (await document.text()).endsWith(last))
  await document.edit([{ from: 0, to: (await document.text()).length, insert: text }])
  await until(async () => (await lengthHere()) === text.length)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + limit
  while (!(await holds()))
    if (performance.now() > end) throw new Error('the text did not come')
    else await pause(50)
}

/** The length of the text in the window, in UTF-16 code units. */
function lengthHere(): Promise<number> {
  return editor.evaluate((content) => (content as unknown as Content).cmTile.view.state.doc.length)
}

async function keys(first: string): Promise<void> {
  await editor.focus()
  const presses = [
    first,
    'x',
    'y',
    ' ',
    'ArrowLeft',
    'ArrowDown',
    'ArrowUp',
    'Enter',
    'Backspace',
    'Control+z',
  ]
  for (const key of presses) {
    await ada.page.keyboard.press(key)
    await pause(80)
  }
}

async function scroll(): Promise<void> {
  await ada.page.mouse.move(600, 400)
  for (let turn = 0; turn < 16; turn++) {
    await ada.page.mouse.wheel(0, turn < 10 ? 400 : -700)
    await pause(60)
  }
}

async function replaceAll(name: string, text: string, search: string): Promise<void> {
  await bring(text)
  await ada.page.keyboard.press('Control+f')
  await ada.page.getByLabel('Find in document').fill(search)
  await ada.page.getByLabel('Replace with').fill('é')
  await pause(500)
  await longest(`Replace all, ${name}`, async () => {
    await ada.page.getByRole('button', { name: 'Replace all' }).click()
    await pause(3_000)
  })
  await longest(`Undo of that, ${name}`, async () => {
    await editor.focus()
    await ada.page.keyboard.press('Control+z')
    await pause(3_000)
  })
  await ada.page.keyboard.press('Escape')
}

async function manyCarets(): Promise<void> {
  await bring('some words of a line\n'.repeat(5_000))
  for (const mode of ['', ' in focus mode']) {
    if (mode) await menu('Focus mode')
    await longest(`4,000 carets${mode}: they come`, () =>
      editor.evaluate((content) => {
        const { view } = (content as unknown as Content).cmTile
        // The editor's own class: the page has no other way to it.
        const { create, cursor } = view.state.selection.constructor as unknown as typeof EditorSelection
        const ranges = Array.from({ length: 4_000 }, (_, line) => cursor(line * 21))
        view.dispatch({ selection: create(ranges, 0) })
      }),
    )
    await longest(`4,000 carets${mode}: keys`, async () => {
      for (const key of ['x', 'y', 'ArrowRight', 'Backspace']) {
        await ada.page.keyboard.press(key)
        await pause(300)
      }
    })
    await longest(`4,000 carets${mode}: undo`, async () => {
      for (let time = 0; time < 3; time++) await ada.page.keyboard.press('Control+z')
      await pause(1_000)
    })
    await ada.page.keyboard.press('Control+Home')
  }
  await menu('Focus mode')
}

/** Chooses an item of the menus. */
async function menu(label: string): Promise<void> {
  await ada.app.evaluate(({ Menu, BrowserWindow }, label) => {
    const items = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []) ?? []
    const found = items.find((item) => item.label.replace('&', '') === label)
    found?.click(undefined, BrowserWindow.getAllWindows()[0])
  }, label)
}
