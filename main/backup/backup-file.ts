import { streamFile } from '../base/atomic-file'
import { SwarmpadError } from '../base/errors'
import { openForReading } from '../base/open-file'
import { writeFailureOf } from '../base/write-failure'
import { type BackupHeader, backupHeaderSize, readBackupHeader } from './backup-header'
import { type BackupRecord, encodeRecord, readRecords } from './backup-records'
import { chunkSize, openStream, sealStream } from './sealed-stream'

/** Bytes read at a time. */
const readSize = 256 * 1024

/** Returns a file's header, and its size in bytes. Rejects as `readBackupHeader` does, or with FILE_UNREADABLE. */
export function lookAtBackup(path: string): Promise<{ header: BackupHeader; size: number }> {
  return reading(async () => {
    const file = await openForReading(path)
    try {
      const status = await file.stat()
      // A device or a pipe would never end.
      if (!status.isFile()) throw new SwarmpadError('FILE_OTHER')
      const { buffer, bytesRead } = await file.read(Buffer.alloc(backupHeaderSize), 0, backupHeaderSize, 0)
      return { header: readBackupHeader(buffer.subarray(0, bytesRead)), size: status.size }
    } finally {
      await file.close()
    }
  })
}

/**
 * Writes a backup atomically, and verifies the draft before renaming it. Rejects with
 * STORE_WRITE_FAILED, or as the records do.
 */
export async function writeBackup(options: {
  path: string
  header: Uint8Array
  key: Uint8Array
  records: AsyncIterable<BackupRecord>
  unique: string
}): Promise<void> {
  const { path, header, key, records, unique } = options
  async function* pieces() {
    yield header
    yield* sealStream(key, gathered(records))
  }
  const prove = async (draft: string) => {
    for await (const _ of backupRecords(draft, key)) {
      // Only reads: any difference from the sealed data throws.
    }
  }
  try {
    await streamFile({ path, content: pieces(), prove, unique })
  } catch (cause) {
    if (cause instanceof SwarmpadError && cause.code !== 'BACKUP_DAMAGED') throw cause
    throw new SwarmpadError(
      'STORE_WRITE_FAILED',
      { what: 'backup', because: writeFailureOf(cause) },
      { cause },
    )
  }
}

/**
 * Reads the records of a backup after its header. `onRead` receives the number of bytes read. Throws
 * BACKUP_DAMAGED for altered or truncated data.
 */
export async function* backupRecords(
  path: string,
  key: Uint8Array,
  onRead: (bytes: number) => void = () => undefined,
): AsyncGenerator<BackupRecord> {
  yield* readRecords(openStream(key, contentOf(path, onRead)))
}

async function* contentOf(path: string, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const file = await reading(() => openForReading(path))
  try {
    let position = backupHeaderSize
    for (;;) {
      const at = position
      const { buffer, bytesRead } = await reading(() => file.read(Buffer.alloc(readSize), 0, readSize, at))
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
      onRead(position)
    }
  } finally {
    await file.close()
  }
}

/** Yields encoded records joined to pieces of at least a chunk. */
async function* gathered(records: AsyncIterable<BackupRecord>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let size = 0
  for await (const record of records) {
    const bytes = encodeRecord(record)
    waiting.push(bytes)
    size += bytes.length
    if (size < chunkSize) continue
    yield Buffer.concat(waiting)
    waiting = []
    size = 0
  }
  yield Buffer.concat(waiting)
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    if (cause instanceof SwarmpadError) throw cause
    throw new SwarmpadError('FILE_UNREADABLE', {}, { cause })
  }
}
