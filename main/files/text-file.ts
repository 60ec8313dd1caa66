import { basename } from 'node:path'
import { SwarmpadError } from '../base/errors'
import { openForReading } from '../base/open-file'

/** Largest file that can become a document, in bytes. */
export const maxSize = 16 * 1024 * 1024

/** Longest part of a file's name that is shown, in UTF-16 code units. */
const longestName = 255

/** Returns a file's name as messages show it. */
export const shownName = (path: string): string => basename(path).slice(0, longestName).toWellFormed()

/**
 * Resolves to the text of a file, without a byte order mark. `rest` is the number of bytes that it may have beside
 * others. Rejects with TEXT_FILE.
 */
export async function readTextFile(path: string, rest = maxSize): Promise<string> {
  const name = shownName(path)
  const text = decodeText(await readBytes({ path, name, rest }))
  if (text === null) throw new SwarmpadError('TEXT_FILE', { is: 'binary', name })
  return text
}

/**
 * Decodes text in UTF-8, or in UTF-16 of either byte order with its mark; without the mark. Null for other bytes,
 * and for those with a NUL: they are no text.
 */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    // It fails on bytes that are not in the encoding, and takes the mark away.
    const text = new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}

interface Reading {
  readonly path: string
  readonly name: string
  readonly rest: number
}

async function readBytes({ path, name, rest }: Reading): Promise<Uint8Array> {
  try {
    const file = await openForReading(path)
    try {
      const status = await file.stat()
      // A device or a pipe would never end.
      if (!status.isFile())
        throw new SwarmpadError('TEXT_FILE', { is: status.isDirectory() ? 'folder' : 'special', name })
      if (status.size > maxSize) throw new SwarmpadError('TEXT_FILE', { is: 'large', name })
      if (status.size > rest) throw new SwarmpadError('TEXT_FILE', { is: 'together', name })
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
