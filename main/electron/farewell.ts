import { app, type BrowserWindow, dialog, powerMonitor } from 'electron'
import { unsharedWords } from './unshared-words'

/** How long the window may take to close, in ms: more than it gives its page. */
const windowLimit = 5_000
/** How long saving may take until the person is told, in ms. */
const saveLimit = 10_000

/** How long a question that nobody answers keeps the program from ending, in ms: all is saved here by then. */
const answerLimit = 120_000

/** What has to be done before the program ends. */
export interface Farewell {
  /** Titles of documents whose last edits are nowhere else, though others share them. */
  unshared(): Promise<string[]>
  /** What a question is asked in front of; null without a window. */
  window(): BrowserWindow | null
  /** Asks the window to close; resolves when it has. */
  closeWindow(): Promise<void>
  /** Closes the window without asking. */
  destroyWindow(): void
  /** Saves everything. Rejects when something cannot be saved. */
  save(): Promise<void>
  /** What the program's process ends with. */
  exitCode(): number
}

/** From now on the program ends only after its window has handed over its edits and all is saved. */
export function endWith(farewell: Farewell): void {
  let ending = false
  const shuttingDown = new AbortController()
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (ending) return
    ending = true
    void mayLeave(farewell, shuttingDown.signal).then(async (may) => {
      ending = may
      if (!may) return
      await end(farewell)
      app.exit(farewell.exitCode())
    })
  })
  app.on('window-all-closed', () => {
    // Without this listener Electron would end at once.
    if (process.platform !== 'darwin') app.quit()
  })
  // Asks the system to wait, and ends without a question.
  const shutDown = (event: { preventDefault(): void }): void => {
    event.preventDefault()
    shuttingDown.abort()
    app.quit()
  }
  // Electron's types leave out the event that its documentation names.
  powerMonitor.on('shutdown', shutDown as () => void)
}

/**
 * Whether the program may end: where the last words are nowhere else the person is asked. Nobody who answers, and a
 * system that shuts down, count as yes.
 */
async function mayLeave(farewell: Farewell, shuttingDown: AbortSignal): Promise<boolean> {
  if (shuttingDown.aborted) return true
  try {
    const titles = await farewell.unshared()
    if (titles.length === 0) return true
    const signal = AbortSignal.any([shuttingDown, AbortSignal.timeout(answerLimit)])
    const question = {
      type: 'warning' as const,
      title: app.name,
      ...unsharedWords(titles),
      buttons: ['Stay', 'Quit'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
      signal,
    }
    const window = farewell.window()
    const asked = window ? dialog.showMessageBox(window, question) : dialog.showMessageBox(question)
    return (await asked).response === 1 || signal.aborted
  } catch {
    // What cannot be told or asked is no reason to stay.
    return true
  }
}

async function end(farewell: Farewell): Promise<void> {
  if ((await within(farewell.closeWindow(), windowLimit)) !== 'done') farewell.destroyWindow()
  const saving = farewell.save()
  for (;;) {
    const outcome = await within(saving, saveLimit)
    if (outcome === 'done') return
    console.error('swarmpad: some text could not be saved')
    if (!(await wantsToWait(outcome))) return
  }
}

/** Tells that something is not saved; whether to go on trying. */
async function wantsToWait(outcome: 'late' | 'failed'): Promise<boolean> {
  const late = outcome === 'late'
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: app.name,
    message: 'Some of what you typed could not be saved',
    detail: late
      ? 'The disk does not take it, or the document is damaged here and not mended yet. Check that the disk is not full, then wait: it is saved as soon as that is possible.'
      : 'The disk refused it. What was saved before is safe.',
    buttons: late ? ['Wait', 'Quit and lose it'] : ['Quit'],
    defaultId: 0,
    cancelId: 0,
    noLink: true,
  })
  return late && response === 0
}

async function within(work: Promise<void>, limit: number): Promise<'done' | 'failed' | 'late'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limit)
  })
  const done = work.then(
    () => 'done' as const,
    () => 'failed' as const,
  )
  const outcome = await Promise.race([done, late])
  clearTimeout(timer)
  return outcome
}
