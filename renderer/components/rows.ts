/** Moves the keyboard between rows that stand below each other: arrows, Home and End. */
export function stepInRows(event: KeyboardEvent, rows: readonly HTMLElement[]): void {
  const index = rows.indexOf(event.target as HTMLElement)
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    Home: 0,
    End: rows.length - 1,
  }
  const next = steps[event.key]
  if (next === undefined) return
  event.preventDefault()
  rows[Math.max(0, Math.min(next, rows.length - 1))]?.focus()
}
