import { createHash } from 'node:crypto'
import { basename, join, resolve } from 'node:path'
import type { DocumentId } from '../../preload/contract/ids'
import { hasCode, SwarmpadError } from '../base/errors'
import { fromHex, hex } from '../base/hex'
import type { ImportRecord } from '../library/import-records'
import { libraryFolder } from './folder-names'
import { type FoundText, walkFolder } from './folder-walk'
import { noteText, titleOf } from './note'
import { NoteNames, withTitleLinks } from './note-links'
import { readTextFile } from './text-file'

/** Documents that are put into their folder at once. */
const batch = 50
/** Problems that a report names. */
const maxProblems = 100

/** Work with a folder that can be stopped. */
export interface FolderRun {
  readonly signal: AbortSignal
  /** Called with the number of files that are done, of so many. */
  readonly onProgress: (done: number, total: number) => void
}

/** Result of an import. */
export interface ImportReport {
  /** Documents that were made, in the order of the files. */
  readonly added: DocumentId[]
  /** Number of files of which the library has the document already. */
  known: number
  /** Numbers of files that are no text. */
  pictures: number
  others: number
  /** Number of folders that could not be read. */
  unread: number
  /** The first problems, and the number of all. */
  readonly problems: SwarmpadError[]
  failed: number
  /** False if it was stopped before the end; it can be repeated to continue. */
  isWhole: boolean
}

/** The library, as an import uses it. */
export interface ImportHost {
  readonly random: (size: number) => Buffer
  readonly records: {
    find(file: Uint8Array): Promise<ImportRecord | null>
    put(records: readonly (readonly [file: Uint8Array, record: ImportRecord])[]): Promise<void>
  }
  /** The id of the document with a write secret, and true if the library shows it or has removed it. */
  readonly look: (secret: Uint8Array) => { id: DocumentId; isShown: boolean; isRemoved: boolean }
  /**
   * Makes the document with a write secret, or continues with one that has no text yet; durable when it resolves.
   * Rejects with STORE_WRITE_FAILED or SAVING_HINDERED.
   */
  readonly create: (secret: Uint8Array, text: string) => Promise<void>
  /** Puts documents into a folder of the library. */
  readonly arrange: (ids: readonly DocumentId[], folder: string) => Promise<void>
}

interface Pending {
  readonly file: Uint8Array
  readonly record: ImportRecord
  readonly id: DocumentId
}

/**
 * Makes a document of each text in a folder and in those inside it, in the same folders of the library. Its links
 * between files become links between documents. A file that was imported before, with the same content, is left out as
 * long as the library shows its document, so an import that was interrupted can be repeated. Rejects with
 * FOLDER_UNUSABLE.
 */
export async function importFolder(path: string, host: ImportHost, run: FolderRun): Promise<ImportReport> {
  const root = resolve(path)
  const { texts, ...counts } = await walkFolder(root, run.signal)
  const report: ImportReport = { added: [], known: 0, ...counts, problems: [], failed: 0, isWhole: false }
  const work = new Import({ root, texts, host, run, report })
  try {
    await work.all()
    report.isWhole = !run.signal.aborted
  } catch (error) {
    // The disk refuses: every other file would fail too.
    if (!(error instanceof SwarmpadError)) throw error
    noteProblem(report, error)
  }
  return report
}

class Import {
  private readonly root: string
  private readonly texts: readonly FoundText[]
  private readonly host: ImportHost
  private readonly run: FolderRun
  private readonly report: ImportReport
  /** Documents that are not in their folder yet. */
  private pending: Pending[] = []

  constructor(options: {
    root: string
    texts: readonly FoundText[]
    host: ImportHost
    run: FolderRun
    report: ImportReport
  }) {
    this.root = options.root
    this.texts = options.texts
    this.host = options.host
    this.run = options.run
    this.report = options.report
  }

  async all(): Promise<void> {
    const { texts, run } = this
    // A link names its target by title, so all titles have to be known first.
    const named: { place: string; title: string }[] = []
    for (const [index, found] of texts.entries()) {
      if (run.signal.aborted) return
      const text = await readTextFile(found.path).catch(problemAsNull)
      if (text !== null) named.push({ place: placeOf(found), title: titleOf(noteText(text, found.stem)) })
      run.onProgress(index / 4, texts.length)
    }
    const names = new NoteNames(named)
    try {
      for (const [index, found] of texts.entries()) {
        if (run.signal.aborted) return
        if (this.pending.length >= batch || !isBeside(found, texts[index - 1]))
          await this.arrange(texts[index - 1])
        await this.one(found, names)
        run.onProgress(texts.length / 4 + (index + 1) * 0.75, texts.length)
      }
    } finally {
      await this.arrange(texts.at(this.done - 1))
    }
  }

  /** Number of files that were tried. */
  private done = 0

  private async one(found: FoundText, names: NoteNames): Promise<void> {
    const { host, report } = this
    this.done++
    let text: string
    try {
      text = await readTextFile(found.path)
    } catch (error) {
      if (!(error instanceof SwarmpadError)) throw error
      noteProblem(report, error)
      return
    }
    const file = sha256(join(this.root, ...found.folders, basename(found.path)))
    const hash = hex(sha256(text))
    const before = await host.records.find(file)
    const known = before?.hash === hash ? before : null
    const place = known && host.look(fromHex(known.secret))
    if (known?.isDone && place?.isShown) {
      report.known++
      return
    }
    // A document that the person removed stays removed, and the file becomes another one.
    const secret = known && !place?.isRemoved ? known.secret : hex(host.random(32))
    const record = { secret, hash, isDone: false }
    // Before the document: a killed import finds it again.
    if (record.secret !== known?.secret) await host.records.put([[file, record]])
    const content = await withTitleLinks(noteText(text, found.stem), placeOf(found), names)
    try {
      await host.create(fromHex(secret), content)
    } catch (error) {
      // One that an earlier import began, and that does not load now, is tried again by the next import.
      if (!hasCode(error, 'DOCUMENT_UNREADY')) throw error
      noteProblem(report, error)
      return
    }
    const { id } = host.look(fromHex(secret))
    report.added.push(id)
    this.pending.push({ file, record, id })
  }

  private async arrange(found: FoundText | undefined): Promise<void> {
    const { pending, host, root } = this
    if (pending.length === 0 || !found) return
    this.pending = []
    // The person can remove one as soon as it is listed.
    const shown = pending.filter(({ record }) => host.look(fromHex(record.secret)).isShown)
    const ids = shown.map(({ id }) => id)
    if (ids.length > 0) await host.arrange(ids, libraryFolder([basename(root), ...found.folders]))
    await host.records.put(pending.map(({ file, record }) => [file, { ...record, isDone: true }]))
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

const placeOf = ({ folders, stem }: FoundText): string => [...folders, stem].join('/')

const isBeside = (one: FoundText, other: FoundText | undefined): boolean =>
  one.folders.join('/') === other?.folders.join('/')

function noteProblem(report: ImportReport, error: SwarmpadError): void {
  report.failed++
  if (report.problems.length < maxProblems) report.problems.push(error)
}

function problemAsNull(error: unknown): null {
  if (error instanceof SwarmpadError) return null
  throw error
}
