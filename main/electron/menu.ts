import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand } from '../../preload/contract'

/** State and command handler of the menu. */
export interface MenuOptions {
  /** Carries out a command in the window. */
  run(command: MenuCommand): void
  /** True while the person works offline. */
  readonly offline: boolean
  /** True to include developer tools. */
  readonly tools: boolean
}

/** Sets the program's menu. To be called again when its options change. */
export function showMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)))
}

function menuTemplate({ run, offline, tools }: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = process.platform === 'darwin'
  const command = (
    label: string,
    name: MenuCommand,
    accelerator: string,
    more: MenuItemConstructorOptions = {},
  ): MenuItemConstructorOptions => ({
    label,
    ...(accelerator ? { accelerator } : {}),
    click: () => run(name),
    ...more,
  })
  const separator: MenuItemConstructorOptions = { type: 'separator' }
  const developer: MenuItemConstructorOptions[] = tools ? [separator, { role: 'toggleDevTools' }] : []
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        command('&New document', 'new-document', 'CmdOrCtrl+N'),
        command('&Open link…', 'open-link', 'CmdOrCtrl+O'),
        command('Open &file…', 'open-file', ''),
        separator,
        command('S&hare…', 'share', 'CmdOrCtrl+Shift+E'),
        command('&Replace the links…', 'replace-links', ''),
        command('&Save a copy…', 'save-copy', 'CmdOrCtrl+Shift+S'),
        command('Save a copy with its &keys…', 'save-with-keys', ''),
        separator,
        command('&Back up everything…', 'back-up', ''),
        command('&Use another computer too…', 'pair', ''),
        separator,
        command('&Work offline', 'toggle-offline', 'CmdOrCtrl+Shift+O', {
          type: 'checkbox',
          checked: offline,
        }),
        command('Net&work…', 'network', ''),
        separator,
        isMac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    {
      label: '&Edit',
      submenu: [
        // Not the roles: Chromium's undo does not know the editor's history.
        command('&Undo', 'undo', 'CmdOrCtrl+Z'),
        command('&Redo', 'redo', isMac ? 'Shift+Cmd+Z' : 'Ctrl+Y'),
        separator,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'pasteAndMatchStyle' },
        { role: 'selectAll' },
        separator,
        command('&Find…', 'find', 'CmdOrCtrl+F'),
      ],
    },
    {
      label: '&View',
      submenu: [
        command('Show &library', 'show-library', 'CmdOrCtrl+L'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        ...developer,
      ],
    },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    {
      role: 'help',
      label: '&Help',
      submenu: [{ label: `About ${app.name}`, click: () => app.showAboutPanel() }],
    },
  ]
}
