import { SwarmpadError } from '../base/errors'
import { type DocumentKeys, keysFromKeep } from '../keys/derive'
import { keysFromLink, parseLink } from '../keys/link'

/**
 * Returns the keys that a keeper takes from a link: those of a keep link, even if the link grants more.
 * `reduced` is the access dropped. Throws LINK_… codes, and ROLE_TOO_LOW for a read link: a keep link can be
 * derived from it only after a peer with the document was reached.
 */
export function keptKeys(link: string): { keys: DocumentKeys; reduced: 'write' | null } {
  const given = keysFromLink(parseLink(link))
  if (!given.verify) throw new SwarmpadError('ROLE_TOO_LOW', { to: 'keep' })
  return { keys: keysFromKeep(given.keep, given.verify), reduced: given.role === 'write' ? 'write' : null }
}
