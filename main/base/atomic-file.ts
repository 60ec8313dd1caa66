import { type FileHandle, link, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The file in which new bytes for `path` are made ready. A process that is killed may leave it. */
export const draftOf = (path: string): string => `${path}.draft`

/** Request to write a file. */
export interface Writing {
  readonly path: string
  readonly bytes: Uint8Array
  /** Checks the bytes read back before the file takes its place; a rejection aborts the write. */
  readonly prove: (bytes: Buffer) => Promise<void>
}

/**
 * Makes a file that is not there, readable by its owner alone: whole or not at all, whenever this process
 * ends. Rejects with the system's error, EEXIST when there is one.
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
 * Puts a file in place of the one that is there, in the same way, and then writes over the bytes that were
 * there before, as far as the system lets a file be written over. Rejects with the system's error; the
 * file that was there is then as it was.
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

/**
 * Puts a file that comes piece by piece in the place of whatever is there: whole or not at all. `prove` reads
 * what the disk gives back, before it takes that place. `unique` is in the name of the draft, which no other
 * writing to the same path may have. Rejects with the system's error, or as the pieces and the proof do.
 */
export async function streamFile(options: {
  path: string
  pieces: AsyncIterable<Uint8Array>
  prove: (draft: string) => Promise<void>
  unique: string
}): Promise<void> {
  const { path, pieces, prove, unique } = options
  const draft = `${path}.${unique}.part`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await writeFile(file, pieces)
      await file.sync()
    } finally {
      await file.close()
    }
    await prove(draft)
    await rename(draft, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

/** Removes a file, if it is there, and writes over what was in it unless it has another name still. */
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

/** Holds on to what a file is made of while its name is taken away. Null where that cannot be done. */
async function holdFile(path: string): Promise<{ wipe(): Promise<void>; release(): Promise<void> } | null> {
  // Windows lets no file be replaced that someone holds.
  if (process.platform === 'win32') return null
  const file = await open(path, 'r+').catch(() => null)
  if (!file) return null
  return { wipe: () => wipe(file), release: () => file.close() }
}

async function wipe(file: FileHandle): Promise<void> {
  const { nlink, size } = await file.stat()
  // A name elsewhere is someone's backup.
  if (nlink > 0) return
  await file.write(Buffer.alloc(size), 0, size, 0)
  await file.sync()
}

/** Flushes a folder's names to the disk; true on success. Not every file system can tell. */
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
