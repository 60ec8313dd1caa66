import { type DocumentKeys, makeManifest } from '../../main/keys/derive'
import { keyPairFromSeed } from '../../main/keys/signature'
import type { DocumentTerms } from '../../main/repo/repo'

/** Terms on which a test's repo keeps a document that others may have, signing with the key of a seed (32 bytes). */
export const keptTerms = (keys: DocumentKeys, seed: Uint8Array): DocumentTerms => ({
  keys,
  manifest: makeManifest(keys),
  signer: { pair: keyPairFromSeed(seed), name: '' },
  quota: null,
  presence: null,
  isSound: null,
  isShared: true,
  changedAt: 0,
})
