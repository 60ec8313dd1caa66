import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DocumentId } from '../../preload/contract/ids'
import { SwarmpadError } from '../base/errors'
import { fileNameFor, folderNameFor } from './file-name'
import type { FolderRun } from './import-folder'
import { asWriteFailure, saveFile } from './save-file'

/** A document that is exported. */
export interface ExportedDocument {
  readonly id: DocumentId
  readonly title: string
  /** Folder of the library that its file lies in, names joined by '/'; '' for none. */
  readonly folder: string
}

/** Result of an export. */
export interface ExportReport {
  written: number
  /** Number of files that were there with the same content. */
  same: number
  readonly problems: { readonly title: string; readonly error: SwarmpadError }[]
  failed: number
  isWhole: boolean
}

const maxProblems = 100

/** True where every other file would be refused too. */
const isRefused = ({ code, data }: SwarmpadError): boolean =>
  code === 'STORE_WRITE_FAILED' && 'because' in data && ['full', 'denied'].includes(data.because)

/**
 * Writes each document as a Markdown file into folders like those of the library. Never replaces a file: a name that
 * is taken gets a number, and a file that has the text already is left as it is, so that an export that was stopped
 * can be repeated. Rejects with STORE_WRITE_FAILED when the disk is full, or nothing may be written there.
 */
export async function exportFolder(
  root: string,
  documents: readonly ExportedDocument[],
  read: (id: DocumentId) => Promise<{ title: string; text: string }>,
  run: FolderRun,
): Promise<ExportReport> {
  const report: ExportReport = { written: 0, same: 0, problems: [], failed: 0, isWhole: false }
  const names = new FreeNames()
  for (const [index, { id, title, folder }] of documents.entries()) {
    if (run.signal.aborted) return report
    const path = join(root, ...folder.split('/').filter(Boolean).map(folderNameFor))
    try {
      // It loads only here: the library may know no title of it, or an older one.
      const { title: name, text } = await read(id)
      const isNew = await writeBeside(path, fileNameFor(name), text, names)
      if (isNew) report.written++
      else report.same++
    } catch (error) {
      if (!(error instanceof SwarmpadError) || isRefused(error)) throw error
      report.failed++
      if (report.problems.length < maxProblems) report.problems.push({ title, error })
    }
    run.onProgress(index + 1, documents.length)
  }
  report.isWhole = true
  return report
}

/** Gives each file of a folder a name to itself, on systems without upper and lower case too. */
class FreeNames {
  private readonly taken = new Set<string>()

  /** Returns the name, with a number if an earlier call took it. */
  take(folder: string, name: string): string {
    for (let number = 1; ; number++) {
      const numbered = number === 1 ? name : withNumber(name, number)
      const key = join(folder, numbered).toLowerCase().normalize('NFC')
      if (this.taken.has(key)) continue
      this.taken.add(key)
      return numbered
    }
  }
}

const withNumber = (name: string, number: number): string => name.replace(/(\.\w+)?$/, ` ${number}$1`)

/**
 * Writes a text under the first name that is free, unless a file with it comes before; resolves to true if it was
 * written. Rejects with STORE_WRITE_FAILED.
 */
async function writeBeside(folder: string, name: string, text: string, names: FreeNames): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true })
    for (;;) {
      const path = join(folder, names.take(folder, name))
      const there = await readFile(path, 'utf8').catch(unreadAs)
      if (there === text) return false
      if (there !== null) continue
      await saveFile(path, text, 'copy')
      return true
    }
  } catch (cause) {
    throw asWriteFailure(cause, 'copy')
  }
}

/** Resolves what a file that cannot be read stands for: null for none, and otherwise something that takes the name. */
function unreadAs(error: unknown): null | undefined {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return null
  if (code === 'EISDIR' || code === 'EACCES') return undefined
  throw error
}
