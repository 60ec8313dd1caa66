import { type Command, keysOf, type System } from '../../../preload/commands'

/** Signs of macOS for keys that are held, in the order in which it writes them. */
const macSigns = [
  ['Ctrl', '⌃'],
  ['Alt', '⌥'],
  ['Shift', '⇧'],
  ['Mod', '⌘'],
] as const

const signs: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
}

/** Returns the first keys of a command as people of a system write them, such as 'Ctrl Shift E' or '⇧⌘E'; '' for none. */
export function keyWords(command: Command, system: System): string {
  const [keys] = keysOf(command, system)
  if (keys === undefined) return ''
  const parts = keys.split(/-(?!$)/)
  const last = parts.pop() ?? ''
  const key = signs[last] ?? (last.length === 1 ? last.toUpperCase() : last)
  if (system === 'mac')
    return macSigns.flatMap(([name, sign]) => (parts.includes(name) ? sign : [])).join('') + key
  return [...parts.map((part) => (part === 'Mod' ? 'Ctrl' : part)), key].join(' ')
}
