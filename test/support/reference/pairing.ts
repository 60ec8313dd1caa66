import { type Bytes, join, kdf, sized, uint } from './primitives'

/** Messages of two computers that pair, by straight calls of libsodium. */

/** Messages and codes of two computers that pair, from the numbers that each drew. Rules P1 to P6. */
export function pairing({ secret, handshakeHash, offered, joined }: Record<PairingInput, Bytes>) {
  const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
  const number = kdf(secret, 'pairCode', handshakeHash, offered, joined).readUInt32BE(0)
  const letters = Array.from({ length: 6 }, (_, place) => alphabet[(number >>> (5 * place)) & 31]).join('')
  const proof = (side: 'pairOffer' | 'pairJoin') => kdf(secret, side, handshakeHash)
  return {
    topic: kdf(secret, 'pairTopic'),
    channel: kdf(secret, 'pairChannel', handshakeHash),
    offerHello: join(2, proof('pairOffer'), kdf(secret, 'pairCommitment', handshakeHash, offered)),
    joinHello: join(2, proof('pairJoin')),
    code: `${letters.slice(0, 3)}-${letters.slice(3)}`,
  }
}

type PairingInput = 'secret' | 'handshakeHash' | 'offered' | 'joined'

/** PERSON. Rule P6. */
export const pairedPerson = (seed: Bytes, name: string, told: boolean): Buffer =>
  join(seed, told ? 1 : 0, sized(Buffer.from(name)))

/** DOCUMENT; `role` is 0 write, 1 read, 2 keep. Rule P6. */
export const pairedDocument = (
  role: number,
  secret: Bytes,
  rest: { verify: Bytes; manifest: Bytes; title: string; editedAt: number },
): Buffer =>
  join(
    role,
    secret,
    sized(rest.verify),
    sized(rest.manifest),
    sized(Buffer.from(rest.title)),
    uint(rest.editedAt),
  )
