import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Keyring } from '../../main/profile/key-protectors'

/** A keyring that seals as Chromium's does on Linux: AES-CBC without a proof of what it gives back. */
export class TestKeyring implements Keyring {
  locked = false
  outdated = false
  private readonly secret: Buffer

  /** `secret` has 16 bytes: what another computer's or person's keyring has another one of. */
  constructor(secret: Buffer = randomBytes(16)) {
    this.secret = secret
  }

  async seal(text: string): Promise<Uint8Array> {
    if (this.locked) throw new Error('the keyring is locked')
    const cipher = createCipheriv('aes-128-cbc', this.secret, Buffer.alloc(16, ' '))
    return Buffer.concat([Buffer.from('v11'), cipher.update(text), cipher.final()])
  }

  async open(sealed: Uint8Array): Promise<{ text: string; outdated: boolean }> {
    if (this.locked) throw new Error('the keyring is locked')
    const cipher = createDecipheriv('aes-128-cbc', this.secret, Buffer.alloc(16, ' '))
    const text = Buffer.concat([cipher.update(sealed.subarray(3)), cipher.final()]).toString('latin1')
    return { text, outdated: this.outdated }
  }
}
