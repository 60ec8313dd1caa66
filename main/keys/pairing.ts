import { kdf } from './hash'
import { lettersOf } from './letters'

/** Bytes of the secret in a pairing link, and of the number that each side draws. */
export const pairingSecretSize = 32
/** Letters that the person compares; 30 bits. */
const codeLength = 6

/** Side of a pairing: the computer that shows the link, or the one where it is pasted. */
export type PairingSide = 'offer' | 'join'

/** Discovery topic of a pairing secret (32 bytes), visible to the network. Rule P1. */
export const pairingTopic = (secret: Uint8Array): Uint8Array => kdf(secret, 'pairTopic')

/** The id of the channel on a connection, by its handshakeHash. Rule P2. */
export const pairingChannel = (secret: Uint8Array, handshakeHash: Uint8Array): Uint8Array =>
  kdf(secret, 'pairChannel', handshakeHash)

/** Proof that one side of a connection knows the secret; valid for that side and connection only. Rule P3. */
export const pairingProof = (secret: Uint8Array, side: PairingSide, handshakeHash: Uint8Array): Uint8Array =>
  kdf(secret, side === 'offer' ? 'pairOffer' : 'pairJoin', handshakeHash)

/** Commitment of the offering side to the number it drew, sent before it sees the other's. Rule P4. */
export const pairingCommitment = (
  secret: Uint8Array,
  handshakeHash: Uint8Array,
  offered: Uint8Array,
): Uint8Array => kdf(secret, 'pairCommitment', handshakeHash, offered)

/**
 * The letters that both computers show, such as `k7q-m2x`, from the numbers that both drew. Somebody between the
 * two who knows the secret has one guess in 2^30 at having both show the same. Rule P4.
 */
export function pairingCode(
  secret: Uint8Array,
  handshakeHash: Uint8Array,
  numbers: { readonly offered: Uint8Array; readonly joined: Uint8Array },
): string {
  const hash = kdf(secret, 'pairCode', handshakeHash, numbers.offered, numbers.joined)
  const text = lettersOf(hash.readUInt32BE(0), codeLength)
  return `${text.slice(0, 3)}-${text.slice(3)}`
}
