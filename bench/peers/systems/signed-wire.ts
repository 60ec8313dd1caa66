import sodium from 'sodium-native'
import { type Replacement, readReplacement, writeReplacement } from './replacement'
import type { Peer, PeerOptions } from './system'
import { type MakeMerging, openUpdates } from './updates'

const publicSize = sodium.crypto_sign_PUBLICKEYBYTES
const secretSize = sodium.crypto_sign_SECRETKEYBYTES
const signatureSize = sodium.crypto_sign_BYTES

/**
 * Opens a peer that signs, stores and sends each edit as it is: the least that a system as durable and as signed as
 * Swarmpad can take. Right only while one peer at a time writes.
 */
export const open = (options: PeerOptions): Promise<Peer> => openUpdates(options, make)

/** A text whose updates are signed replacements. */
const make: MakeMerging = async (onUpdate) => {
  const keys = { public: Buffer.alloc(publicSize), secret: Buffer.alloc(secretSize) }
  sodium.crypto_sign_keypair(keys.public, keys.secret)
  let text = ''
  const replace = ({ from, to, insert }: Replacement) => {
    text = text.slice(0, from) + insert + text.slice(to)
  }
  const signed = (replacement: Replacement): Buffer => {
    const body = writeReplacement(replacement)
    const signature = Buffer.alloc(signatureSize)
    sodium.crypto_sign_detached(signature, body, keys.secret)
    return Buffer.concat([keys.public, signature, body])
  }
  return {
    length: () => text.length,
    text: () => text,
    edit: (from, to, insert) => {
      replace({ from, to, insert })
      onUpdate(signed({ from, to, insert }))
    },
    apply: (updates) => {
      for (const update of updates) {
        const bytes = Buffer.from(update)
        const [author, signature] = [bytes.subarray(0, publicSize), bytes.subarray(publicSize)]
        const body = signature.subarray(signatureSize)
        if (!sodium.crypto_sign_verify_detached(signature.subarray(0, signatureSize), body, author))
          throw new Error('a bad signature')
        replace(readReplacement(body))
      }
    },
    version: () => Buffer.alloc(text === '' ? 0 : 1),
    // Someone who has any text has all of it.
    since: (version) => signed({ from: 0, to: 0, insert: version?.length ? '' : text }),
  }
}
