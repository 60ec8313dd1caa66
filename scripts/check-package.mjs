import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withDisplay } from './lib/display.mjs'
import { localDht } from './lib/local-dht.mjs'
import { must, output, say } from './lib/run.mjs'

/** How long the packaged app may take to show its window, in ms. */
const startLimit = 60_000

/**
 * Starts the packed app, and as root installs the .deb, starts that and removes it again. Throws when
 * any of it fails or leaves something behind.
 */
export async function checkPackage({ unpacked, deb }) {
  await starts(join(unpacked, 'swarmpad'))
  say('the packed app starts, and saves what is written')
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
  const { chromium } = await import('playwright-core')
  const profile = mkdtempSync(join(tmpdir(), 'swarmpad-package-'))
  const display = await withDisplay()
  const dht = await localDht()
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const app = spawn(
    executable,
    [
      ...asRoot,
      '--disable-gpu',
      '--password-store=basic',
      '--remote-debugging-port=0',
      '--profile',
      profile,
      '--bootstrap',
      dht.bootstrap,
    ],
    { env: display.env, stdio: ['ignore', 'inherit', 'pipe'] },
  )
  try {
    const browser = await chromium.connectOverCDP(await debuggerAddress(app))
    const page = browser.contexts()[0]?.pages()[0] ?? (await browser.contexts()[0]?.waitForEvent('page'))
    if (!page) throw new Error('the packed app showed no window')
    await write(page)
    await browser.close()
  } finally {
    await end(app)
    await dht.end()
    display.end()
    rmSync(profile, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
  }
}

/** Ends the app; one that does not end when asked is ended all the same, and counts as broken. */
async function end(app) {
  if (app.exitCode !== null) return
  const ended = new Promise((resolve) => app.once('exit', resolve))
  const late = setTimeout(() => app.kill('SIGKILL'), startLimit)
  app.kill()
  await ended
  clearTimeout(late)
  if (app.signalCode === 'SIGKILL') throw new Error('the packed app did not end when asked')
}

/** Makes a document and sees it saved: the database, the cipher and the thread that merges all work. */
async function write(page) {
  page.setDefaultTimeout(startLimit)
  await page.getByLabel('Your name').fill('Packed')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'New document' }).click()
  await page.getByRole('textbox', { name: 'Document text' }).waitFor()
  await page.keyboard.type('written in the packed app')
  const status = page.getByRole('status', { name: 'Connection' })
  await status.filter({ hasText: 'Saved on this computer' }).waitFor()
}

/** The address at which Chromium says that it can be looked into. */
function debuggerAddress(app) {
  return new Promise((resolve, reject) => {
    let heard = ''
    const late = setTimeout(
      () => reject(new Error(`the packed app did not start in time: ${heard}`)),
      startLimit,
    )
    app.stderr.on('data', (data) => {
      heard = (heard + data).slice(-4000)
      const address = /DevTools listening on (ws:\S+)/.exec(heard)?.[1]
      if (!address) return
      clearTimeout(late)
      resolve(address)
    })
    app.once('exit', (code) => reject(new Error(`the packed app ended with ${code}: ${heard}`)))
  })
}
