import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { discardFile, makeFile, replaceFile, type Writing } from '../base/atomic-file'
import { assertNever, SwarmpadError } from '../base/errors'
import { SerialQueue } from '../base/serial-queue'
import { sameBytes } from '../keys/bytes'
import { type KeyFile, type KeyProtection, keyFileBytes, masterKeySize, readKeyFile } from './key-file'
import {
  inTheClear,
  type KeyProtector,
  type Keyring,
  openWithKeyring,
  openWithPassphrase,
  sealedByKeyring,
  sealedByPassphrase,
} from './key-protectors'

/** Asks a person for passphrases until `attempt` resolves; resolves to the same. */
export type AskPassphrase = (attempt: (passphrase: string) => Promise<Uint8Array>) => Promise<Uint8Array>

/** Dependencies of a master key. */
export interface MasterKeyOptions {
  /** The profile's folder. No two processes may use at the same time. */
  readonly directory: string
  readonly random: (size: number) => Buffer
  /** Returns the system's keyring, or null on a system without one. */
  readonly keyring?: () => Promise<Keyring | null>
  /** Passphrase that the key is sealed with, or is to be sealed with. */
  readonly passphrase?: string
  /** Asks for the passphrase of a key that is sealed with one. */
  readonly askPassphrase?: AskPassphrase
}

interface OpenedKey {
  readonly key: Uint8Array
  readonly file: KeyFile
  /** True if the keyring asks to seal it again. */
  readonly outdated: boolean
}

/** Shortest passphrase that can be set, in code points. */
const leastPassphrase = 8

/**
 * The key that seals a profile's records, and its file `key`: sealed by the system's keyring, by a passphrase,
 * or, without either, in the clear and readable by its owner alone. A
 * file that cannot be opened is left as it is; one that can is replaced whole or not at all.
 */
export class MasterKey {
  private readonly options: MasterKeyOptions
  private readonly path: string
  private openedOrNull: OpenedKey | null = null
  /** Changes of the file, one after the other. */
  private readonly changes = new SerialQueue()

  /** Does no I/O. */
  constructor(options: MasterKeyOptions) {
    this.options = options
    this.path = join(options.directory, 'key')
  }

  /** The key's protection. Throws CLOSED before `open`. */
  get protection(): KeyProtection {
    return this.opened.file.protection
  }

  /** True for a person who keeps the key in the clear after declining a passphrase. */
  get declined(): boolean {
    const { file } = this.opened
    return file.protection === 'file' && file.declined
  }

