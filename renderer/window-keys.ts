import { type Command, commands, keysOf, type System, type WindowCommandId } from '../preload/commands'

/**
 * Keys of commands of the window that the page takes itself: the second ones, since the system's menus take only the
 * first, and those with Tab, which some systems' menus do not take.
 */
function keysOfPage(system: System): { readonly keys: string; readonly id: WindowCommandId }[] {
  return commands.flatMap((command) => {
    const { context }: Command = command
    if (context !== 'window') return []
    const [first, ...further] = keysOf(command, system)
    const own = first?.endsWith('-Tab') ? [first, ...further] : further
    return own.map((keys) => ({ keys, id: command.id as WindowCommandId }))
  })
}

const pageKeys = { mac: keysOfPage('mac'), other: keysOfPage('linux') }

/** Returns the command of the window that a key press means beside the keys in the menus; null for none. */
export function furtherCommand(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  isMac: boolean,
): WindowCommandId | null {
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event
  if (altKey) return null
  const held = new Set([...(ctrlKey ? ['Ctrl'] : []), ...(metaKey ? ['Meta'] : [])])
  const isMeant = (keys: string): boolean => {
    const parts = keys.split(/-(?!$)/)
    const wanted = parts.slice(0, -1).map((part) => (part === 'Mod' ? (isMac ? 'Meta' : 'Ctrl') : part))
    // Shift is part of what a key of one letter types.
    const isShift = key.length === 1 || wanted.includes('Shift') === shiftKey
    const others = wanted.filter((part) => part !== 'Shift')
    return (
      key === parts.at(-1) && isShift && others.length === held.size && others.every((part) => held.has(part))
    )
  }
  return pageKeys[isMac ? 'mac' : 'other'].find(({ keys }) => isMeant(keys))?.id ?? null
}
