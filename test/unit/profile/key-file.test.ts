import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { passphraseKey, usualCost } from '../../../main/keys/passphrase'
import { type KeyFile, keyFileBytes, readKeyFile } from '../../../main/profile/key-file'
import { openWithPassphrase, sealedByPassphrase } from '../../../main/profile/key-protectors'
import vectors from '../../vectors/key-file.json'

const key = Buffer.alloc(32, 7)
const seal = { salt: randomBytes(16), nonce: randomBytes(24), sealed: randomBytes(48) }
const files: [string, KeyFile][] = [
  ['in the clear', { protection: 'file', key, declined: false }],
  ['in the clear, by choice', { protection: 'file', key, declined: true }],
  ['sealed by a keyring', { protection: 'keyring', sealed: randomBytes(83) }],
  ['sealed with a passphrase', { protection: 'passphrase', cost: usualCost, ...seal }],
]
const damaged = expect.objectContaining({ code: 'STORE_DAMAGED' })

/** A file with other bytes at a place, and a hash that fits them. */
function changed(file: KeyFile, at: number, bytes: Buffer): Buffer {
  const inner = keyFileBytes(file).subarray(0, -32)
  bytes.copy(inner, at)
  return Buffer.concat([inner, createHash('sha256').update(inner).digest()])
}

describe.each(files)('a key %s', (_, file) => {
  it('is read as it was written', () => {
    expect(readKeyFile(keyFileBytes(file))).toEqual(file)
  })

  it('is damaged by every bit', () => {
    const bytes = keyFileBytes(file)
    for (let at = 0; at < bytes.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const other = Buffer.from(bytes)
        other[at] = (other[at] ?? 0) ^ (1 << bit)
        expect(() => readKeyFile(other), `byte ${at}, bit ${bit}`).toThrow(damaged)
      }
  })

  it('is damaged by every cut and by what comes after', () => {
    const bytes = keyFileBytes(file)
    for (let size = 0; size < bytes.length; size++)
      expect(() => readKeyFile(bytes.subarray(0, size)), `${size} bytes`).toThrow(damaged)
    expect(() => readKeyFile(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(damaged)
  })
})

it('a file of 32 bytes is the key itself', () => {
  expect(readKeyFile(key)).toEqual({ protection: 'file', key, declined: false, bare: true })
  for (const size of [0, 1, 31, 33, 64, 100_000])
    expect(() => readKeyFile(randomBytes(size)), `${size} bytes`).toThrow(damaged)
})

it('files that are out there stay readable', async () => {
  const kept = Buffer.from(vectors.key, 'hex')
  const bytes = (name: 'file' | 'declined' | 'keyring' | 'passphrase') => Buffer.from(vectors[name], 'hex')
  expect(readKeyFile(bytes('file'))).toEqual({ protection: 'file', key: kept, declined: false })
  expect(readKeyFile(bytes('declined'))).toEqual({ protection: 'file', key: kept, declined: true })
  const byKeyring = readKeyFile(bytes('keyring'))
  expect(byKeyring).toEqual({ protection: 'keyring', sealed: Buffer.from(vectors.sealedByKeyring, 'hex') })
  const byWords = readKeyFile(bytes('passphrase'))
  if (byWords.protection !== 'passphrase') throw new Error('another way')
  expect(await openWithPassphrase(byWords, vectors.words)).toEqual(kept)
  for (const name of ['file', 'declined', 'keyring', 'passphrase'] as const)
    expect(keyFileBytes(readKeyFile(bytes(name)))).toEqual(bytes(name))
})

describe('a hostile file', () => {
  const file: KeyFile = { protection: 'passphrase', cost: usualCost, ...seal }
  const asks = (operations: number, memory: number): Buffer => {
    const cost = Buffer.alloc(8)
    cost.writeUInt32LE(operations, 0)
    cost.writeUInt32LE(memory, 4)
    return changed(file, 14, cost)
  }

  it('may not ask for more than a machine has, nor for almost nothing', () => {
    const { operations, memory } = usualCost
    expect(readKeyFile(asks(operations, memory))).toEqual(file)
    expect(readKeyFile(asks(16, 1 << 30))).toMatchObject({ cost: { operations: 16, memory: 1 << 30 } })
    for (const [passes, bytes] of [
      [17, memory],
      [2 ** 32 - 1, memory],
      [operations, 2 ** 32 - 1],
      [operations, (1 << 30) + 1],
      [0, 0],
      [1, 8192],
      [operations, memory - 1],
      [operations - 1, memory],
    ] as const)
      expect(() => readKeyFile(asks(passes, bytes)), `${passes} passes, ${bytes} bytes`).toThrow(damaged)
  })

  it('of another way or version is no key', () => {
    for (const way of [3, 4, 255])
      expect(() => readKeyFile(changed(file, 13, Buffer.of(way)))).toThrow(damaged)
    expect(() => readKeyFile(changed(file, 13, Buffer.of(0)))).toThrow(damaged)
    expect(() => readKeyFile(changed(file, 12, Buffer.of(2)))).toThrow(
      expect.objectContaining({ code: 'KEY_SEALED', data: { by: 'newer' } }),
    )
  })
})

describe('a passphrase', () => {
  it('is Argon2id of its NFKC letters', async () => {
    const salt = Buffer.alloc(16, 1)
    const composed = await passphraseKey('caf\u00e9', salt, usualCost)
    expect(await passphraseKey('cafe\u0301', salt, usualCost)).toEqual(composed)
    // The reference program: printf 'caf\xc3\xa9' | argon2 $'\x01…' -id -t 3 -m 18 -p 1 -l 32 -r
    expect(Buffer.from(composed).toString('hex')).toBe(
      '05bfca9b2f0faf568684f054db08b982373f1456b128212409b4c3405ca41de1',
    )
  })

  it('leaves the event loop free while it is computed', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    await passphraseKey('correct horse', Buffer.alloc(16), usualCost)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(5)
  })

  it('is bound to the salt and the cost beside it', async () => {
    const form = await sealedByPassphrase(key, 'correct horse', randomBytes)
    expect(await form.reopen(form.file)).toEqual(key)
    if (form.file.protection !== 'passphrase') throw new Error('another way')
    const wrong = expect.objectContaining({ code: 'PASSPHRASE_WRONG' })
    await expect(form.reopen({ ...form.file, salt: randomBytes(16) })).rejects.toEqual(wrong)
    await expect(
      form.reopen({ ...form.file, cost: { ...usualCost, operations: usualCost.operations + 1 } }),
    ).rejects.toEqual(wrong)
  })

  it('longer than 1,024 code units is refused before anything is spent', async () => {
    const before = process.cpuUsage()
    await expect(passphraseKey('x'.repeat(1_025), Buffer.alloc(16), usualCost)).rejects.toMatchObject({
      code: 'PASSPHRASE_LONG',
    })
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(100_000)
  })
})
