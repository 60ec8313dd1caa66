import { expect } from 'vitest'
import { keysFromWrite } from '../../../main/keys/derive'
import type { PairedContent } from '../../../main/pairing/offer-side'
import { decodeNo, type PairedDocument } from '../../../main/pairing/pairing-messages'
import type { PairingPeer } from './peer'

/** A document that pairing transfers, with keys derived from `seed` (0 to 255). */
export const documentOf = (seed: number): PairedDocument => ({
  keys: keysFromWrite(Buffer.alloc(32, seed)),
  manifest: null,
  title: `Title ${seed}`,
  editedAt: 1_700_000_000_000,
  shared: true,
})
/** A person with two documents. */
export const content: PairedContent = {
  person: { seed: Buffer.alloc(32, 5), name: 'Ada', knowsAddressIsSeen: true },
  documents: [documentOf(1), documentOf(2)],
}

/** The messages that a peer has received: their types, and the reason in place of a 'no'. */
export const said = (peer: PairingPeer): string[] =>
  peer.heard.map(({ type, body }) => (type === 'no' ? decodeNo(body) : type))

/** The error for a confirmation without letters to compare. */
export const nothingWaits: unknown = expect.objectContaining({
  code: 'PAIRING_IMPOSSIBLE',
  data: { because: 'nothing-waits' },
})
