import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MasterKey } from '../../main/profile/master-key'
import { ChildProgram } from '../support/child-program'
import { canMount } from '../support/disk'
import { TestKeyring } from '../support/keyring'
import { randomFrom } from '../support/random'

let program: ChildProgram
let directory: string
beforeAll(async () => {
  program = await ChildProgram.from('test/contract/key-child.ts')
})
afterAll(() => program.remove())
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'swarmpad-killed-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** Opens the key as the next start does, and cleans up as it does. */
async function next(options: { passphrase?: string; ring?: TestKeyring }): Promise<Uint8Array> {
  const { ring, passphrase } = options
  const master = new MasterKey({
    directory,
    random: randomBytes,
    ...(ring ? { keyring: async () => ring } : {}),
    ...(passphrase ? { passphrase } : {}),
  })
  const key = await master.open(true)
  await master.improve()
  expect(readdirSync(directory)).toEqual(['key'])
  return key
}

it('a key whose way was being changed opens, whenever the process was killed', async () => {
  const random = randomFrom(11)
  const secret = randomBytes(16)
  const key = randomBytes(32)
  writeFileSync(join(directory, 'key'), key)
  for (let round = 0; round < 25; round++) {
    const child = program.start('turn', directory, secret.toString('hex'))
    await child.until(1 + random.below(40))
    await child.kill()
    expect(Buffer.from(await next({ ring: new TestKeyring(secret) })).equals(key)).toBe(true)
  }
})

it('a passphrase that was being changed is the old one or the new one', async () => {
  const random = randomFrom(12)
  const made = new MasterKey({ directory, random: randomBytes, passphrase: 'passphrase 0' })
  const key = await made.open(false)
  for (let round = 0; round < 4; round++) {
    const child = program.start('change', directory)
    await child.until(1 + random.below(3))
    await pause(random.below(1_500))
    await child.kill()
    const opened = await next({ passphrase: 'passphrase 0' }).catch(() =>
      next({ passphrase: 'passphrase 1' }),
    )
    expect(Buffer.from(opened).equals(key)).toBe(true)
    const back = new MasterKey({ directory, random: randomBytes, passphrase: 'passphrase 1' })
    const isNew = await back.open(true).then(
      () => true,
      () => false,
    )
    if (isNew) await back.setPassphrase('passphrase 1', 'passphrase 0')
  }
})

it('a key that was said to be made is there, and one that is there is whole', async () => {
  const random = randomFrom(13)
  const profiles = join(directory, 'profiles')
  for (let round = 0; round < 6; round++) {
    const child = program.start('make', profiles)
    await child.until(1 + random.below(60))
    await child.kill()
    const last = child.lines.length
    for (let number = 0; number <= last; number++) {
      const folder = join(profiles, String(number))
      if (number < last) expect(existsSync(join(folder, 'key'))).toBe(true)
      if (!existsSync(folder)) continue
      const master = new MasterKey({ directory: folder, random: randomBytes })
      await master.open(false)
      await master.improve()
      expect(readdirSync(folder)).toEqual(['key'])
    }
    rmSync(profiles, { recursive: true })
  }
})

describe.skipIf(!canMount())('on a full disk', () => {
  let disk: string
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'swarmpad-key-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
  })
  afterEach(() => {
    execFileSync('umount', [disk])
    rmSync(disk, { recursive: true })
  })

  it('a change of the way is refused, and the key is kept as before', async () => {
    const passphrase = 'correct horse battery'
    const master = new MasterKey({ directory: disk, random: randomBytes })
    const key = await master.open(false)
    const before = readFileSync(join(disk, 'key'))
    expect(() => writeFileSync(join(disk, 'ballast'), Buffer.alloc(1 << 20))).toThrow('ENOSPC')
    for (const change of [() => master.setPassphrase(null, passphrase), () => master.decline()]) {
      await expect(change()).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
      expect(master.protection).toBe('file')
      expect(master.declined).toBe(false)
      expect(readFileSync(join(disk, 'key'))).toEqual(before)
      expect(readdirSync(disk).sort()).toEqual(['ballast', 'key'])
    }
    rmSync(join(disk, 'ballast'))
    await master.setPassphrase(null, passphrase)
    const again = new MasterKey({ directory: disk, random: randomBytes, passphrase })
    expect(await again.open(true)).toEqual(key)
  })
})
