import { type Command, commands, type WindowCommandId } from '../preload/commands'

/** Further keys of commands of the window: the system's menus take only the first. */
const further = commands.flatMap((command) => {
  const { context, keys }: Command = command
  const key = context === 'window' ? /^Mod-(.)$/.exec(keys?.also ?? '')?.[1] : undefined
  return key === undefined ? [] : [{ key, id: command.id as WindowCommandId }]
})

/** Returns the command of the window that a key press means beside the keys in the menus; null for none. */
export function furtherCommand(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  isMac: boolean,
): WindowCommandId | null {
  const { key, ctrlKey, metaKey, altKey } = event
  const isHeld = isMac ? metaKey && !ctrlKey : ctrlKey && !metaKey
  return isHeld && !altKey ? (further.find((one) => one.key === key)?.id ?? null) : null
}
