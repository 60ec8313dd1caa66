import { SwarmpadError } from '../base/errors'
import { crc32c } from './crc32c'
import type { Store } from './store'

/**
 * The form of what this program keeps in a profile's store. It rises when an older program would misread, or spoil,
 * what a newer one has written; what is merely new and can be left alone by older ones does not raise it. Whoever
 * raises it sees to it that stores of all lower forms are still read, and keeps a profile of the form before in
 * test/vectors/profiles.
 */
export const storeVersion = 1

const key = Buffer.from('!form')

/**
 * Refuses a store of a later form than this program knows, before anything of it is read or written: throws
 * PROFILE_NEWER. A store of before forms were noted has form 1, as has one whose note is damaged. Rule S18.
 */
export async function checkStoreVersion(store: Store): Promise<void> {
  if (((await readForm(store)) ?? storeVersion) > storeVersion) throw new SwarmpadError('PROFILE_NEWER')
}

/** Notes the form, once the store is known to be sound. A disk that refuses is met again by whatever is written next. */
export async function writeStoreVersion(store: Store): Promise<void> {
  if ((await readForm(store)) === storeVersion) return
  await store.write([{ key, value: encodeStoreVersion(storeVersion) }]).catch(() => undefined)
}

/** A form as it is noted: 4 bytes, and 4 that check them, so that one bit that fell over is no newer program. */
export function encodeStoreVersion(form: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(form)
  bytes.writeUInt32BE(crc32c(bytes.subarray(0, 4)), 4)
  return bytes
}

async function readForm(store: Store): Promise<number | null> {
  const noted = await store.get(key)
  if (noted?.length !== 8) return null
  const bytes = Buffer.from(noted)
  return crc32c(bytes.subarray(0, 4)) === bytes.readUInt32BE(4) ? bytes.readUInt32BE() : null
}
