/** Systems that differ in their keys. */
export type System = 'mac' | 'windows' | 'linux'

/**
 * Where a command's keys work: 'program' and 'window' anywhere in a window, 'text' with the keyboard in the text
 * of a document, 'find' also in the strip that finds. The main process carries out those of 'program'.
 */
export type CommandContext = 'program' | 'window' | 'text' | 'find'

/** Keys of a command in CodeMirror's notation, such as 'Mod-Shift-s'; null for none. */
export interface CommandKeys {
  readonly key: string | null
  /** Instead of `key` on macOS. */
  readonly mac?: string | null
  /** More keys for the same command. */
  readonly also?: string
}

/** Place of a command in the menus: commands of one group stand between two lines. */
export interface MenuPlace {
  readonly menu: 'file' | 'edit' | 'format' | 'view' | 'window'
  readonly group: number
}

/** A command as the table has it. */
export interface Command {
  readonly id: string
  /** As menus show it: '&' stands before the letter that chooses it, '…' ends one that asks something. */
  readonly title: string
  readonly context: CommandContext
  readonly keys?: CommandKeys
  readonly place?: MenuPlace
  /** It is a switch, which the menu shows as on or off. */
  readonly isSwitch?: boolean
  /** On macOS it stands in the menu that has the program's name. */
  readonly inAppMenu?: boolean
}

/**
 * Every command of the program. Menus and key maps derive from this table. Keys that move the caret or delete
 * are each system's own (CodeMirror's standardKeymap). Keys with Ctrl+Alt type letters on many keyboards of
 * Windows and Linux (AltGr), so no command has such keys there.
 */
