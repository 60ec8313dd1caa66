/** Moves the keyboard between the entries of a menu: arrows, Home and End. */
export function moveInMenu(event: KeyboardEvent, menu: HTMLElement | null): void {
  const entries = [...(menu?.querySelectorAll<HTMLButtonElement>('button:enabled') ?? [])]
  const index = entries.indexOf(event.target as HTMLButtonElement)
  if (index < 0) return
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 }[event.key]
  if (next === undefined) return
  event.preventDefault()
  entries.at(next % entries.length)?.focus()
}
