import { SwarmpadError } from '../errors'

/** Longest address that is handed to the system, in UTF-16 code units. */
const maxLength = 2_048

/**
 * An address that may be handed to the system's browser or mail program: http, https or mailto, nothing
 * that runs or opens a file. Throws INVALID for any other.
 */
export function externalAddress(text: string): string {
  const url = text.length <= maxLength && URL.canParse(text) ? new URL(text) : null
  if (!url || !['http:', 'https:', 'mailto:'].includes(url.protocol) || url.username || url.password)
    throw new SwarmpadError('INVALID', 'Only web and mail addresses can be opened.')
  return url.href
}
