import type { Successor } from '../../../preload/contract/sharing'
import { listNames } from '../people/people'

/** Describes a successor to readers of the old document; follows the name of the person who replaced it. */
export function successorWords({ own, held, offered, untold }: Successor): string {
  if (own) {
    const told = untold.length === 0 ? '' : ` Not told yet: ${listNames(untold, 4)}.`
    return `replaced the links of this document. Whoever has the old ones can still read and write here.${told}`
  }
  if (held) return 'replaced the links of this document. You have the new one.'
  if (offered) return 'replaced the links of this document, and gives you the new one. Writing goes on there.'
  return 'replaced the links of this document. To come along, ask them for a new link.'
}

/** True if the new document can be opened from here. */
export const canOpen = ({ held, offered }: Successor): boolean => held || offered