  /**
   * Resolves to the key in the file; makes a new key and file if there is no file and nothing (`begun`) that it
   * could have sealed. Rejects with STORE_DAMAGED when the file is damaged or missing, KEY_SEALED
   * when what seals it is not here, PASSPHRASE_WRONG when `passphrase` does not fit.
   */
  async open(begun: boolean): Promise<Uint8Array> {
    await mkdir(this.options.directory, { recursive: true, mode: 0o700 })
    const bytes = await readFile(this.path).catch((error) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    if (!bytes && begun) throw new SwarmpadError('STORE_DAMAGED', { part: 'key-file-gone' })
    this.openedOrNull = bytes ? await this.unseal(readKeyFile(bytes)) : await this.make()
    return this.openedOrNull.key
  }

  /**
   * Removes drafts of a killed process, and seals a key in the clear if there is a passphrase or a keyring. To be
   * called once the key has opened the profile. Rejects with STORE_WRITE_FAILED.
   */
  improve(): Promise<void> {
    return this.changes.run(async () => {
      await this.removeDrafts()
      const protector = await this.betterProtector(this.opened)
      if (protector) await this.replace(protector)
    })
  }

  /**
   * Seals the key with the passphrase `next`, or without one when that is null. `current` is the one that
   * it is sealed with now, if any. Rejects with PASSPHRASE_WRONG, STORE_WRITE_FAILED, or PASSPHRASE_SHORT for a
   * passphrase that is too short; then the key is kept as before.
   */
  setPassphrase(current: string | null, next: string | null): Promise<void> {
    return this.changes.run(async () => {
      if (next !== null && [...next].length < leastPassphrase)
        throw new SwarmpadError('PASSPHRASE_SHORT', { least: leastPassphrase })
      const { file, key } = this.opened
      if (file.protection === 'passphrase') await openWithPassphrase(file, current ?? '')
      await this.replace(
        next === null
          ? ((await this.keyringProtector(key)) ?? inTheClear(key, true))
          : await sealedByPassphrase(key, next, this.options.random),
      )
    })
  }

  /** Notes that the person wants no passphrase for a key in the clear. Rejects with STORE_WRITE_FAILED. */
  decline(): Promise<void> {
    return this.changes.run(async () => {
      if (this.protection === 'file') await this.replace(inTheClear(this.opened.key, true))
    })
  }

  /** Resolves when the changes that were begun are done, or have failed. */
  async idle(): Promise<void> {
    await this.changes.idle()
  }

  private get opened(): OpenedKey {
    if (!this.openedOrNull) throw new SwarmpadError('CLOSED')
    return this.openedOrNull
  }

  private async make(): Promise<OpenedKey> {
    const { passphrase, random } = this.options
    const key = random(masterKeySize)
    const protector =
      passphrase === undefined
        ? ((await this.keyringProtector(key)) ?? inTheClear(key, false))
        : await sealedByPassphrase(key, passphrase, random)
    await makeFile(this.writing(protector, key))
    return { key, file: protector.file, outdated: false }
  }

  private async unseal(file: KeyFile): Promise<OpenedKey> {
    const { keyring, passphrase, askPassphrase } = this.options
    switch (file.protection) {
      case 'file':
        return { key: file.key, file, outdated: false }
      case 'keyring':
        return { file, ...(await openWithKeyring(file.sealed, (await keyring?.()) ?? null)) }
      case 'passphrase': {
        const attempt = (words: string) => openWithPassphrase(file, words)
        if (passphrase !== undefined) return { key: await attempt(passphrase), file, outdated: false }
        if (askPassphrase) return { key: await askPassphrase(attempt), file, outdated: false }
        throw new SwarmpadError('KEY_SEALED', { by: 'passphrase' })
      }
      default:
        return assertNever(file)
    }
  }

  /** Returns a better protector for the key; null if it has the best. */
  private async betterProtector({ file, key, outdated }: OpenedKey): Promise<KeyProtector | null> {
    const { passphrase, random } = this.options
    if (file.protection === 'passphrase' || (file.protection === 'keyring' && !outdated)) return null
    if (file.protection === 'file' && passphrase !== undefined)
      return sealedByPassphrase(key, passphrase, random)
    const sealed = await this.keyringProtector(key)
    return sealed ?? (file.protection === 'file' && file.bare ? inTheClear(key, false) : null)
  }

  /** Returns the key as the keyring seals it; null without a keyring, or when it refuses. */
  private async keyringProtector(key: Uint8Array): Promise<KeyProtector | null> {
    const keyring = await this.options.keyring?.()
    return keyring ? sealedByKeyring(key, keyring).catch(() => null) : null
  }

  private async replace(protector: KeyProtector): Promise<void> {
    const { key } = this.opened
    try {
      await replaceFile(this.writing(protector, key))
    } catch (cause) {
      throw new SwarmpadError('STORE_WRITE_FAILED', { what: 'protection' }, { cause })
    }
    this.openedOrNull = { key, file: protector.file, outdated: false }
  }

  /** Returns the file to write, with a check that the bytes read back open to the same key. */
  private writing(protector: KeyProtector, key: Uint8Array): Writing {
    const prove = async (bytes: Buffer) => {
      if (!sameBytes(await protector.reopen(readKeyFile(bytes)), key))
        throw new SwarmpadError('STORE_WRITE_FAILED', { what: 'read-back' })
    }
    return { path: this.path, bytes: keyFileBytes(protector.file), prove }
  }

  private async removeDrafts(): Promise<void> {
    for (const name of await readdir(this.options.directory))
      if (/^key\.(draft|\d+)$/.test(name)) await discardFile(join(this.options.directory, name))
  }
}