export const commands = [
  // File
  window('new-document', '&New document', 'Mod-n', ['file', 1]),
  program('new-window', 'N&ew window', 'Mod-Shift-n', ['file', 1]),
  window('open-link', '&Open link…', 'Mod-o', ['file', 1]),
  window('open-file', 'Open &file…', null, ['file', 1]),
  window('import-folder', 'I&mport a folder…', null, ['file', 1]),
  window('share', 'S&hare…', 'Mod-Shift-e', ['file', 2]),
  window('replace-links', '&Replace the links…', null, ['file', 2]),
  window('save', 'Sa&ve', 'Mod-s', ['file', 2]),
  window('save-copy', '&Save a copy…', 'Mod-Shift-s', ['file', 2]),
  window('save-copies', 'Save &copies of the selected documents…', null, ['file', 2]),
  window('save-with-keys', 'Save a copy with its &keys…', null, ['file', 2]),
  window('back-up', '&Back up everything…', null, ['file', 3]),
  window('export-folder', 'E&xport everything as a folder…', null, ['file', 3]),
  window('pair', '&Use another computer too…', null, ['file', 3]),
  { ...window('toggle-offline', '&Work offline', 'Mod-Shift-o', ['file', 4]), isSwitch: true },
  window('network', 'Ne&twork…', null, ['file', 4]),
  { ...window('settings', 'Sett&ings…', 'Mod-,', ['file', 5]), inAppMenu: true },
  // Edit
  text('undo', '&Undo', { key: 'Mod-z' }, ['edit', 1]),
  text('redo', '&Redo', { key: 'Mod-y', mac: 'Mod-Shift-z' }, ['edit', 1]),
  find('find', '&Find…', { key: 'Mod-f' }, ['edit', 3]),
  // Format
  text('bold', '&Bold', { key: 'Mod-b' }, ['format', 1]),
  text('italic', '&Italic', { key: 'Mod-i' }, ['format', 1]),
  text('strike', '&Strike through', { key: 'Mod-Shift-x' }, ['format', 1]),
  text('highlight', '&Highlight', { key: 'Mod-Shift-h' }, ['format', 1]),
  text('code', '&Code', { key: 'Mod-e' }, ['format', 1]),
  text('link', '&Link', { key: 'Mod-k' }, ['format', 1]),
  text('paragraph', '&Paragraph', { key: 'Alt-0', mac: 'Mod-Alt-0' }, ['format', 2]),
  text('heading-1', 'Heading &1', { key: 'Alt-1', mac: 'Mod-Alt-1' }, ['format', 2]),
  text('heading-2', 'Heading &2', { key: 'Alt-2', mac: 'Mod-Alt-2' }, ['format', 2]),
  text('heading-3', 'Heading &3', { key: 'Alt-3', mac: 'Mod-Alt-3' }, ['format', 2]),
  text('heading-4', 'Heading &4', { key: 'Alt-4', mac: 'Mod-Alt-4' }, ['format', 2]),
  text('heading-5', 'Heading &5', { key: 'Alt-5', mac: 'Mod-Alt-5' }, ['format', 2]),
  text('heading-6', 'Heading &6', { key: 'Alt-6', mac: 'Mod-Alt-6' }, ['format', 2]),
  text('numbered-list', '&Numbered list', { key: 'Mod-Shift-7' }, ['format', 3]),
  text('bullet-list', 'B&ullet list', { key: 'Mod-Shift-8' }, ['format', 3]),
  text('task-list', '&Task list', { key: 'Mod-Shift-9' }, ['format', 3]),
  text('toggle-task', 'Tick the task at the car&et', { key: 'Mod-Enter' }, ['format', 3]),
  text('tidy-numbers', 'Ti&dy the numbers', { key: null }, ['format', 3]),
  text('quote', '&Quote', { key: 'Mod-Shift-.' }, ['format', 4]),
  text('code-block', 'Code bloc&k', { key: null }, ['format', 4]),
  text('insert-table', 'Inse&rt table', { key: null }, ['format', 4]),
  text('rule', 'Line &across the page', { key: null }, ['format', 4]),
  // View
  window('go-to', '&Go to…', 'Mod-p', ['view', 0]),
  window('commands', '&Commands…', 'Mod-Shift-p', ['view', 0]),
  window('show-library', 'Show &library', 'Mod-l', ['view', 1]),
  window('outline', '&Outline', 'Mod-Shift-j', ['view', 1]),
  window('links', 'L&inks of the document', 'Mod-Shift-b', ['view', 1]),
  window('next-part', '&Next part of the window', 'F6', ['view', 1]),
  window('previous-part', '&Previous part of the window', 'Shift-F6', ['view', 1]),
  text('fold', 'Fol&d', { key: 'Ctrl-Shift-[', mac: 'Mod-Alt-[' }, ['view', 2]),
  text('unfold', 'Unfold &here', { key: 'Ctrl-Shift-]', mac: 'Mod-Alt-]' }, ['view', 2]),
  { ...window('focus-mode', '&Focus mode', null, ['view', 2]), isSwitch: true },
  { ...window('typewriter-mode', '&Typewriter mode', null, ['view', 2]), isSwitch: true },
  { ...window('source-mode', 'Show all Mar&kdown marks', 'Mod-/', ['view', 2]), isSwitch: true },
  { ...window('larger-text', 'La&rger text', 'Mod-+', ['view', 3]), keys: { key: 'Mod-+', also: 'Mod-=' } },
  window('smaller-text', '&Smaller text', 'Mod--', ['view', 3]),
  window('usual-text', '&Usual text size', 'Mod-0', ['view', 3]),
  // Window
  tab('next-tab', '&Next tab', { key: 'Ctrl-Tab', also: 'Ctrl-PageDown' }, 1),
  tab('previous-tab', '&Previous tab', { key: 'Ctrl-Shift-Tab', also: 'Ctrl-PageUp' }, 1),
  tab('tab-right', 'Move tab to the &right', { key: 'Ctrl-Shift-PageDown' }, 1),
  tab('tab-left', 'Move tab to the &left', { key: 'Ctrl-Shift-PageUp' }, 1),
  tab('close-tab', '&Close tab', { key: 'Mod-w' }, 2),
  tab('close-other-tabs', 'Close &other tabs', { key: null }, 2),
  tab('reopen-tab', 'R&eopen closed tab', { key: 'Mod-Shift-t' }, 2),
  tab('tab-aside', 'Move tab to the other &side', { key: null }, 3),
  tab('tab-to-window', 'Move tab to a new &window', { key: null }, 3),
  // In the text, outside the menus
  text('undo-selection', 'Undo selection', { key: 'Mod-u' }),
  text('redo-selection', 'Redo selection', { key: 'Alt-u', mac: 'Mod-Shift-u' }),
  text('move-line-up', 'Move line up', { key: 'Alt-ArrowUp' }),
  text('move-line-down', 'Move line down', { key: 'Alt-ArrowDown' }),
  text('copy-line-up', 'Copy line up', { key: 'Shift-Alt-ArrowUp' }),
  text('copy-line-down', 'Copy line down', { key: 'Shift-Alt-ArrowDown' }),
  text('delete-line', 'Delete line', { key: 'Shift-Mod-k' }),
  text('select-line', 'Select line', { key: 'Alt-l', mac: 'Ctrl-l' }),
  text('caret-above', 'Add caret above', { key: 'Mod-Alt-ArrowUp' }),
  text('caret-below', 'Add caret below', { key: 'Mod-Alt-ArrowDown' }),
  text('select-element', 'Select element around', { key: 'Mod-Shift-a' }),
  text('element-left', 'Move over element to the left', {
    key: 'Alt-ArrowLeft',
    mac: 'Ctrl-ArrowLeft',
  }),
  text('element-right', 'Move over element to the right', {
    key: 'Alt-ArrowRight',
    mac: 'Ctrl-ArrowRight',
  }),
  text('select-element-left', 'Select element to the left', {
    key: 'Shift-Alt-ArrowLeft',
    mac: 'Shift-Ctrl-ArrowLeft',
  }),
  text('select-element-right', 'Select element to the right', {
    key: 'Shift-Alt-ArrowRight',
    mac: 'Shift-Ctrl-ArrowRight',
  }),
  text('indent-less', 'Indent less', { key: 'Mod-[' }),
  text('indent-more', 'Indent more', { key: 'Mod-]' }),
  text('matching-bracket', 'Go to matching bracket', { key: 'Shift-Mod-\\' }),
  text('selection-bar', 'Go to the bar at the selection', { key: 'Alt-F10' }),
  text('tab-moves-focus', 'Tab leaves the text', { key: 'Ctrl-m', mac: 'Shift-Alt-m' }),
  text('open-link-at-caret', 'Open link at the caret', { key: 'Alt-Enter' }),
  text('select-matches', 'Select all that match', { key: 'Mod-Shift-l' }),
  text('select-next-match', 'Add next match to the selection', { key: 'Mod-d' }),
  text('go-to-line', 'Go to line', { key: null, mac: 'Mod-Alt-g' }),
  find('find-next', 'Find next', { key: 'Mod-g', also: 'F3' }),
  find('find-previous', 'Find previous', { key: 'Shift-Mod-g', also: 'Shift-F3' }),
  find('close-find', 'Close find', { key: 'Escape' }),
] as const satisfies readonly Command[]

