import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withDisplay } from './lib/display.mjs'
import { root } from './lib/run.mjs'
import { setUp } from './setup.mjs'

/** Two people write in one document, apart and together, in the real app; the pictures are in out/demo. */
const limit = 60_000
const pictures = join(root, 'out', 'demo')
const started = Date.now()
const tell = (text) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`)

const runtime = await setUp()
// Not before: in a fresh clone their packages are installed only now.
const { endApp, startApp } = await import('./lib/app.mjs')
const { localDht } = await import('./lib/local-dht.mjs')
const display = await withDisplay()
const dht = await localDht()
const folder = mkdtempSync(join(tmpdir(), 'swarmpad-demo-'))
const open = []
mkdirSync(pictures, { recursive: true })
try {
  tell(`a DHT of its own runs on ${dht.bootstrap}`)
  await demonstrate()
} catch (error) {
  tell(`FAILED: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  for (const { app } of open) await endApp(app).catch(() => undefined)
  await dht.end()
  display.end()
  rmSync(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
}

async function turnOffline(page) {
  await page.getByRole('button', { name: 'Your menu' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Work offline' }).click()
}

async function demonstrate() {
  const ada = await start('Ada', false)
  await ada.getByRole('button', { name: 'New document' }).first().click()
  // Enter goes on with the list, and a second one leaves it.
  await type(
    ada,
    '# A walk by the river\n\nWe meet on **Sunday** at ten, at the old bridge.\n\n- [ ] boots\ntwo cups each\n\n',
  )
  tell('Ada made a document and writes')
  await ada.getByRole('button', { name: 'Share' }).click()
  await ada.getByRole('button', { name: 'Copy link' }).click()
  await ada.getByText('Copied', { exact: true }).waitFor()
  await picture(ada, 'ada-share')
  await ada.keyboard.press('Escape')
  const link = await open[0].app.evaluate(({ clipboard }) => clipboard.readText())
  tell('Ada copied its write link')

  const ben = await start('Ben', true)
  await ben.getByRole('button', { name: 'Open link' }).first().click()
  await ben.getByLabel('Link', { exact: true }).fill(link)
  await ben.keyboard.press('Enter')
  await ben.getByText('at the old bridge').waitFor({ timeout: limit })
  tell('Ben opened the link and reads what Ada wrote')

  await Promise.all([type(ada, 'Ada brings tea. '), type(ben, 'Ben brings bread. ')])
  await inSync(ada, ben)
  tell('both wrote at once, and both hold the same text')
  // A caret shows its name for a moment after it moved.
  for (const page of [ada, ben]) await page.keyboard.press('ArrowLeft')
  await picture(ada, 'ada-together')
  await picture(ben, 'ben-together')

  await turnOffline(ben)
  await says(ben, 'Offline')
  tell('Ben works offline')
  await Promise.all([type(ada, 'And cake. '), type(ben, 'And apples. ')])
  await says(ben, 'Saved on this computer only')
  if ((await text(ada)) === (await text(ben))) throw new Error('the texts are equal while Ben is offline')
  tell('both go on writing; their texts differ now')
  await picture(ben, 'ben-offline')

  await turnOffline(ben)
  await ada.getByText('And apples.').waitFor({ timeout: limit })
  await ben.getByText('And cake.').waitFor({ timeout: limit })
  await inSync(ada, ben)
  tell('Ben came back: the texts are equal again, with everything that both wrote')
  console.log(`\n${await text(ada)}\n`)
  await picture(ada, 'ada-again')
  await picture(ben, 'ben-again')
  tell(`pictures of both windows are in ${pictures}`)
}

async function start(name, dark) {
  const instance = await startApp({
    executable: runtime.executable,
    profile: join(folder, name),
    bootstrap: dht.bootstrap,
    env: display.env,
    dark,
    width: 960,
    height: 640,
  })
  open.push(instance)
  const { page } = instance
  await page.getByLabel('Your name').fill(name)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'New document' }).first().waitFor()
  tell(`${name} started Swarmpad with a profile of their own`)
  return page
}

async function type(page, words) {
  const editor = page.getByRole('textbox', { name: 'Document text' })
  await editor.focus()
  await page.keyboard.press('Control+End')
  await page.keyboard.type(words, { delay: 20 })
}

async function says(page, words) {
  await page
    .getByRole('status', { name: 'Connection' })
    .filter({ hasText: words })
    .waitFor({ timeout: limit })
}

/** Waits until both windows say that they are in sync, and checks that they are. */
async function inSync(ada, ben) {
  for (const page of [ada, ben]) await says(page, 'In sync with 1 person')
  if ((await text(ada)) !== (await text(ben))) throw new Error('the texts differ')
}

/** Returns the text of the window's only document as the program has it; the window hides marks of Markdown. */
async function text(page) {
  return page.evaluate(async () => {
    const documents = await window.swarmpad.documents()
    const opened = await window.swarmpad.openDocument(documents.value[0].id)
    return opened.value.text
  })
}

async function picture(page, name) {
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}
