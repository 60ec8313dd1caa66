import { describe, expect, it } from 'vitest'
import { keysFromRead, keysFromWrite, makeManifest } from '../../../main/keys/derive'
import { pairingCode } from '../../../main/keys/pairing'
import { encodeDocument } from '../../../main/pairing/pairing-messages'
import { World } from '../sync/world'
import { documentOf } from './content'

const world = new World(26)

describe('the letters', () => {
  it('hang on the secret, the connection and both numbers (P4)', () => {
    const [secret, hash, offered, joined] = [32, 64, 32, 32].map((size) => world.random.bytes(size))
    if (!secret || !hash || !offered || !joined) throw new Error('no bytes')
    const other = world.random.bytes(32)
    const codes = [
      pairingCode(secret, hash, { offered, joined }),
      pairingCode(other, hash, { offered, joined }),
      pairingCode(secret, world.random.bytes(64), { offered, joined }),
      pairingCode(secret, hash, { offered: other, joined }),
      pairingCode(secret, hash, { offered, joined: other }),
    ]
    expect(new Set(codes).size).toBe(5)
  })

  it('read links keep their manifest on the way (P6)', () => {
    const keys = keysFromWrite(Buffer.alloc(32, 7))
    const manifest = Buffer.from(makeManifest(keys))
    const reader = keysFromRead(keys.read ?? expect.fail(), manifest)
    expect(
      encodeDocument({ ...documentOf(1), keys: reader, manifest: manifest.toString('hex') }).length,
    ).toBe(1 + 32 + 1 + 1 + 169 + 8 + 9)
  })
})
