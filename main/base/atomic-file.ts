import { type FileHandle, link, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Path of the draft of `path`, which is renamed once it is whole. A process that is killed may leave it. */
export const draftOf = (path: string): string => `${path}.draft`

/** Request to write a file. */
export interface Writing {
  readonly path: string
  readonly bytes: Uint8Array
  /** Checks the bytes read back before the file takes its place; a rejection aborts the write. */
  readonly prove: (bytes: Buffer) => Promise<void>
}

/**
 * Creates a file, readable by its owner alone: whole or not at all, whenever this process ends. Rejects with
 * the system's error, EEXIST if a file is there.
 */
export async function makeFile({ path, bytes, prove }: Writing): Promise<void> {
  const draft = draftOf(path)
  try {
    await writeDraft(draft, bytes, prove)
    await link(draft, path)
    await syncFolder(dirname(path))
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * Replaces a file in the same way, and then overwrites the old bytes, as far as the system allows that.
 * Rejects with the system's error; the old file is then unchanged.
 */
export async function replaceFile({ path, bytes, prove }: Writing): Promise<void> {
  const draft = draftOf(path)
  const before = await holdFile(path)
  try {
    await writeDraft(draft, bytes, prove)
    await rename(draft, path)
    // Until the new name is on the disk, a power cut brings the old bytes back.
    if (await syncFolder(dirname(path))) await before?.wipe().catch(() => undefined)
  } catch (error) {
    await discardFile(draft)
    throw error
  } finally {
    await before?.release()
  }
}

/** Request to write a file whose content may come in pieces. */
export interface Streaming {
  readonly path: string
  readonly content: string | Uint8Array | AsyncIterable<string | Uint8Array>
  /** Checks the draft as the disk gives it back; a rejection aborts the write. */
  readonly prove?: (draft: string) => Promise<void>
  /** Part of the draft's name: different for each write to the same path. */
  readonly unique: string
  /** Permissions of the file, before the process's mask; its owner's alone if left out. */
  readonly mode?: number
}

/**
 * Puts a file in the place of whatever is there: whole or not at all. Rejects with the system's error, or as
 * the content and the check do; the old file is then unchanged.
 */
export async function streamFile(request: Streaming): Promise<void> {
  const { path, content, prove, unique, mode = 0o600 } = request
  const draft = partOf(path, unique)
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await writeFile(file, content)
      await file.sync()
    } finally {
      await file.close()
    }
    await prove?.(draft)
    await rename(draft, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Longest name that file systems take, in bytes. */
const longestName = 255

/** Path of the draft of a streamed file. A name that is too long to get an ending is left out. */
function partOf(path: string, unique: string): string {
  const ending = `.${unique}.part`
  const isLong = Buffer.byteLength(basename(path) + ending) > longestName
  return isLong ? join(dirname(path), ending) : path + ending
}

/** Removes a file, if it is there, and overwrites its bytes unless it has another name. */
export async function discardFile(path: string): Promise<void> {
  const held = await holdFile(path)
  try {
    await rm(path, { force: true })
    await held?.wipe().catch(() => undefined)
  } finally {
    await held?.release()
  }
}

async function writeDraft(draft: string, bytes: Uint8Array, prove: Writing['prove']): Promise<void> {
  await discardFile(draft)
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await prove(await readFile(draft))
}

/** Keeps a file open, so that its bytes can be overwritten once its name is gone. Null where that is impossible. */
async function holdFile(path: string): Promise<{ wipe(): Promise<void>; release(): Promise<void> } | null> {
  // Windows refuses to replace a file that is open.
  if (process.platform === 'win32') return null
  const file = await open(path, 'r+').catch(() => null)
  if (!file) return null
  return { wipe: () => wipe(file), release: () => file.close() }
}

async function wipe(file: FileHandle): Promise<void> {
  const { nlink, size } = await file.stat()
  // A second name is someone's backup.
  if (nlink > 0) return
  await file.write(Buffer.alloc(size), 0, size, 0)
  await file.sync()
}

/** Flushes a folder's names to the disk; resolves to true on success, which not every file system reports. */
export async function syncFolder(path: string): Promise<boolean> {
  // Windows opens no folder.
  const folder = await open(path, 'r').catch(() => null)
  if (!folder) return false
  try {
    await folder.sync()
    return true
  } catch {
    return false
  } finally {
    await folder.close()
  }
}
