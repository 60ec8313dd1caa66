import { describe, expect, it } from 'vitest'
import {
  type DocumentKeys,
  keysFromKeep,
  keysFromRead,
  keysFromWrite,
  makeManifest,
} from '../../../main/keys/derive'
import { storedKeys } from '../../../main/library/stored-keys'

const write = keysFromWrite(Buffer.alloc(32, 7))
const verify = write.verify ?? expect.fail()
const read = write.read ?? expect.fail()
const manifest = makeManifest(write)

const plain = (keys: DocumentKeys) => ({
  role: keys.role,
  documentId: keys.documentId,
  topic: keys.topic,
  keep: keys.keep,
  read: keys.read,
  write: keys.write,
  verify: keys.verify,
  sign: keys.sign,
  content: keys.content,
  presence: keys.presence,
  manifest: keys.manifest,
  salt: keys.salt,
})

describe('keys that are stored', () => {
  const roles: [string, Parameters<typeof storedKeys>[0], DocumentKeys][] = [
    ['write', { role: 'write', secret: Buffer.alloc(32, 7), verify, manifest: null }, write],
    ['read', { role: 'read', secret: read, verify: null, manifest: null }, keysFromRead(read)],
    ['manifest', { role: 'read', secret: read, verify, manifest }, keysFromRead(read, manifest)],
    ['keep', { role: 'keep', secret: write.keep, verify, manifest: null }, keysFromKeep(write.keep, verify)],
  ]

  it.each(roles)('are those of the secret, with the id known and without: %s', (_name, stored, keys) => {
    expect(plain(storedKeys(stored, write.documentId))).toEqual(plain(keys))
    expect(plain(storedKeys(stored))).toEqual(plain(keys))
  })

  it('are refused at once where none can follow', () => {
    const known = write.documentId
    const short = Buffer.alloc(31)
    expect(() => storedKeys({ role: 'write', secret: short, verify: null, manifest: null }, known)).toThrow()
    expect(() =>
      storedKeys({ role: 'keep', secret: write.keep, verify: null, manifest: null }, known),
    ).toThrow()
    expect(() =>
      storedKeys({ role: 'keep', secret: write.keep, verify: short, manifest: null }, known),
    ).toThrow()
    const wrong = Buffer.concat([manifest.subarray(1), Buffer.of(1)])
    expect(() => storedKeys({ role: 'read', secret: read, verify, manifest: wrong }, known)).toThrow()
  })
})
