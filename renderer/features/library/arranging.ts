import type { DocumentId } from '../../../preload/contract/ids'
import { type DocumentSummary, maxArranged } from '../../../preload/contract/library'
import { folderLimits, isFolder } from '../../../preload/text/folder'
import type { Api } from '../../api'
import type { Toasts } from '../toasts/toasts.svelte'
import { isWithin, pathWords } from './folders'
import { documentsWords } from './library-words'
import { pathOf, type SectionId } from './rows'

/** Where the person puts a document: the parts that change. */
export type Arrangement = Partial<Pick<DocumentSummary, 'folder' | 'pinned' | 'archived'>>

/** One step of arranging: documents that get the same arrangement. */
interface Step {
  readonly ids: readonly DocumentId[]
  readonly arrangement: Arrangement
}

/** Puts documents into folders, to the pinned ones or into the archive; each time with a way back. */
export class Arranging {
  private readonly api: Api
  private readonly toasts: Toasts
  private readonly find: (id: DocumentId) => DocumentSummary | null

  constructor(api: Api, toasts: Toasts, find: (id: DocumentId) => DocumentSummary | null) {
    this.api = api
    this.toasts = toasts
    this.find = find
  }

  /** Moves documents into a folder; '' takes them out of theirs. From the archive they come back. */
  move(ids: readonly DocumentId[], folder: string): Promise<void> {
    return this.arrange(ids, { folder, archived: false }, movedWords(folder))
  }

  /** Pins documents above the others, or ends that. Pinned ones are not in the archive. */
  pin(ids: readonly DocumentId[], pinned: boolean): Promise<void> {
    return this.arrange(
      ids,
      pinned ? { pinned, archived: false } : { pinned },
      pinned ? 'pinned' : 'unpinned',
    )
  }

  /** Puts documents into the archive, or takes them out. */
  archive(ids: readonly DocumentId[], archived: boolean): Promise<void> {
    return this.arrange(ids, { archived }, archived ? 'moved to the archive' : 'taken out of the archive')
  }

  /** Puts documents into a section, as a drop does: they are seen there, and nowhere else. */
  put(ids: readonly DocumentId[], section: SectionId): Promise<void> {
    if (section === 'archive') return this.archive(ids, true)
    if (section === 'pinned') return this.pin(ids, true)
    const folder = pathOf(section) ?? ''
    return this.arrange(ids, { folder, pinned: false, archived: false }, movedWords(folder))
  }

  /**
   * Gives a folder another path, with the folders in it. `documents` and `folders` are those of the library. Resolves to
   * true once all of it has moved; nothing moves where a folder would lie too deep.
   */
  async renameFolder(
    documents: readonly DocumentSummary[],
    folders: readonly string[],
    from: string,
    to: string,
  ): Promise<boolean> {
    const movedPath = (path: string): string => to + path.slice(from.length)
    if (folders.some((path) => isWithin(path, from) && !isFolder(movedPath(path)))) {
      this.toasts.fail(`At most ${folderLimits.depth} folders can lie in each other.`)
      return false
    }
    const inside = documents.filter(({ folder }) => isWithin(folder, from))
    const steps = grouped(inside, ({ folder }) => ({ folder: movedPath(folder) }))
    return this.take(inside, steps, movedWords(to))
  }

  /** Takes the documents of a folder, and of those in it, out into the folder around it. */
  dissolve(documents: readonly DocumentSummary[], path: string, outer: string): Promise<void> {
    const inside = documents.filter(({ folder }) => isWithin(folder, path))
    return this.arrange(
      inside.map(({ id }) => id),
      { folder: outer },
      movedWords(outer),
    )
  }

  private async arrange(ids: readonly DocumentId[], arrangement: Arrangement, words: string): Promise<void> {
    const documents = ids.flatMap((id) => this.find(id) ?? []).filter((one) => differs(one, arrangement))
    await this.take(documents, [{ ids: documents.map(({ id }) => id), arrangement }], words)
  }

  /** Takes steps, and offers to put back what they moved; resolves to true once all of them are kept. */
  private async take(
    before: readonly DocumentSummary[],
    steps: readonly Step[],
    words: string,
  ): Promise<boolean> {
    const done = await this.carryOut(steps)
    const moved = before.filter(({ id }) => done.has(id))
    if (moved.length === 0) return before.length === 0
    const back = grouped(moved, ({ folder, pinned, archived }) => ({ folder, pinned, archived }))
    const verb = moved.length === 1 ? 'was' : 'were'
    this.toasts.tell(`${documentsWords(moved)} ${verb} ${moved.length === 1 ? one(words) : words}.`, {
      label: 'Undo',
      run: () => void this.carryOut(back),
    })
    return moved.length === before.length
  }

  /** Resolves to the documents whose steps are kept; after one that fails, which a toast reports, none follows. */
  private async carryOut(steps: readonly Step[]): Promise<ReadonlySet<DocumentId>> {
    const done = new Set<DocumentId>()
    for (const { ids, arrangement } of steps.flatMap(inCalls)) {
      const outcome = await this.api.call('arrange', [...ids], arrangement)
      if (!outcome.ok) {
        this.toasts.fail(outcome.message)
        break
      }
      for (const id of ids) done.add(id)
    }
    return done
  }
}

const movedWords = (folder: string): string =>
  folder ? `moved to “${pathWords(folder)}”` : 'taken out of their folder'

const one = (words: string): string => words.replace('their folder', 'its folder')

const differs = (document: DocumentSummary, arrangement: Arrangement): boolean =>
  (arrangement.folder ?? document.folder) !== document.folder ||
  (arrangement.pinned ?? document.pinned) !== document.pinned ||
  (arrangement.archived ?? document.archived) !== document.archived

/** Splits a step into such as one call may have. */
function inCalls({ ids, arrangement }: Step): Step[] {
  const steps: Step[] = []
  for (let at = 0; at < ids.length; at += maxArranged)
    steps.push({ ids: ids.slice(at, at + maxArranged), arrangement })
  return steps
}

/** Returns one step for all documents that get the same arrangement. */
function grouped(
  documents: readonly DocumentSummary[],
  of: (document: DocumentSummary) => Arrangement,
): Step[] {
  const steps = new Map<string, { ids: DocumentId[]; arrangement: Arrangement }>()
  for (const document of documents) {
    const arrangement = of(document)
    const key = JSON.stringify(arrangement)
    const step = steps.get(key) ?? { ids: [], arrangement }
    step.ids.push(document.id)
    steps.set(key, step)
  }
  return [...steps.values()]
}