/** The id of a command. */
export type CommandId = (typeof commands)[number]['id']

/** The id of a command that works in one context. */
export type CommandOf<Context extends CommandContext> = Extract<
  (typeof commands)[number],
  { context: Context }
>['id']

/** The id of a command that a window carries out. */
export type WindowCommandId = Exclude<CommandId, CommandOf<'program'>>

/** Returns the keys of a command on a system, in CodeMirror's notation. */
export function keysOf({ keys }: Command, system: System): string[] {
  if (!keys) return []
  const first = system === 'mac' && keys.mac !== undefined ? keys.mac : keys.key
  return [...(first === null ? [] : [first]), ...(keys.also ? [keys.also] : [])]
}

/** Returns keys as Electron's menus take them. */
export const acceleratorOf = (keys: string): string =>
  keys
    .replace('ArrowUp', 'Up')
    .replace('ArrowDown', 'Down')
    .replace('Mod-', 'CmdOrCtrl-')
    .replace(/\+$/, 'Plus')
    .split(/-(?!$)/)
    .map((part) => (part.length === 1 ? part.toUpperCase() : part))
    .join('+')

function program<const Id extends string>(
  id: Id,
  title: string,
  key: string,
  [menu, group]: [MenuPlace['menu'], number],
) {
  return { id, title, context: 'program', keys: { key }, place: { menu, group } } as const
}

function window<const Id extends string>(
  id: Id,
  title: string,
  key: string | null,
  [menu, group]: [MenuPlace['menu'], number],
) {
  return { id, title, context: 'window', keys: { key }, place: { menu, group } } as const
}

function tab<const Id extends string>(id: Id, title: string, keys: CommandKeys, group: number) {
  return { id, title, context: 'window', keys, place: { menu: 'window', group } } as const
}

function text<const Id extends string>(
  id: Id,
  title: string,
  keys: CommandKeys,
  place?: [MenuPlace['menu'], number],
) {
  return { id, title, context: 'text', keys, ...placed(place) } as const
}

function find<const Id extends string>(
  id: Id,
  title: string,
  keys: CommandKeys,
  place?: [MenuPlace['menu'], number],
) {
  return { id, title, context: 'find', keys, ...placed(place) } as const
}

function placed(place?: [MenuPlace['menu'], number]): { place?: MenuPlace } {
  return place ? { place: { menu: place[0], group: place[1] } } : {}
}
