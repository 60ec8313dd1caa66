import { randomBytes } from 'node:crypto'
import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readKeyFile } from '../../../main/profile/key-file'
import type { Keyring } from '../../../main/profile/key-protectors'
import { MasterKey, type MasterKeyOptions } from '../../../main/profile/master-key'
import { TestKeyring } from '../../support/keyring'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'swarmpad-key-'))
  file = join(directory, 'key')
})
afterEach(() => rmSync(directory, { recursive: true }))

const words = 'correct horse battery'

/** A key as one start of the program has it. */
function start(options: Partial<MasterKeyOptions> & { ring?: Keyring } = {}): MasterKey {
  const { ring, ...rest } = options
  const keyring = ring ? { keyring: async () => ring } : {}
  return new MasterKey({ directory, random: randomBytes, ...keyring, ...rest })
}

/** Starts, as a profile does that the key proves to fit. */
async function settled(options: Parameters<typeof start>[0] = {}): Promise<[MasterKey, Uint8Array]> {
  const master = start(options)
  const key = await master.open(false)
  await master.improve()
  return [master, key]
}

const way = () => readKeyFile(readFileSync(file)).protection
const coded = (code: string) => expect.objectContaining({ code })

/** Nothing in the folder holds this key, in any of the forms in which it could be written down. */
function keepsSecret(key: Uint8Array): void {
  for (const name of readdirSync(directory)) {
    const content = readFileSync(join(directory, name))
    for (const form of [Buffer.from(key), Buffer.from(Buffer.from(key).toString('hex'))])
      expect(content.includes(form), name).toBe(false)
  }
}

