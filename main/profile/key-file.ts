import { createHash } from 'node:crypto'
import { SwarmpadError } from '../base/errors'
import { isSoundCost, type PassphraseCost, saltSize } from '../keys/passphrase'
import { nonceSize, sealOverhead } from '../keys/seal'

/**
 * Contents of a profile's file `key`: the master key (32 bytes) in one of the ways to keep it.
 *
 * magic (12) | version 1 (1) | way (1) | the way's fields | SHA-256 of all that (32)
 *
 * The hash tells a damaged file from a wrong passphrase; it is no protection.
 */
export type KeyFile =
  /** In the clear. `declined`: the person was offered a passphrase and wanted none. */
  | { readonly way: 'file'; readonly key: Uint8Array; readonly declined: boolean; readonly bare?: boolean }
  /** As the system's keyring sealed it. */
  | { readonly way: 'keyring'; readonly sealed: Uint8Array }
  | ({ readonly way: 'passphrase' } & PassphraseSeal)

/** A master key sealed with a passphrase: what is needed to open it, but for that. */
export interface PassphraseSeal {
  readonly cost: PassphraseCost
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
  /** 48 bytes: the key, and a tag over it and `passphraseHead`. */
  readonly sealed: Uint8Array
}

/** Size of a master key in bytes. */
export const masterKeySize = 32

const magic = Buffer.from('swarmpad key')
const version = 1
const ways = ['file', 'keyring', 'passphrase'] as const
const hashSize = 32
const headSize = magic.length + 2
/** Most that a keyring may make of 64 letters, in bytes. */
const maxSealed = 4_096
const fileSize = 1 + masterKeySize
const costSize = 8
const passphraseSize = costSize + saltSize + nonceSize + masterKeySize + sealOverhead

/** The file's bytes. */
export function keyFileBytes(file: KeyFile): Buffer {
  const content = Buffer.concat([head(file.way), fieldsOf(file)])
  return Buffer.concat([content, hashOf(content)])
}

/**
 * Parses a file's bytes. A file of exactly 32 bytes is the key in the clear, as versions before this format
 * left it (`bare`). Throws STORE_DAMAGED for anything that is not wholly sound.
 */
export function readKeyFile(bytes: Uint8Array): KeyFile {
  const file = Buffer.from(bytes)
  const isOurs = file.subarray(0, magic.length).equals(magic)
  if (!isOurs && file.length === masterKeySize) return { way: 'file', key: file, declined: false, bare: true }
  const content = file.subarray(0, Math.max(0, file.length - hashSize))
  if (!isOurs || content.length < headSize || !hashOf(content).equals(file.subarray(content.length)))
    throw damaged()
  if (content[magic.length] !== version) throw new SwarmpadError('KEY_SEALED', { by: 'newer' })
  return readFields(ways[content[magic.length + 1] ?? -1], content.subarray(headSize))
}

/** Returns the header that a passphrase's seal is bound to, beside the key. */
export const passphraseHead = ({ cost, salt }: Pick<PassphraseSeal, 'cost' | 'salt'>): Buffer =>
  Buffer.concat([head('passphrase'), costBytes(cost), salt])

function readFields(way: KeyFile['way'] | undefined, fields: Buffer): KeyFile {
  switch (way) {
    case 'file':
      if (fields.length !== fileSize || (fields[0] ?? 2) > 1) throw damaged()
      return { way, declined: fields[0] === 1, key: fields.subarray(1) }
    case 'keyring':
      if (fields.length === 0 || fields.length > maxSealed) throw damaged()
      return { way, sealed: fields }
    case 'passphrase': {
      if (fields.length !== passphraseSize) throw damaged()
      const cost = { operations: fields.readUInt32LE(0), memory: fields.readUInt32LE(4) }
      if (!isSoundCost(cost)) throw damaged()
      const salt = fields.subarray(costSize, costSize + saltSize)
      const nonce = fields.subarray(costSize + saltSize, costSize + saltSize + nonceSize)
      return { way, cost, salt, nonce, sealed: fields.subarray(costSize + saltSize + nonceSize) }
    }
    default:
      throw damaged()
  }
}

function fieldsOf(file: KeyFile): Buffer {
  switch (file.way) {
    case 'file':
      return Buffer.concat([Buffer.of(file.declined ? 1 : 0), file.key])
    case 'keyring':
      return Buffer.from(file.sealed)
    case 'passphrase':
      return Buffer.concat([costBytes(file.cost), file.salt, file.nonce, file.sealed])
  }
}

const head = (way: KeyFile['way']): Buffer => Buffer.concat([magic, Buffer.of(version, ways.indexOf(way))])

function costBytes({ operations, memory }: PassphraseCost): Buffer {
  const bytes = Buffer.alloc(costSize)
  bytes.writeUInt32LE(operations, 0)
  bytes.writeUInt32LE(memory, 4)
  return bytes
}

const hashOf = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest()

const damaged = (): SwarmpadError => new SwarmpadError('STORE_DAMAGED', { part: 'key-file' })
