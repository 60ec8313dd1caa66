import { sameBytes } from './bytes'
import { kdf } from './hash'
import type { Identity } from './identity'

/** Where the computers of one author find each other, from the seed of the author key (32 bytes). Rule P8. */
export const deviceTopic = (seed: Uint8Array): Uint8Array => kdf(seed, 'deviceTopic')

/** The id of their channel on a connection, by its handshakeHash. Rule P8. */
export const deviceChannel = (seed: Uint8Array, handshakeHash: Uint8Array): Uint8Array =>
  kdf(seed, 'deviceChannel', handshakeHash)

/** Proof that one side of a connection knows the seed; valid for that side and connection only. Rule P8. */
export const deviceProof = (seed: Uint8Array, isInitiator: boolean, handshakeHash: Uint8Array): Uint8Array =>
  kdf(seed, isInitiator ? 'deviceInitiator' : 'deviceResponder', handshakeHash)

/** The write secret of the private document that the computers of one author share, 32 bytes. Rule P10. */
export const personalSecret = (seed: Uint8Array): Uint8Array => kdf(seed, 'personal')

/** True for a peer that is this person on another computer: it vouches for itself with their key. */
export const isOwnDevice = (peer: { readonly authorKey: Uint8Array | null }, self: Identity): boolean =>
  peer.authorKey !== null && sameBytes(peer.authorKey, self.publicKey)
