import { SwarmpadError } from '../base/errors'
import { crc32c } from './crc32c'
import type { Store } from './store'

/**
 * The version of this program's stores. It rises when an older program would misread, or damage, a store that a newer
 * one has written; additions that older programs ignore do not raise it. Raise it only in a program that still reads
 * stores of all lower versions, and keep a profile of the version before in test/vectors/profiles.
 */
export const storeVersion = 1

const key = Buffer.from('!form')

/**
 * Refuses a store of a later version than this program knows, before anything in it is read or written: rejects with
 * PROFILE_NEWER. A store without a note of its version, or with a damaged one, has version 1. Rule S18.
 */
export async function checkStoreVersion(store: Store): Promise<void> {
  if (((await readVersion(store)) ?? storeVersion) > storeVersion) throw new SwarmpadError('PROFILE_NEWER')
}

/** Notes the version, once the store is known to be readable. A refused write is ignored: later writes meet it too. */
export async function writeStoreVersion(store: Store): Promise<void> {
  if ((await readVersion(store)) === storeVersion) return
  await store.write([{ key, value: encodeStoreVersion(storeVersion) }]).catch(() => undefined)
}

/** Encodes a version: 4 bytes and their checksum of 4 bytes, so that a flipped bit does not look like a newer program. */
export function encodeStoreVersion(version: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(version)
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, 4)), 4)
  return bytes
}

async function readVersion(store: Store): Promise<number | null> {
  const noted = await store.get(key)
  if (noted?.length !== 8) return null
  const bytes = Buffer.from(noted)
  return crc32c(bytes.subarray(0, 4)) === bytes.readUInt32BE(4) ? bytes.readUInt32BE() : null
}
