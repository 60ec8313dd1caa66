import type { Change } from './change'

/**
 * Automerge broke in the middle of a change, as it does at some malformed ones. Its state is unknown from then on, so
 * its thread has to end.
 */
export class Trap extends Error {
  /** The change, if it is known. */
  readonly change: Change | null

  constructor(change: Change | null, options: { cause: unknown }) {
    super('Automerge broke at a change', options)
    this.name = 'Trap'
    this.change = change
  }
}

/**
 * Throws a Trap for any error except the one with which Automerge refuses a change. Automerge tells them apart by its
 * text only.
 */
export function rethrowTrap(error: unknown, change: Change | null): void {
  const isRefusal = error instanceof RangeError && error.message.startsWith('error loading change')
  if (!isRefusal) throw new Trap(change, { cause: error })
}
