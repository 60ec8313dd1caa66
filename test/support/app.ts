import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import type { ElectronApplication, JSHandle, Locator, Page } from 'playwright-core'
import { expect, vi } from 'vitest'
import type { OpenedDocument } from '../../preload/contract/document'
import type { DocumentId } from '../../preload/contract/ids'
import { titleWords } from '../../preload/messages/format'
// Globals that the preload script exposes to the page.
import type {} from '../../renderer/api'
import type { DeskOptions } from './desk-options'
import { removeFolder } from './remove-folder'
import { startOnProfile, startSurely } from './start-app'
import { linesOnScreen, textInEditor } from './text-on-screen'

/** How long anything that takes two people may take, in ms. A bound for failures, not a pause. */
export const patience = 120_000

/** Several people at their desks, each with the real app, and a DHT of their own on 127.0.0.1. */
export class Room {
  private testnet: Testnet | null = null
  private readonly desks: Desk[] = []
  private readonly folders: string[] = []

  /** Starts the DHT. */
  async open(): Promise<void> {
    this.testnet = await createTestnet(4)
  }

  /** Value for --bootstrap. */
  get bootstrap(): string {
    return this.nodes.map(({ host, port }) => `${host}:${port}`).join(',')
  }

  /** The same as objects, for programs without a window. */
  get nodes(): { host: string; port: number }[] {
    if (!this.testnet) throw new Error('the room is not open')
    return this.testnet.bootstrap
  }

  /** A folder that lasts as long as the room. */
  folder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'swarmpad-e2e-'))
    this.folders.push(folder)
    return folder
  }

  /** Starts the app for someone, and types their name if it asks. */
  async desk(options: DeskOptions = {}): Promise<Desk> {
    const executable = process.env.SWARMPAD_RUNTIME
    if (!executable) throw new Error('SWARMPAD_RUNTIME must name the runtime: start the tests by npm test')
    const profile = options.profile ?? this.folder()
    const { app, page } = await startSurely({
      executable,
      profile,
      bootstrap: options.bootstrap ?? this.bootstrap,
      ...(options.opening ? { opening: options.opening } : {}),
      ...(options.dark ? { dark: true } : {}),
      ...(options.welcome ? { welcome: true } : {}),
      ...(options.keyring ? { keyring: options.keyring.kind, env: options.keyring.env } : {}),
    })
    const desk = new Desk(app, page, profile)
    this.desks.push(desk)
    if (options.name) await desk.introduce(options.name)
    return desk
  }

  /** Ends all apps that still run. */
  async clear(): Promise<void> {
    await Promise.all(this.desks.map((desk) => desk.kill()))
  }

  /** Ends all apps that still run, then the DHT. */
  async close(): Promise<void> {
    await this.clear()
    await this.testnet?.destroy()
    // A killed app's own helper processes outlive it for a moment, and write.
    for (const folder of this.folders) await removeFolder(folder)
  }
}

/** One person's running app, used as they would use it. */
export class Desk {
  readonly errors: string[] = []
  private ended = false

  constructor(
    readonly app: ElectronApplication,
    readonly page: Page,
    readonly profile: string,
  ) {
    page.setDefaultTimeout(patience)
    page.on('pageerror', (error) => this.errors.push(String(error)))
    app.process().once('exit', () => {
      this.ended = true
    })
  }

  /** The text on screen; of two beside each other, the one whose pane has the keyboard. */
  get editor(): Locator {
    return this.page.locator('[data-active="true"]').getByRole('textbox', { name: 'Document text' })
  }

  get status(): Locator {
    return this.page.getByRole('status', { name: 'Connection' })
  }

