import { type Calls, calls } from '../../../preload/contract/bridge'
import type { Call } from '../../../preload/contract/shapes'
import { SwarmpadError } from '../../base/errors'

/** Returns a call's arguments if they have the shapes of the contract. Throws REQUEST_INVALID. */
export function checkArguments<Name extends keyof Calls>(
  name: Name,
  given: readonly unknown[],
): Parameters<Calls[Name]> {
  // Each name has its own parameters, which TypeScript cannot follow through a table.
  const { check } = calls[name] as unknown as Call<Parameters<Calls[Name]>, unknown>
  const checked = check(given)
  if (!checked) throw new SwarmpadError('REQUEST_INVALID')
  return checked
}
