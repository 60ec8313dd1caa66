import { SwarmpadError } from '../base/errors'
import { fromHex } from '../base/hex'

/** The public key of a relay as people write it: 64 hexadecimal digits. Throws INVALID. */
export function relayKeyFrom(text: string): Buffer {
  const digits = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(digits))
    throw new SwarmpadError('INVALID', 'The key of a relay is 64 letters from 0 to 9 and a to f.')
  return fromHex(digits)
}
