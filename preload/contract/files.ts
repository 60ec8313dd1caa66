import * as v from 'valibot'
import type { BackupFile } from './backup'
import type { DocumentId } from './ids'
import { call, event, flag, text } from './shapes'

/** As many files can be opened at once. */
export const maxFiles = 100
/** Longest path of a file, in UTF-16 code units. */
const maxPath = 4_096
/** Largest picture that is saved from the clipboard, in bytes. */
export const maxPicture = 64 * 1024 * 1024

/** Paths of files. The preload script takes them from files that the person gave; the page cannot name any. */
const paths = v.pipe(v.array(v.pipe(v.string(), v.maxLength(maxPath))), v.maxLength(maxFiles))

const picture = v.pipe(
  v.instance(Uint8Array<ArrayBufferLike>),
  v.check((bytes) => bytes.byteLength <= maxPicture),
)

/** Files that were opened, and what is wrong with the others. */
export interface OpenedFiles {
  /** The documents made of texts, in the order of the files. */
  documents: DocumentId[]
  /** A sealed file, which waits for `restoreBackup`. */
  backup: BackupFile | null
  /** One sentence for each file that could not be opened. */
  problems: string[]
}

/** Texts of files, and what is wrong with the others. */
export interface ReadFiles {
  texts: string[]
  /** One sentence for each file that could not be read. */
  problems: string[]
}

/** Calls about files. */
export const fileCalls = {
  /** Asks for files and opens them; with `sealed` for one sealed file. */
  openFile: call(flag).returns<OpenedFiles>(),
  /** Opens files that were dropped on the window or pasted. */
  openFiles: call(paths).returns<OpenedFiles>(),
  /** Reads the texts of such files. */
  readFiles: call(paths).returns<ReadFiles>(),
  /** Asks where to save a picture with this name, and saves it; `path` is null when the person cancelled. */
  savePicture: call(text, picture).returns<{ path: string | null }>(),
}

/** Calls whose paths the preload script fills in: the page gives the files themselves. */
export const callsWithFiles = ['openFiles', 'readFiles'] as const

/** Events about files. */
export const fileEvents = {
  /** Files came from outside the window. */
  filesOpened: event<OpenedFiles>(),
}
