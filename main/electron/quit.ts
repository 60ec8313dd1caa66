import { app, type BrowserWindow, dialog, powerMonitor } from 'electron'
import { errorWords } from '../../preload/messages/errors'
import { systemEnvironment } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'
import { type QuitQuestion, unsavedWords, unsharedWords } from './unshared-words'

/** Time limits for the steps of quitting, in ms. */
interface QuitLimits {
  /** For the windows to close: more than each gives its page. */
  readonly windows: number
  /** For edits to become durable, once the windows are closed. */
  readonly save: number
  /** For closing as a whole, saving included. */
  readonly close: number
}

/** Limits when the person quits. */
const unhurriedLimits: QuitLimits = { windows: 5_000, save: 10_000, close: 20_000 }
/** Limits when the system asks to quit: it waits at least 5 s before it kills the process. */
const hurriedLimits: QuitLimits = { windows: 1_000, save: 1_500, close: 3_000 }
/** Time after a system request at which the program exits unconditionally, in ms. */
const exitLimit = 4_500

/** How long edits may take to become durable before the person is asked, in ms. */
const askLimit = 3_000
/** Timeout of an unanswered question, in ms; everything is saved locally by then. */
const answerLimit = 120_000

/** Signals by which the system ends a program, also when its terminal is closed or on Ctrl+C. */
const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const

/** Steps to complete before the program quits. */
export interface QuitSteps {
  /** Titles of documents with edits still unsaved after at most `limit` ms. */
  unsaved(limit: number): Promise<string[]>
  /** Titles of shared documents that are saved here, but with last edits that nobody else has. */
  unshared(): Promise<string[]>
  /** Parent window for dialogs; null without one. */
  window(): BrowserWindow | null
  /** Asks all windows to close; resolves when they have. */
  closeWindows(): Promise<void>
  /** Closes the windows that are left without asking. */
  destroyWindows(): void
  /** Saves everything, for at most `limit` ms, and closes. Rejects when something was not saved. */
  close(limit: number): Promise<void>
  /** Exit code of the process. */
  exitCode(): number
}

/**
 * Lets the program quit only after its windows have handed over their edits and all is saved, or the person has
 * accepted the loss. A system request quits within 5 s without asking; the returned function does the same.
 */
export function quitAfter(steps: QuitSteps): () => void {
  let isQuitting = false
  const hurried = new AbortController()
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (isQuitting) return
    isQuitting = true
    void quit(steps, hurried.signal).then((hasQuit) => {
      isQuitting = hasQuit
      if (hasQuit) app.exit(steps.exitCode())
    })
  })
  app.on('window-all-closed', () => {
    // Without this listener Electron would end at once.
    if (process.platform !== 'darwin') app.quit()
  })
  const hurry = (): void => {
    if (hurried.signal.aborted) return
    hurried.abort()
    setTimeout(() => {
      reportUnfinished()
      app.exit(steps.exitCode())
    }, exitLimit)
    app.quit()
  }
  for (const signal of signals) process.on(signal, hurry)
  // Electron's types leave out the event that its documentation names.
  const shutDown = (event: { preventDefault(): void }): void => {
    // Asks the system to wait.
    event.preventDefault()
    hurry()
  }
  powerMonitor.on('shutdown', shutDown as () => void)
  return hurry
}

/** Closes the windows and the workspace; resolves to false if the person chose to stay. */
async function quit(steps: QuitSteps, hurried: AbortSignal): Promise<boolean> {
  const choice = await mayQuit(steps, hurried)
  if (choice === 'stay') return false
  if (!(await inTime(steps.closeWindows(), 'windows', hurried))) steps.destroyWindows()
  let loses = choice === 'lose'
  // Covers the edits that the pages handed over last.
  while (!loses && (await unless(hurried, steps.unsaved(unhurriedLimits.save)))?.length)
    loses = !(await wantsToWait(hurried))
  const { save } = loses || hurried.aborted ? hurriedLimits : unhurriedLimits
  const closing = steps.close(save).catch((error: unknown) => {
    const message = error instanceof SwarmpadError ? errorWords(error) : 'Not everything could be closed.'
    console.error(`swarmpad: ${message}`)
  })
  if (!(await inTime(closing, 'close', hurried))) reportUnfinished()
  return true
}

const reportUnfinished = (): void => console.error('swarmpad: ended before everything was closed')

/**
 * Decides if the program may end; asks the person when the last edits are not saved or are stored nowhere
 * else. 'lose': the program ends although edits are not saved.
 */
async function mayQuit(steps: QuitSteps, hurried: AbortSignal): Promise<'stay' | 'leave' | 'lose'> {
  try {
    const unsaved = await unless(hurried, steps.unsaved(askLimit))
    if (unsaved?.length) {
      const answer = await ask(steps.window(), unsavedWords(unsaved), hurried)
      return answer === 'stay' ? 'stay' : 'lose'
    }
    const unshared = await unless(hurried, steps.unshared())
    if (!unshared?.length) return 'leave'
    const signal = AbortSignal.any([hurried, AbortSignal.timeout(answerLimit)])
    const answer = await ask(steps.window(), unsharedWords(unshared), signal)
    return answer === 'stay' ? 'stay' : 'leave'
  } catch {
    // A failure to check or to ask does not prevent quitting.
    return 'leave'
  }
}

/** Warns of unsaved edits after the windows are gone. Resolves to true to keep trying to save. */
async function wantsToWait(hurried: AbortSignal): Promise<boolean> {
  const question: QuitQuestion = {
    message: 'Some of what you typed last is not saved',
    detail:
      'The disk does not take it, or the document is damaged here and not mended yet. Check that the disk is not full, then wait: it is saved as soon as that is possible.',
    buttons: ['Wait', 'Quit and lose it'],
  }
  return (await ask(null, question, hurried)) === 'stay'
}

/** Asks the person; null when `signal` came before an answer. */
async function ask(
  window: BrowserWindow | null,
  { message, detail, buttons }: QuitQuestion,
  signal: AbortSignal,
): Promise<'stay' | 'quit' | null> {
  if (signal.aborted) return null
  const options = {
    type: 'warning' as const,
    title: app.name,
    message,
    detail,
    buttons: [...buttons],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
    signal,
  }
  const asked = window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options)
  const answer = await unless(signal, asked)
  // A dialog that the signal closes is answered as if it were cancelled.
  if (!answer || signal.aborted) return null
  return answer.response === 1 ? 'quit' : 'stay'
}

/** Resolves to the result of the work, or to null when `signal` aborts first. */
function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
    work.then(resolve, reject)
  })
}

/**
 * Waits for a step of quitting for as long as it may take: for the shorter limit from `hurried` on. Resolves to
 * true if the step was done.
 */
async function inTime(work: Promise<void>, step: keyof QuitLimits, hurried: AbortSignal): Promise<boolean> {
  const { clock } = systemEnvironment
  const isDone = await unless(hurried, within(clock, unhurriedLimits[step], work))
  return isDone ?? within(clock, hurriedLimits[step], work)
}
