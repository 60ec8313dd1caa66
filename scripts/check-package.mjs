import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withDisplay } from './lib/display.mjs'
import { localDht } from './lib/local-dht.mjs'
import { must, output, root, say } from './lib/run.mjs'

/** How long the packaged app may take for each thing that is asked of it, in ms. */
const limit = 60_000

/**
 * Starts the packed app, and as root installs the .deb, starts that and removes it again. Throws when
 * any of it fails or leaves something behind.
 */
export async function checkPackage({ unpacked, deb }) {
  holdsDictionaries(join(unpacked, 'resources', 'dictionaries'))
  await starts(join(unpacked, 'swarmpad'))
  say('the packed app starts, saves what is written, and checks its spelling')
  if (process.getuid?.() !== 0 || output('dpkg', ['--version']) === null) {
    say('the .deb was not installed to try it: that needs root on Debian or Ubuntu')
    return
  }
  if (existsSync('/opt/Swarmpad'))
    throw new Error('another Swarmpad is installed in /opt/Swarmpad: remove it first')
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }
  await must('dpkg', ['--install', deb], quiet)
  try {
    await starts('/usr/bin/swarmpad')
  } finally {
    await must('dpkg', ['--purge', 'swarmpad'], quiet)
  }
  const left = ['/opt/Swarmpad', '/usr/bin/swarmpad', '/usr/share/applications/swarmpad.desktop'].filter(
    (file) => existsSync(file),
  )
  if (left.length > 0) throw new Error(`removing the package left ${left.join(', ')}`)
  say('the .deb installs, starts and is removed cleanly')
}

/** Starts an executable with a profile of its own and writes in its window, seen from outside. */
async function starts(executable) {
  const { startHardened } = await import('./lib/hardened.mjs')
  const profile = mkdtempSync(join(tmpdir(), 'swarmpad-package-'))
  const display = await withDisplay()
  const dht = await localDht()
  try {
    const { bootstrap } = dht
    const app = await startHardened({ executable, profile, bootstrap, env: display.env })
    try {
      await write(app.page)
      await checkSpelling(app.page)
    } finally {
      await app.end()
    }
  } finally {
    await dht.end()
    display.end()
    rmSync(profile, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
  }
}

/** Throws unless the word lists lie beside the program, with their licences and unchanged. */
function holdsDictionaries(folder) {
  const source = join(root, 'assets', 'dictionaries')
  for (const file of readdirSync(source))
    if (
      !existsSync(join(folder, file)) ||
      !readFileSync(join(folder, file)).equals(readFileSync(join(source, file)))
    )
      throw new Error(`the package lacks ${file}`)
}

/** Sees that Chromium takes all word lists of the package. */
async function checkSpelling(page) {
  const chosen = await page.evaluate(async () => {
    const settings = await window.swarmpad.settings()
    return window.swarmpad.setSettings({ ...settings.value, spelling: ['en', 'de'] })
  })
  if (!chosen.ok) throw new Error(chosen.message)
  await page.waitForFunction(async () => {
    const { value } = await window.swarmpad.spelling()
    if (!value.works) throw new Error('the word lists do not work')
    return value.languages.length === 2
  })
}

/** Makes a document and sees it saved: the database, the cipher and the thread that merges all work. */
async function write(page) {
  page.setDefaultTimeout(limit)
  await page.getByLabel('Your name').fill('Packed')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'New document' }).first().click()
  await page.getByRole('textbox', { name: 'Document text' }).waitFor()
  await page.keyboard.type('written in the packed app')
  const status = page.getByRole('status', { name: 'Connection' })
  await status.filter({ hasText: 'Saved' }).waitFor()
}
