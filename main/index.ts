import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { spellingLanguagesOf } from '../preload/contract/settings'
import { errorWords } from '../preload/messages/errors'
import { SwarmpadError } from './base/errors'
import { type CommandLine, parseCommandLine, usage } from './electron/command-line'
import { canHandOver, handedOver } from './electron/deep-links'
import { systemKeyring } from './electron/keyring'
import { Lock } from './electron/lock'
import { Program } from './electron/program'
import { terminalText } from './keys/terminal-text'

const commandLine = readCommandLine()
if (commandLine?.diagnose) void printNetwork(commandLine)
else if (commandLine) start(commandLine)

function readCommandLine(): CommandLine | null {
  try {
    return parseCommandLine(process.argv.slice(1), {
      directory: process.cwd(),
      appPath: app.isPackaged ? null : app.getAppPath(),
    })
  } catch (error) {
    if (!(error instanceof SwarmpadError)) throw error
    console.error(`swarmpad: ${terminalText(errorWords(error))}\n${usage}`)
    app.exit(2)
    return null
  }
}

/** Prints a report on the network, without window and profile, and exits: with 0, or 1 if nobody answers. */
async function printNetwork({ bootstrap, lan }: CommandLine): Promise<void> {
  const { diagnose } = await import('./headless')
  const { text, reached } = await diagnose({ lan, ...(bootstrap ? { bootstrap } : {}) })
  process.stdout.write(text, () => app.exit(reached ? 0 : 1))
}

/** Starts the program, or passes what to open to the process that has this profile open. */
function start({ profile, bootstrap, openings, lan, welcome }: CommandLine): void {
  const handed = handedOver(openings)
  if (!canHandOver(handed, process.argv, process.cwd())) {
    void refuse('Too many files at once, or too long a link. Open the files in smaller groups.')
    return
  }
  const directory = profile ?? usualProfile()
  const { windowDirectory, failure } = makeWindowDirectory(directory)
  // The runtime keeps its files there, and recognises another start of the same profile by them.
  app.setPath('userData', windowDirectory)
  if (!app.requestSingleInstanceLock({ openings: handed })) {
    console.log('swarmpad: this profile is open already, in the window that comes up now')
    app.exit(0)
    return
  }
  const lock = new Lock()
  const program = new Program({
    directory,
    windowDirectory,
    openings,
    welcome,
    lock,
    openWorkspace: async () => {
      if (failure) throw failure
      // Imported here, so that the window opens while the modules load.
      const { MasterKey, openWorkspace } = await import('./headless')
      const masterKey = new MasterKey({
        directory,
        random: randomBytes,
        keyring: systemKeyring,
        askPassphrase: (attempt) => lock.ask(attempt),
      })
      const workspace = await openWorkspace({
        directory,
        masterKey,
        lan,
        languages: spellingLanguagesOf(app.getPreferredSystemLanguages()),
        ...(bootstrap ? { bootstrap } : {}),
      })
      // Not awaited: a keyring may ask the person first. The window shows the key's protection.
      masterKey.improve().catch(() => undefined)
      return { workspace, masterKey }
    },
  })
  program.start()
}

/** Reports a start that cannot be handed over, and exits: on the terminal, and in a dialog. */
async function refuse(sentence: string): Promise<void> {
  console.error(`swarmpad: ${sentence}`)
  // The profile's own folder may be in use.
  const directory = mkdtempSync(join(app.getPath('temp'), 'swarmpad-'))
  app.setPath('userData', directory)
  await app.whenReady()
  dialog.showErrorBox('Swarmpad', sentence)
  rmSync(directory, { recursive: true, force: true })
  app.exit(2)
}

function usualProfile(): string {
  return app.commandLine.hasSwitch('user-data-dir')
    ? app.getPath('userData')
    : join(app.getPath('appData'), app.name)
}

/** Makes the folder for the window's own files. If that fails, the window reports it from a temporary folder. */
function makeWindowDirectory(directory: string): { windowDirectory: string; failure: unknown } {
  const windowDirectory = join(directory, 'window')
  try {
    mkdirSync(windowDirectory, { recursive: true, mode: 0o700 })
    return { windowDirectory, failure: null }
  } catch (failure) {
    const elsewhere = join(app.getPath('temp'), `swarmpad-${process.pid}`)
    mkdirSync(elsewhere, { recursive: true, mode: 0o700 })
    return { windowDirectory: elsewhere, failure }
  }
}
