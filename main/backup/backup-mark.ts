import { openForReading } from '../base/open-file'

/** The bytes that a backup begins with. */
export const backupMark = Buffer.from('swarmpad backup')

/** True if bytes start with the backup magic. */
export const isBackup = (start: Uint8Array): boolean =>
  backupMark.equals(Buffer.from(start.subarray(0, backupMark.length)))

/** True if a file starts with the backup magic; false if it cannot be read. Needs no decryption code. */
export async function isBackupFile(path: string): Promise<boolean> {
  try {
    const file = await openForReading(path)
    try {
      // A device or a pipe would never end.
      if (!(await file.stat()).isFile()) return false
      const { buffer } = await file.read(Buffer.alloc(backupMark.length), 0, backupMark.length, 0)
      return isBackup(buffer)
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}
