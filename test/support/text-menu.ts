import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { type Desk, patience } from './app'

/** A menu that the program opened. */
export interface OpenedMenu {
  /** The word that Chromium holds for misspelled there; '' for none. */
  readonly misspelled: string
  /** The labels of its entries that can be chosen. */
  readonly labels: readonly string[]
}

interface MenuWatch {
  menu: Electron.Menu | null
  misspelled: string
}

/**
 * Menus that a desk's program opens by the right button and by the keyboard. The system would draw them, where no
 * test can click; here they are kept instead, and their entries chosen as the system would.
 */
export class TextMenuWatch {
  private constructor(private readonly desk: Desk) {}

  /** Begins to watch the menus of a desk's program, in all of its windows. */
  static async start(desk: Desk): Promise<TextMenuWatch> {
    await desk.app.evaluate(({ app, BrowserWindow, Menu }) => {
      const watch: MenuWatch = { menu: null, misspelled: '' }
      Object.assign(globalThis, { menuWatch: watch })
      Menu.prototype.popup = function () {
        watch.menu = this
      }
      const follow = (_event: unknown, contents: Electron.WebContents) =>
        contents.on('context-menu', (_event, params) => {
          watch.misspelled = params.misspelledWord
        })
      app.on('web-contents-created', follow)
      for (const window of BrowserWindow.getAllWindows()) follow(null, window.webContents)
    })
    return new TextMenuWatch(desk)
  }

  /** Clicks with the right button on the first occurrence of a text on screen; resolves to the menu that opens. */
  async at(text: string, page = this.desk.page): Promise<OpenedMenu> {
    const { x, y, width, height } = await boxOf(text, page)
    return this.by(() => page.mouse.click(x + width / 2, y + height / 2, { button: 'right' }))
  }

  /** Opens a menu in another way. */
  async by(open: () => Promise<void>): Promise<OpenedMenu> {
    await this.desk.app.evaluate(() => {
      Object.assign((globalThis as unknown as { menuWatch: MenuWatch }).menuWatch, { menu: null })
    })
    await open()
    const isOpen = () =>
      this.desk.app.evaluate(
        () => (globalThis as unknown as { menuWatch: MenuWatch }).menuWatch.menu !== null,
      )
    await expect.poll(isOpen, { timeout: patience }).toBe(true)
    return this.desk.app.evaluate(() => {
      const { menuWatch } = globalThis as unknown as { menuWatch: MenuWatch }
      if (!menuWatch.menu) throw new Error('no menu opened')
      const items = menuWatch.menu.items.filter(({ type, enabled }) => type !== 'separator' && enabled)
      return { misspelled: menuWatch.misspelled, labels: items.map(({ label }) => label) }
    })
  }

  /** Chooses an entry of the menu that opened last. */
  async choose(label: string): Promise<void> {
    await this.desk.app.evaluate(({ BrowserWindow }, label) => {
      const { menuWatch } = globalThis as unknown as { menuWatch: MenuWatch }
      const item = menuWatch.menu?.items.find((one) => one.label === label)
      if (!item) throw new Error(`no entry ${label}`)
      const window = BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0]
      item.click(undefined, window, window?.webContents)
    }, label)
  }
}

/** Returns the place of the first occurrence of a text on screen, in px. */
export const boxOf = (
  text: string,
  page: Page,
): Promise<{ x: number; y: number; width: number; height: number }> =>
  page.evaluate((text) => {
    const root = document.querySelector('.cm-content') ?? document.body
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    while (nodes.nextNode()) {
      const at = nodes.currentNode.nodeValue?.indexOf(text) ?? -1
      if (at < 0) continue
      const range = document.createRange()
      range.setStart(nodes.currentNode, at)
      range.setEnd(nodes.currentNode, at + text.length)
      const { x, y, width, height } = range.getBoundingClientRect()
      return { x, y, width, height }
    }
    throw new Error(`${text} is not on screen`)
  }, text)
