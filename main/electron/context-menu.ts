import { type BrowserWindow, type ContextMenuParams, clipboard, Menu } from 'electron'
import type { TextMenuHandlers } from './calls/handlers'
import { copyMenu, fieldMenu, type MenuActions, textMenu } from './text-menu'
import type { Tell } from './window-documents'

/**
 * The menu of a window's text and fields, by the right button or by the keyboard. Of fields, Chromium knows all
 * that the menu needs. For anything else the page is asked for the facts of the place, since only it knows the
 * editor.
 */
export class ContextMenu {
  readonly handlers: TextMenuHandlers
  private readonly window: BrowserWindow
  private readonly actions: MenuActions
  /** The menu that waits for the page's answer. */
  private asked: ContextMenuParams | null = null

  constructor(window: BrowserWindow, tell: Tell) {
    const { webContents } = window
    this.window = window
    this.actions = {
      choose: (choice) => tell('textMenuChosen', choice),
      run: (command) => tell('command', { command }),
      cut: () => webContents.cut(),
      copy: () => webContents.copy(),
      paste: () => webContents.paste(),
      pastePlain: () => webContents.pasteAndMatchStyle(),
      copyAddress: (address) => clipboard.writeText(address),
    }
    webContents.on('context-menu', (_event, params) => {
      this.asked = null
      if (params.formControlType !== 'none') {
        if (params.isEditable) this.show(fieldMenu(params.editFlags), params)
        return
      }
      this.asked = params
      const byKeyboard = params.menuSourceType === 'keyboard'
      tell('textMenuAsked', { misspelled: params.misspelledWord, byKeyboard })
    })
    this.handlers = {
      showTextMenu: (place) => {
        const params = this.asked
        this.asked = null
        // Nobody asked for it, or asked for another one meanwhile.
        if (!params) return null
        const { misspelledWord: misspelled, dictionarySuggestions: suggestions } = params
        if (place) this.show(textMenu({ misspelled, suggestions }, place, this.actions), params)
        else if (params.selectionText.trim() !== '') this.show(copyMenu(), params)
        return null
      },
    }
  }

  private show(items: Electron.MenuItemConstructorOptions[], params: ContextMenuParams): void {
    if (this.window.isDestroyed()) return
    const { menuSourceType: sourceType } = params
    // By the keyboard it opens at the caret, else at the pointer.
    const place = sourceType === 'keyboard' ? { x: Math.round(params.x), y: Math.round(params.y) } : {}
    Menu.buildFromTemplate(items).popup({ window: this.window, sourceType, ...place })
  }
}
