import { SwarmpadError } from '../base/errors'
import { fromHex } from '../base/hex'

/** The public key of a relay as people write it: 64 hexadecimal digits. Throws RELAY_INVALID. */
export function relayKeyFrom(text: string): Buffer {
  const digits = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(digits)) throw new SwarmpadError('RELAY_INVALID')
  return fromHex(digits)
}
