import { createHash } from 'node:crypto'
import { SwarmpadError } from '../base/errors'
import { isSoundCost, type PassphraseCost, saltSize } from '../keys/passphrase'
import { nonceSize, sealOverhead } from '../keys/seal'

/**
 * Contents of a profile's file `key`: the master key (32 bytes) under one of the protections.
 *
 * magic (12) | version 1 (1) | protection (1) | its fields | SHA-256 of all that (32)
 *
 * The hash tells a damaged file from a wrong passphrase; it is no protection.
 */
export type KeyFile =
  /** In the clear. `declined`: the person was offered a passphrase and wanted none. */
  | {
      readonly protection: 'file'
      readonly key: Uint8Array
      readonly declined: boolean
      readonly bare?: boolean
    }
  /** As the system's keyring sealed it. */
  | { readonly protection: 'keyring'; readonly sealed: Uint8Array }
  | ({ readonly protection: 'passphrase' } & PassphraseSeal)

/** Protection of a master key: none, by the system's keyring, or by a passphrase. */
export type KeyProtection = KeyFile['protection']

/** A master key sealed with a passphrase: all that opens it, but for the passphrase. */
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
/** By their numbers in the file. */
const protections = ['file', 'keyring', 'passphrase'] as const
const hashSize = 32
const headSize = magic.length + 2
/** Largest result of a keyring's sealing of 64 letters, in bytes. */
const maxSealed = 4_096
const fileSize = 1 + masterKeySize
const costSize = 8
const passphraseSize = costSize + saltSize + nonceSize + masterKeySize + sealOverhead

/** Encodes a file. */
export function keyFileBytes(file: KeyFile): Buffer {
  const content = Buffer.concat([head(file.protection), fieldsOf(file)])
  return Buffer.concat([content, hashOf(content)])
}

/**
 * Parses a file's bytes. A file of exactly 32 bytes is the key in the clear, as versions before this format
 * wrote it (`bare`). Throws STORE_DAMAGED for a file that is damaged in any part, and KEY_SEALED for a later version.
 */
export function readKeyFile(bytes: Uint8Array): KeyFile {
  const file = Buffer.from(bytes)
  const isOurs = file.subarray(0, magic.length).equals(magic)
  if (!isOurs && file.length === masterKeySize)
    return { protection: 'file', key: file, declined: false, bare: true }
  const content = file.subarray(0, Math.max(0, file.length - hashSize))
  if (!isOurs || content.length < headSize || !hashOf(content).equals(file.subarray(content.length)))
    throw damaged()
  if (content[magic.length] !== version) throw new SwarmpadError('KEY_SEALED', { by: 'newer' })
  return readFields(protections[content[magic.length + 1] ?? -1], content.subarray(headSize))
}

/** Returns the header that a passphrase's seal is bound to, beside the key. */
export const passphraseHead = ({ cost, salt }: Pick<PassphraseSeal, 'cost' | 'salt'>): Buffer =>
  Buffer.concat([head('passphrase'), costBytes(cost), salt])

function readFields(protection: KeyProtection | undefined, fields: Buffer): KeyFile {
  switch (protection) {
    case 'file':
      if (fields.length !== fileSize || (fields[0] ?? 2) > 1) throw damaged()
      return { protection, declined: fields[0] === 1, key: fields.subarray(1) }
    case 'keyring':
      if (fields.length === 0 || fields.length > maxSealed) throw damaged()
      return { protection, sealed: fields }
    case 'passphrase': {
      if (fields.length !== passphraseSize) throw damaged()
      const cost = { operations: fields.readUInt32LE(0), memory: fields.readUInt32LE(4) }
      if (!isSoundCost(cost)) throw damaged()
      const salt = fields.subarray(costSize, costSize + saltSize)
      const nonce = fields.subarray(costSize + saltSize, costSize + saltSize + nonceSize)
      return { protection, cost, salt, nonce, sealed: fields.subarray(costSize + saltSize + nonceSize) }
    }
    default:
      throw damaged()
  }
}

function fieldsOf(file: KeyFile): Buffer {
  switch (file.protection) {
    case 'file':
      return Buffer.concat([Buffer.of(file.declined ? 1 : 0), file.key])
    case 'keyring':
      return Buffer.from(file.sealed)
    case 'passphrase':
      return Buffer.concat([costBytes(file.cost), file.salt, file.nonce, file.sealed])
  }
}

const head = (protection: KeyProtection): Buffer =>
  Buffer.concat([magic, Buffer.of(version, protections.indexOf(protection))])

function costBytes({ operations, memory }: PassphraseCost): Buffer {
  const bytes = Buffer.alloc(costSize)
  bytes.writeUInt32LE(operations, 0)
  bytes.writeUInt32LE(memory, 4)
  return bytes
}

const hashOf = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest()

const damaged = (): SwarmpadError => new SwarmpadError('STORE_DAMAGED', { part: 'key-file' })
