import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { SwarmpadError } from '../base/errors'

/** Largest file that can become a document, in bytes. */
const maxSize = 16 * 1024 * 1024

/** Longest part of a file's name that is shown, in UTF-16 code units. */
const longestName = 255

/** Resolves to the text of a file, without a byte order mark. Rejects with TEXT_FILE. */
export async function readTextFile(path: string): Promise<string> {
  const name = basename(path).slice(0, longestName)
  const bytes = await readBytes(path, name)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // Not UTF-8: reported below.
  }
  throw new SwarmpadError('TEXT_FILE', { is: 'binary', name })
}

async function readBytes(path: string, name: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    try {
      const status = await file.stat()
      // A device or a pipe would never end.
      if (!status.isFile()) throw new SwarmpadError('TEXT_FILE', { is: 'folder', name })
      if (status.size > maxSize) throw new SwarmpadError('TEXT_FILE', { is: 'large', name })
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof SwarmpadError) throw cause
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new SwarmpadError('TEXT_FILE', { is: missing ? 'missing' : 'unreadable', name })
  }
}
