import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import { launchArguments } from './launch.mjs'

/** How long the app may take to start, and then to show its first page, in ms: a busy machine takes its time. */
const startLimit = 120_000

/**
 * Starts the built app with a profile of its own and drives it from outside.
 *
 * @param {{ executable: string, profile: string, bootstrap: string, env?: Record<string, string | undefined>, opening?: string, dark?: boolean, width?: number, height?: number, keyring?: string, welcome?: boolean }} options
 *   `opening` is a link or a file to open; the size of the window is in CSS pixels; `keyring` is Chromium's name
 *   of the kind that is used, and without it none is: not that of the person at this computer. A new profile begins
 *   empty unless `welcome` is set.
 */
export async function startApp({
  executable,
  profile,
  bootstrap,
  env,
  opening,
  dark,
  width,
  height,
  keyring,
  welcome = false,
}) {
  // As if the window had been left at that size.
  mkdirSync(join(profile, 'window'), { recursive: true })
  writeFileSync(
    join(profile, 'window', 'place.json'),
    JSON.stringify({ width: width ?? 1000, height: height ?? 700 }),
  )
  const app = await _electron.launch({
    executablePath: executable,
    args: [
      ...launchArguments({ quiet: true }),
      '--disable-gpu',
      `--password-store=${keyring ?? 'basic'}`,
      '--profile',
      profile,
      '--bootstrap',
      bootstrap,
      ...(welcome ? [] : ['--no-welcome']),
      ...(opening ? [opening] : []),
    ],
    env: /** @type {Record<string, string>} */ ({ ...process.env, ...env }),
    colorScheme: dark ? 'dark' : 'light',
    timeout: startLimit,
  })
  try {
    return { app, page: await app.firstWindow({ timeout: startLimit }) }
  } catch (error) {
    app.process().kill('SIGKILL')
    throw error
  }
}

/** Gives the window's page a size in CSS pixels. */
export async function resize(app, width, height) {
  await app.evaluate(
    ({ BrowserWindow }, size) => BrowserWindow.getAllWindows()[0]?.setContentSize(size.width, size.height),
    { width, height },
  )
}

/** Ends the app, whatever it asks then. Rejects when it does not end. */
export async function endApp(app) {
  await app.evaluate(({ dialog }) => {
    dialog.showMessageBox = async (_window, options = _window) => ({
      response: (options.buttons?.length ?? 1) - 1,
      checkboxChecked: false,
    })
  })
  await app.close()
}