  /** Types a name where the app asks for one. */
  async introduce(name: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name)
    await this.page.getByRole('button', { name: 'Start' }).click()
    await this.press('New document', false)
  }

  /** Clicks a button; with `click` false only waits for it. */
  async press(name: string, click = true): Promise<void> {
    const button = this.page.getByRole('button', { name, exact: true }).first()
    await (click ? button.click() : button.waitFor())
  }

  /** Makes a document with a text. */
  async create(text = ''): Promise<void> {
    await this.press('New document')
    // The one on screen before has an editor too.
    await this.shows('Write here…')
    if (text) await this.add(text)
  }

  /** Adds to the end of the text, at once: single keys cost a busy machine much, and may be several steps to undo. */
  async add(text: string): Promise<void> {
    await this.type('')
    await this.page.keyboard.insertText(text)
  }

  /** Types at the caret, which is put at the end of the text. */
  async type(text: string, at: 'end' | 'caret' = 'end'): Promise<void> {
    if (at === 'end') {
      await this.focusText()
      await this.page.keyboard.press('Control+End')
    }
    // Enter would continue a list, as it should; text is typed as it stands.
    await this.page.keyboard.type(text)
  }

  /** Puts the keyboard into the text, once no dialog keeps it. */
  async focusText(): Promise<void> {
    const focus = async () => {
      await this.editor.focus()
      return this.editor.evaluate((element) => element === document.activeElement)
    }
    await expect.poll(focus).toBe(true)
  }

  /** Copies a link to the document on screen and returns it. */
  async link(kind: 'write' | 'read' | 'keeper' = 'write'): Promise<string> {
    await this.press('Share')
    if (kind !== 'write') await this.page.getByText('Other links').click()
    await this.press(kind === 'write' ? 'Copy link' : `Copy ${kind} link`)
    await this.page.getByText('Copied', { exact: true }).waitFor()
    const link = await this.app.evaluate(({ clipboard }) => clipboard.readText())
    await this.page.keyboard.press('Escape')
    await this.page.locator('dialog[open]').waitFor({ state: 'detached' })
    return link
  }

  /** Pastes a link into the dialog for it. */
  async openLink(link: string): Promise<void> {
    await this.press('Open link')
    await this.page.getByLabel('Link', { exact: true }).fill(link)
    await this.page.keyboard.press('Enter')
  }

  /** Opens a document by its link and waits for the editor. */
  async join(link: string): Promise<void> {
    await this.openLink(link)
    // Until then, the text on screen may be another one.
    await this.page.locator('dialog[open]').waitFor({ state: 'detached' })
    await this.editor.waitFor()
  }

  /** Chooses an entry of the menu beside the person's name. */
  async fromYourMenu(entry: 'Settings' | 'Protection' | 'Work offline'): Promise<void> {
    await this.press('Your menu')
    await this.page.getByRole('menu', { name: 'Your menu' }).getByText(entry, { exact: true }).click()
  }

  /** Leaves the network, or comes back. */
  async workOffline(offline: boolean): Promise<void> {
    await this.fromYourMenu('Work offline')
    await this.saysOffline(offline)
  }

  /** Waits until the library says that the person works offline, or no longer does. */
  async saysOffline(offline: boolean): Promise<void> {
    const note = this.page
      .getByRole('complementary', { name: 'Library' })
      .getByText('Offline', { exact: true })
    await note.waitFor({ timeout: patience, state: offline ? 'visible' : 'detached' })
  }

  /** The lines on screen as they are written, or the words in an empty text. Of a long text these are only some. */
  async screen(): Promise<string> {
    return linesOnScreen(this.page)
  }

  /** The whole text of the document on screen, as the main process holds it. */
  async text(): Promise<string> {
    return (await this.opened()).text
  }

  /** The main process's full answer for the document that was opened last. */
  async opened(): Promise<OpenedDocument> {
    const id = await this.id()
    return this.page.evaluate(async (id) => {
      const outcome = await window.swarmpad.openDocument(id)
      if (!outcome.ok) throw new Error(outcome.message)
      return outcome.value
    }, id)
  }

  /** The document that the library marks as the one on screen. */
  async id(): Promise<DocumentId> {
    const find = async () => {
      const title = await this.page.title()
      const documents = await this.page.evaluate(() => window.swarmpad.documents())
      if (!documents.ok) throw new Error(documents.message)
      // A page's own title has no two spaces in a row.
      const wordsOf = (words: string) => titleWords(words).replace(/[\t\n\f\r ]+/g, ' ')
      const found = documents.value.find((document) => title === `${wordsOf(document.title)} — Swarmpad`)
      if (!found) throw new Error(`no document is on screen: ${title}`)
      return found.id
    }
    // The library learns of a new title a moment after the window shows it, or the other way round.
    return vi.waitFor(find, { timeout: patience, interval: 100 })
  }

  /** Waits until the whole text is this, in the window and for the main process. Does not print it, as it may be long. */
  async holds(text: string): Promise<void> {
    const isHeld = async () => (await textInEditor(this.page)) === text && (await this.text()) === text
    await expect.poll(isHeld).toBe(true)
  }

  /** Waits until the lines on screen are these. */
  async shows(text: string): Promise<void> {
    await expect.poll(() => this.screen(), { timeout: patience }).toBe(text)
  }

  /** Waits until the status line holds all of these words. */
  async says(...parts: string[]): Promise<void> {
    for (const part of parts)
      await expect.poll(() => this.status.textContent(), { timeout: patience }).toContain(part)
  }

  /** Waits until the status line tells that nobody is there, whether anyone has the words or not. */
  async saysNobodyIsHere(): Promise<void> {
    const nobody = /^(?!.*(Connected|In sync)).*(Nobody else is here|Also with)/
    await expect.poll(() => this.status.textContent(), { timeout: patience }).toMatch(nobody)
  }

  /** Puts text on the clipboard and pastes it, as the menu does. */
  async paste(text: string): Promise<void> {
    await this.editor.focus()
    const paste = { window: await this.window(), text }
    await this.app.evaluate(({ clipboard }, { window, text }) => {
      clipboard.writeText(text)
      window.webContents.paste()
    }, paste)
  }

  /** Opens find and replace by the menu, and types what to look for. */
  async find(words: string): Promise<void> {
    await this.menu('Find…')
    await this.findIsReady()
    await this.page.keyboard.type(words)
  }

  /** Waits until the keyboard is in the field for what to look for. */
  async findIsReady(): Promise<void> {
    const field = this.page.getByRole('textbox', { name: 'Find in document' })
    await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true)
  }

  /** Clicks an entry of this window's menu, by its label without the mnemonic. */
  async menu(label: string): Promise<void> {
    const entry = { window: await this.window(), label }
    await this.app.evaluate(({ Menu }, { window, label }) => {
      const items = Menu.getApplicationMenu()?.items.flatMap((item) => item.submenu?.items ?? []) ?? []
      const found = items.find((item) => item.label.replace('&', '') === label)
      if (!found) throw new Error(`no menu entry ${label}`)
      found.click(undefined, window, window.webContents)
    }, entry)
  }

  /** Opens one more window by the menu; it is used as a desk of its own. */
  async newWindow(): Promise<Desk> {
    const [page] = await Promise.all([
      this.app.waitForEvent('window', { timeout: patience }),
      this.menu('New window'),
    ])
    return this.beside(page)
  }

  /** Another window of this program, as a desk of its own. */
  beside(page: Page): Desk {
    return new Desk(this.app, page, this.profile)
  }

  /** Shows this window in front, as a click into it does. */
  async bringToFront(): Promise<void> {
    await (await this.window()).evaluate((window) => window.focus())
  }

  /** Closes this window, one of several. */
  async leave(): Promise<void> {
    const window = await this.window()
    await Promise.all([
      this.page.waitForEvent('close', { timeout: patience }),
      window.evaluate((window) => window.close()),
    ])
  }

  /** The system's window that shows the page. */
  private window(): Promise<JSHandle<Electron.BrowserWindow>> {
    return this.app.browserWindow(this.page)
  }

  /**
   * Starts the program once more on this profile, with a link or file to open, as the system does; resolves to what
   * it printed on both streams.
   */
  async startAgain(opening: string): Promise<string> {
    return startOnProfile(this.profile, opening)
  }

  /** The question whether a link from outside may be opened. */
  get linkQuestion(): Locator {
    return this.page.getByRole('dialog', { name: 'Open a shared document?' })
  }

  /** Ends the app as a person does, by closing its window, whatever it asks then; resolves to its exit code. */
  async quit(): Promise<number | null> {
    const ended = this.exit()
    await this.closeWindow('Quit')
    return ended
  }

  /** Ends the app as the system does; resolves to its exit code and after how many ms it was gone. */
  async endBySignal(signal: 'SIGTERM' | 'SIGHUP'): Promise<{ code: number | null; after: number }> {
    const ended = this.exit()
    const start = performance.now()
    this.app.process().kill(signal)
    return { code: await ended, after: performance.now() - start }
  }

  private exit(): Promise<number | null> {
    const process = this.app.process()
    return new Promise((resolve) => process.once('exit', resolve))
  }

  /**
   * Closes the window, and answers what the program asks then by a button; with null the question stands there. To quit
   * loses nothing: where something is not saved yet, the window is closed again a moment later.
   */
  async closeWindow(button: 'Quit' | 'Stay' | null): Promise<void> {
    const close = { window: await this.window(), button }
    await this.app.evaluate(({ dialog }, { window, button }) => {
      const asked: string[] = []
      Object.assign(globalThis, { asked })
      const { showMessageBox } = dialog
      // The system's own dialog can be clicked by nobody here; what is asked and answered is the program's.
      dialog.showMessageBox = (async (...args: Parameters<typeof showMessageBox>) => {
        const options = args.at(-1) as Electron.MessageBoxOptions
        asked.push(options.message)
        if (button === null) return showMessageBox(...args)
        const response = options.buttons?.indexOf(button) ?? 0
        // Something is not saved yet, and nothing outside the program says when it is: asked again later.
        if (response < 0) setTimeout(() => window.close(), 500)
        return { response: Math.max(0, response), checkboxChecked: false }
      }) as typeof dialog.showMessageBox
      // A program that has nothing to save ends at once, and would take this answer with it.
      setTimeout(() => window.close(), 0)
    }, close)
  }

  /** Questions that the program asked since the window was last closed. */
  async asked(): Promise<string[]> {
    return this.app.evaluate(() => (globalThis as { asked?: string[] }).asked ?? [])
  }

  /** Ends the app with no chance to do anything (SIGKILL), with all its processes. */
  async kill(): Promise<void> {
    if (this.ended) return
    const process = this.app.process()
    const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()))
    process.kill('SIGKILL')
    await ended
  }
}
