import { spawn } from 'node:child_process'
import { chromium } from 'playwright-core'

/** How long the packed app may take to show its window, in ms, and to end. */
const startLimit = 120_000

/**
 * Starts a packed app and looks into its window from outside, by Chromium's debugging port on 127.0.0.1: the
 * hardened program takes no other way. `end` ends it and throws when it does not end by itself.
 *
 * @param {{ executable: string, profile: string, bootstrap: string, env?: Record<string, string | undefined>, opening?: string }} options
 */
export async function startHardened({ executable, profile, bootstrap, env, opening }) {
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
      bootstrap,
      ...(opening ? [opening] : []),
    ],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'pipe'] },
  )
  try {
    const browser = await chromium.connectOverCDP(await debuggerAddress(app), { timeout: startLimit })
    const context = browser.contexts()[0]
    context?.setDefaultTimeout(startLimit)
    const page = context?.pages()[0] ?? (await context?.waitForEvent('page'))
    if (!page) throw new Error('the packed app showed no window')
    return { app, browser, page, end: () => end(app, browser) }
  } catch (error) {
    app.kill('SIGKILL')
    throw error
  }
}

/** Ends the app; one that does not end when asked is ended all the same, and counts as broken. */
async function end(app, browser) {
  await browser.close()
  if (app.exitCode !== null) return
  const ended = new Promise((resolve) => app.once('exit', resolve))
  const late = setTimeout(() => app.kill('SIGKILL'), startLimit)
  app.kill()
  await ended
  clearTimeout(late)
  if (app.signalCode === 'SIGKILL') throw new Error('the packed app did not end when asked')
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
