import { app, type BaseWindow, BrowserWindow, Menu, type MenuItemConstructorOptions } from 'electron'
import {
  acceleratorOf,
  type Command,
  type CommandId,
  commands,
  keysOf,
  type MenuPlace,
  type System,
} from '../../preload/commands'

/** State and command handler of the menu. */
export interface MenuOptions {
  /** Carries out a command; `window` has the focus, null if none has. */
  run(command: CommandId, window: BaseWindow | null): void
  /** The switches that are on. */
  readonly on: ReadonlySet<CommandId>
  /** True to include developer tools. */
  readonly tools: boolean
}

/** Sets the program's menu. To be called again when its options change. */
export function showMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)))
}

const separator: MenuItemConstructorOptions = { type: 'separator' }

function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = process.platform === 'darwin'
  const system: System = isMac ? 'mac' : process.platform === 'win32' ? 'windows' : 'linux'
  const developer: MenuItemConstructorOptions[] = options.tools ? [separator, { role: 'toggleDevTools' }] : []
  return [
    ...(isMac ? [appMenu(options)] : []),
    {
      label: '&File',
      submenu: [
        ...groupsOf('file', system, options),
        separator,
        // The system's key for it closes a tab.
        isMac ? { role: 'close', label: 'Close window', accelerator: 'Cmd+Shift+W' } : { role: 'quit' },
      ],
    },
    {
      label: '&Edit',
      // Undo and redo are not the roles: those ask Chromium, which knows nothing of the editor's own history.
      submenu: groupsOf('edit', system, options, {
        2: [
          { role: 'cut' },
          { role: 'copy' },
          { role: 'paste' },
          { role: 'pasteAndMatchStyle', label: 'Paste without &format', accelerator: 'CmdOrCtrl+Shift+V' },
          { role: 'selectAll' },
        ],
      }),
    },
    { label: 'F&ormat', submenu: groupsOf('format', system, options) },
    {
      label: '&View',
      submenu: [
        ...groupsOf('view', system, options),
        separator,
        // Their usual keys change the size of the text.
        zoomItem('Zoom &in', (level) => level + zoomStep),
        zoomItem('&Zoom out', (level) => level - zoomStep),
        zoomItem('&No zoom', () => 0),
        separator,
        { role: 'togglefullscreen' },
        ...developer,
      ],
    },
    {
      label: '&Window',
      ...(isMac ? { role: 'window' } : {}),
      submenu: [
        ...groupsOf('window', system, options),
        ...(isMac
          ? [separator, { role: 'minimize' } as const, { role: 'zoom' } as const, { role: 'front' } as const]
          : []),
      ],
    },
    {
      role: 'help',
      label: '&Help',
      submenu: [{ label: `About ${app.name}`, click: () => app.showAboutPanel() }],
    },
  ]
}

/** One step of the zoom of a whole window: about a tenth. */
const zoomStep = 0.5

const zoomItem = (label: string, next: (level: number) => number): MenuItemConstructorOptions => ({
  label,
  click: (_item, window) => {
    if (window instanceof BrowserWindow) window.webContents.zoomLevel = next(window.webContents.zoomLevel)
  },
})

/** The menu that macOS gives the program's name. */
const appMenu = (options: MenuOptions): MenuItemConstructorOptions => ({
  label: app.name,
  submenu: [
    { role: 'about' },
    separator,
    ...commands
      .filter((command: Command) => command.inAppMenu)
      .map((command) => itemOf(command, 'mac', options)),
    separator,
    { role: 'services' },
    separator,
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    separator,
    { role: 'quit' },
  ],
})

/** Returns the groups of a menu with lines between them; `roles` are groups that the system carries out. */
function groupsOf(
  menu: MenuPlace['menu'],
  system: System,
  options: MenuOptions,
  roles: { readonly [Group in number]?: MenuItemConstructorOptions[] } = {},
): MenuItemConstructorOptions[] {
  const groups = new Map<number, MenuItemConstructorOptions[]>(
    Object.entries(roles).map(([group, items]) => [Number(group), items ?? []]),
  )
  for (const command of commands) {
    const { place, inAppMenu }: Command = command
    if (place?.menu === menu && !(inAppMenu && system === 'mac'))
      groups.set(place.group, [...(groups.get(place.group) ?? []), itemOf(command, system, options)])
  }
  const sorted = [...groups].sort(([a], [b]) => a - b).map(([, items]) => items)
  return sorted.flatMap((items, index) => (index === 0 ? items : [separator, ...items]))
}

function itemOf(
  command: Command & { readonly id: CommandId },
  system: System,
  { run, on }: MenuOptions,
): MenuItemConstructorOptions {
  const [keys] = keysOf(command, system)
  return {
    label: command.title,
    ...(keys === undefined ? {} : { accelerator: acceleratorOf(keys) }),
    ...(command.isSwitch ? { type: 'checkbox', checked: on.has(command.id) } : {}),
    click: (_item, window) => run(command.id, window ?? null),
  }
}