describe('a new profile', () => {
  it('has its key sealed by the keyring from the beginning', async () => {
    const ring = new TestKeyring()
    const key = await start({ ring }).open(false)
    expect(way()).toBe('keyring')
    keepsSecret(key)
    expect(await start({ ring }).open(true)).toEqual(key)
  })

  it('without a keyring has a file that its owner alone reads', async () => {
    const [master, key] = await settled()
    expect(master.protection).toBe('file')
    expect(master.declined).toBe(false)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await start().open(true)).toEqual(key)
  })

  it('with a keyring that seals nothing, too', async () => {
    const ring = new TestKeyring()
    ring.locked = true
    await start({ ring }).open(false)
    expect(way()).toBe('file')
  })

  it('with a passphrase is sealed with it', async () => {
    const [, key] = await settled({ passphrase: words })
    expect(way()).toBe('passphrase')
    keepsSecret(key)
    expect(await start({ passphrase: words }).open(true)).toEqual(key)
    await expect(start({ passphrase: `${words}!` }).open(true)).rejects.toEqual(coded('PASSPHRASE_WRONG'))
    await expect(start().open(true)).rejects.toEqual(coded('KEY_SEALED'))
  })

  it('is not begun where there are records whose key is missing', async () => {
    await expect(start({ ring: new TestKeyring() }).open(true)).rejects.toEqual(coded('STORE_DAMAGED'))
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('a key that cannot be opened is left as it is', () => {
  const unchanged = async (options: Parameters<typeof start>[0], code: string) => {
    const before = readFileSync(file)
    await expect(start(options).open(true)).rejects.toEqual(coded(code))
    await expect(start(options).open(false)).rejects.toEqual(coded(code))
    expect(readFileSync(file)).toEqual(before)
    expect(readdirSync(directory)).toEqual(['key'])
  }

  it('with the keyring gone, locked, or of someone else', async () => {
    const ring = new TestKeyring()
    await settled({ ring })
    await unchanged({}, 'KEY_SEALED')
    // Some open it to rubbish instead of failing: a padding that fits by chance.
    for (let other = 0; other < 600; other++) await unchanged({ ring: new TestKeyring() }, 'KEY_SEALED')
    ring.locked = true
    await unchanged({ ring }, 'KEY_SEALED')
  })

  it('with a passphrase that is wrong', async () => {
    await settled({ passphrase: words })
    await unchanged({ passphrase: 'something else' }, 'PASSPHRASE_WRONG')
  })

  it('with a file that is damaged anywhere', async () => {
    for (const options of [{}, { ring: new TestKeyring() }, { passphrase: words }]) {
      rmSync(file, { force: true })
      await settled(options)
      const sound = readFileSync(file)
      for (let at = 0; at < sound.length; at++) {
        const bytes = Buffer.from(sound)
        bytes[at] = (bytes[at] ?? 0) ^ 0x41
        writeFileSync(file, bytes)
        await unchanged(options, 'STORE_DAMAGED')
      }
    }
  })
})

describe('a key that lies in the clear', () => {
  const old = randomBytes(32)

  it('of an older version is sealed once it has proven to fit', async () => {
    writeFileSync(file, old)
    const ring = new TestKeyring()
    const master = start({ ring })
    expect(await master.open(true)).toEqual(old)
    expect(readFileSync(file)).toEqual(old)
    await master.improve()
    expect(master.protection).toBe('keyring')
    keepsSecret(old)
    expect(await start({ ring }).open(true)).toEqual(old)
  })

  it('stays in the clear without a keyring, in the new form', async () => {
    writeFileSync(file, old)
    const [master, key] = await settled()
    expect(key).toEqual(old)
    expect(master.protection).toBe('file')
    expect(readKeyFile(readFileSync(file))).toEqual({ protection: 'file', key: old, declined: false })
  })

  it('is sealed as soon as a keyring or a passphrase comes', async () => {
    const [, key] = await settled()
    const ring = new TestKeyring()
    expect((await settled({ ring }))[1]).toEqual(key)
    expect(way()).toBe('keyring')
    rmSync(file)
    const [, other] = await settled()
    expect((await settled({ passphrase: words }))[1]).toEqual(other)
    expect(way()).toBe('passphrase')
    keepsSecret(other)
  })

  it('is gone from drafts that were left behind, and from the bytes that the file was made of', async () => {
    writeFileSync(file, old)
    writeFileSync(join(directory, 'key.4711'), old)
    writeFileSync(join(directory, 'key.draft'), old)
    writeFileSync(join(directory, 'key.backup'), 'of a person')
    // Holds what the name stood for, as the disk does.
    const { open } = await import('node:fs/promises')
    const was = await open(file, 'r')
    const draft = await open(join(directory, 'key.draft'), 'r')
    await settled({ ring: new TestKeyring() })
    for (const held of [was, draft]) {
      expect(await held.readFile()).toEqual(Buffer.alloc(32))
      await held.close()
    }
    expect(readdirSync(directory).sort()).toEqual(['key', 'key.backup'])
  })

  it('is left in a copy that has another name', async () => {
    writeFileSync(file, old)
    linkSync(file, join(directory, 'backup'))
    await settled({ ring: new TestKeyring() })
    expect(readFileSync(join(directory, 'backup'))).toEqual(old)
  })

  it('survives a draft that is the key itself under a second name', async () => {
    const [, key] = await settled()
    linkSync(file, join(directory, 'key.draft'))
    expect((await settled())[1]).toEqual(key)
    expect(await start().open(true)).toEqual(key)
  })
})

describe('a passphrase', () => {
  it('is set, changed and removed by who knows it', async () => {
    const [master, key] = await settled()
    await master.setPassphrase(null, words)
    expect(master.protection).toBe('passphrase')
    keepsSecret(key)
    const wrong = coded('PASSPHRASE_WRONG')
    for (const current of [null, '', 'wrong wrong'])
      await expect(master.setPassphrase(current, 'another one')).rejects.toEqual(wrong)
    await expect(master.setPassphrase('wrong wrong', null)).rejects.toEqual(wrong)
    expect(await start({ passphrase: words }).open(true)).toEqual(key)
    await master.setPassphrase(words, 'another one')
    await expect(start({ passphrase: words }).open(true)).rejects.toEqual(wrong)
    expect(await start({ passphrase: 'another one' }).open(true)).toEqual(key)
    await master.setPassphrase('another one', null)
    expect(master.protection).toBe('file')
    // Removing a passphrase counts as an answer to the question.
    expect(master.declined).toBe(true)
    expect(await start().open(true)).toEqual(key)
  })

  it('that is removed leaves the key to the keyring', async () => {
    const ring = new TestKeyring()
    const [master, key] = await settled({ ring })
    await master.setPassphrase(null, words)
    await master.setPassphrase(words, null)
    expect(way()).toBe('keyring')
    expect(await start({ ring }).open(true)).toEqual(key)
  })

  it('is asked for until it fits', async () => {
    const [, key] = await settled({ passphrase: words })
    const heard: unknown[] = []
    const askPassphrase: NonNullable<MasterKeyOptions['askPassphrase']> = async (attempt) => {
      await attempt('a guess').catch((error) => heard.push(error))
      return attempt(words)
    }
    expect(await start({ askPassphrase }).open(true)).toEqual(key)
    expect(heard).toEqual([coded('PASSPHRASE_WRONG')])
    expect(JSON.stringify(heard)).not.toContain('a guess')
  })

  it('of fewer than eight characters is refused', async () => {
    const [master] = await settled()
    for (const short of ['', 'seven77', '👩‍👧'])
      await expect(master.setPassphrase(null, short)).rejects.toEqual(coded('PASSPHRASE_SHORT'))
    expect(way()).toBe('file')
  })

  it('is offered no more once it was declined', async () => {
    const [master, key] = await settled()
    await master.decline()
    expect(master.declined).toBe(true)
    const [again] = await settled()
    expect(again.declined).toBe(true)
    expect(await start().open(true)).toEqual(key)
  })
})

it('changes at the same time follow each other', async () => {
  const [master, key] = await settled()
  await Promise.all([
    master.decline(),
    master.setPassphrase(null, words),
    master.setPassphrase(words, 'another one'),
    master.decline(),
  ])
  expect(await start({ passphrase: 'another one' }).open(true)).toEqual(key)
})

it('a keyring that asks for it gets the key to seal anew', async () => {
  const ring = new TestKeyring()
  await settled({ ring })
  const { ino } = statSync(file)
  await settled({ ring })
  expect(statSync(file).ino).toBe(ino)
  ring.outdated = true
  await settled({ ring })
  expect(statSync(file).ino).not.toBe(ino)
})

it('a keyring that asks the person first is waited for by who wants to know how the key is kept', async () => {
  const ring = new TestKeyring()
  let answer = (): void => undefined
  const asked = new Promise<void>((resolve) => {
    answer = resolve
  })
  await settled()
  const master = start({ keyring: () => asked.then(() => ring) })
  await master.open(true)
  const settling = master.improve()
  expect(master.protection).toBe('file')
  const known = master.idle().then(() => master.protection)
  answer()
  expect(await known).toBe('keyring')
  await settling
})

it('a form that does not open again takes no place', async () => {
  const [master, key] = await settled()
  const ring = new TestKeyring()
  const forgetful: Keyring = {
    seal: (text) => ring.seal(text),
    open: async () => ({ text: '', outdated: false }),
  }
  const before = readFileSync(file)
  await expect(settled({ ring: forgetful })).rejects.toEqual(coded('STORE_WRITE_FAILED'))
  expect(readFileSync(file)).toEqual(before)
  expect(readdirSync(directory)).toEqual(['key'])
  expect(await start().open(true)).toEqual(key)
  expect(master.protection).toBe('file')
})
