import { createHash } from 'node:crypto'
import { SwarmpadError } from '../base/errors'
import { isSoundCost, type PassphraseCost, passphraseKey, saltSize, usualCost } from '../keys/passphrase'
import { nonceSize, open, seal, sealOverhead } from '../keys/seal'
import { isBackup, backupMark as magic } from './backup-mark'

/** Scope of a backup: a whole profile, or one document with its keys. */
export type BackupKind = 'profile' | 'document'

/**
 * The beginning of a backup, which its passphrase opens.
 *
 * magic (15) | version 1 (1) | kind (1) | Argon2id passes (4) and bytes (4) | salt (16) | nonce (24) |
 * the file's own key, sealed with the passphrase and bound to all before the nonce (48) | SHA-256 of all that (32)
 *
 * The hash tells a damaged file from a wrong passphrase; it is no protection. Rule B1.
 */
export interface BackupHeader {
  readonly kind: BackupKind
  readonly cost: PassphraseCost
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
  readonly sealedKey: Uint8Array
}

const version = 1
const kinds = ['profile', 'document'] as const
const keySize = 32
const hashSize = 32
const boundSize = magic.length + 2 + 8 + saltSize

/** Size of a header in bytes. */
export const backupHeaderSize = boundSize + nonceSize + keySize + sealOverhead + hashSize

/** Makes a header with a new key, which it seals. Rejects with PASSPHRASE_LONG or MEMORY_SHORT, as `passphraseKey` does. */
export async function makeBackupHeader(options: {
  kind: BackupKind
  passphrase: string
  random: (size: number) => Buffer
}): Promise<{ bytes: Uint8Array; key: Uint8Array }> {
  const { kind, passphrase, random } = options
  const [key, salt, nonce] = [random(keySize), random(saltSize), random(nonceSize)]
  const bound = boundBytes({ kind, cost: usualCost, salt })
  const sealer = await passphraseKey(passphrase, salt, usualCost)
  const content = Buffer.concat([bound, nonce, seal(sealer, key, bound, nonce)])
  return { bytes: Buffer.concat([content, hashOf(content)]), key }
}

/**
 * Decodes the first `backupHeaderSize` bytes of a file. Throws BACKUP_OTHER for another file, BACKUP_NEWER for a
 * later version, BACKUP_DAMAGED for a truncated or modified backup.
 */
export function readBackupHeader(bytes: Uint8Array): BackupHeader {
  if (!isBackup(bytes)) throw new SwarmpadError('BACKUP_OTHER')
  const header = Buffer.from(bytes)
  // The rest of a later version may have another layout.
  if ((header[magic.length] ?? version) > version) throw new SwarmpadError('BACKUP_NEWER')
  const content = header.subarray(0, backupHeaderSize - hashSize)
  const isWhole =
    header.length === backupHeaderSize && hashOf(content).equals(header.subarray(content.length))
  const kind = kinds[header[magic.length + 1] ?? -1]
  if (!isWhole || header[magic.length] !== version || !kind) throw damagedBackup()
  const fields = content.subarray(magic.length + 2)
  const cost = { operations: fields.readUInt32LE(0), memory: fields.readUInt32LE(4) }
  if (!isSoundCost(cost)) throw damagedBackup()
  const salt = fields.subarray(8, 8 + saltSize)
  const nonce = content.subarray(boundSize, boundSize + nonceSize)
  return { kind, cost, salt, nonce, sealedKey: content.subarray(boundSize + nonceSize) }
}

/** Opens the file's key. Rejects with PASSPHRASE_WRONG, or MEMORY_SHORT. */
export async function openBackupHeader(header: BackupHeader, passphrase: string): Promise<Uint8Array> {
  const opener = await passphraseKey(passphrase, header.salt, header.cost)
  try {
    return open(opener, header.sealedKey, boundBytes(header), header.nonce)
  } catch {
    throw new SwarmpadError('PASSPHRASE_WRONG', { of: 'backup' })
  }
}

/** Error for a backup that was truncated or modified after it was made. */
export const damagedBackup = (cause?: unknown): SwarmpadError =>
  new SwarmpadError('BACKUP_DAMAGED', {}, { cause })

function boundBytes({ kind, cost, salt }: Pick<BackupHeader, 'kind' | 'cost' | 'salt'>): Buffer {
  const numbers = Buffer.alloc(8)
  numbers.writeUInt32LE(cost.operations, 0)
  numbers.writeUInt32LE(cost.memory, 4)
  return Buffer.concat([magic, Buffer.of(version, kinds.indexOf(kind)), numbers, salt])
}

const hashOf = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest()
