import type { Outcome } from '../../preload/contract/bridge'
import type { Toasts } from '../features/toasts/toasts.svelte'

/** Returns the value of an outcome; null, with a toast that says why, if the call failed. */
export function valueOrToast<T>(outcome: Outcome<T>, toasts: Toasts): { value: T } | null {
  if (outcome.ok) return { value: outcome.value }
  toasts.fail(outcome.message)
  return null
}

/** Returns why a call failed, in plain words; null if it did not. */
export const refusalOf = (outcome: Outcome<unknown>): string | null => (outcome.ok ? null : outcome.message)
