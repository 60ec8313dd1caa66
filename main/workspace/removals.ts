import type { DocumentId } from '../../preload/contract/ids'
import type { RemovedDocument } from '../../preload/contract/library'
import type { Clock, Timer } from '../base/environment'
import { SerialQueue } from '../base/serial-queue'
import { type Library, unknownDocument } from '../library/library'
import type { LibraryEntry } from '../library/library-entry'
import { deletedNow, isOver } from '../library/removal'
import type { Arrangement } from '../personal/arrangement'
import type { Setting } from '../personal/registers'
import type { KeptDocument } from './kept-document'
import type { OpenDocuments } from './open-documents'
import { notSaved } from './saving-watch'

/** How long removing a document waits for edits to become durable, in ms. */
const flushLimit = 3_000
/** How often documents are deleted whose time to be restored is over, in ms. */
const deleteInterval = 24 * 60 * 60 * 1000

/** Dependencies of `Removals`. */
export interface RemovalsOptions {
  readonly clock: Clock
  readonly library: () => Library
  readonly arrangement: () => Arrangement
  readonly documents: OpenDocuments
  /** Called when other documents than before can be restored. */
  readonly onRemoved: (removed: RemovedDocument[]) => void
  readonly onFailure: (error: unknown) => void
}

/**
 * Removes documents, restores and deletes them, and makes the library follow what the person's other computers removed
 * and restored. A removal is a register of the arrangement; when the data of the document goes is this computer's own
 * count of days. The two are written in one batch. One step at a time, so that nothing is restored while it is deleted.
 */
export class Removals {
  private readonly options: RemovalsOptions
  private readonly steps = new SerialQueue()
  private timer: Timer | null = null
  private stopped = false

  constructor(options: RemovalsOptions) {
    this.options = options
  }

  /** The documents that can be restored, the last removed first. */
  list(): RemovedDocument[] {
    const now = this.options.clock.now()
    return [...this.library.entries]
      .flatMap(([id, entry]) => {
        const { title, removedAt, keys } = entry
        if (removedAt === null || isOver(entry, now) || keys.role === 'keep') return []
        return [{ id, title, role: keys.role, removedAt }]
      })
      .sort((one, two) => two.removedAt - one.removedAt)
  }

  /**
   * Takes documents out of the library. Rejects with DOCUMENT_UNKNOWN, STORE_WRITE_FAILED, or NOT_SAVED while edits in
   * one are not saved, and then leaves all.
   */
  remove(ids: readonly DocumentId[]): Promise<void> {
    return this.steps.run(() => this.removeNow(ids))
  }

  /**
   * Removes a document if `isLeft` holds, and deletes it unless it `hadWords`, which is asked when nothing can be typed
   * in it any more; resolves to true if it was removed. Rejects as `remove` does.
   */
  removeEmpty(
    id: DocumentId,
    { isLeft, hadWords }: { isLeft: () => Promise<boolean>; hadWords: () => Promise<boolean> },
  ): Promise<boolean> {
    return this.steps.run(async () => {
      if (!(await isLeft())) return false
      await this.removeNow([id])
      if (!(await hadWords())) await this.deleteNow([id])
      return true
    })
  }

  /** Brings removed documents back. Rejects with DOCUMENT_UNKNOWN or STORE_WRITE_FAILED. */
  restore(ids: readonly DocumentId[]): Promise<void> {
    return this.steps.run(async () => {
      const back = this.entriesOf(ids).filter(({ removedAt }) => removedAt !== null)
      await this.put(
        back,
        null,
        ids.map((id) => settingOf(id, 0)),
      )
      await this.keep(back)
    })
  }

  /** Deletes removed documents at once. Rejects with DOCUMENT_UNKNOWN for one that is not removed, or STORE_WRITE_FAILED. */
  delete(ids: readonly DocumentId[]): Promise<void> {
    return this.steps.run(() => this.deleteNow(ids))
  }

  /**
   * Makes the library follow the arrangement: removes what was removed on another computer and is not open here, and
   * brings back what was restored there. `isStart`: no document is kept yet, and all will be. Rejects with
   * STORE_WRITE_FAILED.
   */
  follow({ isStart = false } = {}): Promise<void> {
    return this.steps.run(async () => {
      const now = this.options.clock.now()
      if (isStart) {
        const { leaving, back } = this.outOfStep(now)
        await this.library.putAll([
          ...leaving.map(({ id }) => ({ ...this.library.entry(id), removedAt: now })),
          ...back.map(({ id }) => ({ ...this.library.entry(id), removedAt: null })),
        ])
        return
      }
      const release = this.options.documents.hold()
      try {
        await this.followNow(now)
      } finally {
        release()
      }
    })
  }

  /** Follows what was removed elsewhere while a document was open, which is closed now. */
  closed(id: DocumentId): void {
    if (!this.options.arrangement().isRemoved(id)) return
    if (this.library.entries.get(id)?.removedAt === null) this.followLater()
  }

  /** Follows the arrangement in the background. */
  followLater(): void {
    if (!this.stopped) this.reporting(this.follow())
  }

  /** Deletes what is old in the background, now and daily, until `stop`. */
  start(): void {
    this.timer = this.options.clock.set(deleteInterval, () => this.start())
    this.reporting(this.steps.run(() => this.deleteOld()))
  }

  /** Begins nothing more; resolves when the step under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true
    if (this.timer) this.options.clock.clear(this.timer)
    await this.steps.idle()
  }

  private async removeNow(ids: readonly DocumentId[]): Promise<void> {
    const { documents, clock } = this.options
    const leaving = this.entriesOf(ids).filter(({ removedAt }) => removedAt === null)
    const open = leaving.flatMap(({ id }) => documents.find(id)?.document ?? [])
    await Promise.all(open.map((document) => document.savedWithin(flushLimit)))
    const unsaved = open.map(({ unsavedEdits }) => unsavedEdits).filter((edits) => edits > 0)
    if (unsaved.length > 0)
      throw notSaved(
        unsaved.reduce((sum, edits) => sum + edits),
        unsaved.length,
      )
    const removedAt = clock.now()
    await this.put(
      leaving,
      removedAt,
      ids.map((id) => settingOf(id, removedAt)),
    )
    await this.drop(leaving)
  }

  private async deleteNow(ids: readonly DocumentId[]): Promise<void> {
    const { clock, arrangement } = this.options
    const going = this.entriesOf(ids)
    if (going.some(({ removedAt }) => removedAt === null)) throw unknownDocument()
    const now = clock.now()
    const unnoted = ids.filter((id) => !arrangement().isRemoved(id))
    await this.put(
      going,
      deletedNow,
      unnoted.map((id) => settingOf(id, now)),
    )
    await this.library.deleteOld(now)
  }

  private async deleteOld(): Promise<void> {
    const { clock, onRemoved } = this.options
    if (await this.library.deleteOld(clock.now(), () => this.stopped)) onRemoved(this.list())
  }

  /** Returns the documents of which the arrangement says otherwise than the library. */
  private outOfStep(now: number): { leaving: Named[]; back: Named[] } {
    const { arrangement, documents } = this.options
    const leaving: Named[] = []
    const back: Named[] = []
    for (const { id, isRemoved } of arrangement().removals()) {
      const entry = this.library.entries.get(id)
      if (!entry) continue
      const { removedAt } = entry
      if (isRemoved && removedAt === null && !documents.find(id)?.document) leaving.push({ ...entry, id })
      if (!isRemoved && removedAt !== null && !isOver(entry, now)) back.push({ ...entry, id })
    }
    return { leaving, back }
  }

  private async followNow(now: number): Promise<void> {
    // One that cannot be opened can be restored.
    for (const { id } of this.outOfStep(now).leaving.filter(isAlone))
      await this.options.documents.keep(id).catch(() => undefined)
    // Something may have been opened, or arranged otherwise, while logs were opened.
    const { leaving, back } = this.outOfStep(now)
    const open = leaving.map((entry) => ({ entry, kept: this.options.documents.find(entry.id) }))
    await this.put(leaving, now)
    await this.put(back, null)
    await this.drop(leaving)
    await this.keep(back)
    // Asked when nothing can be typed in them any more.
    const unused: Named[] = []
    for (const { entry, kept } of open) if (kept && (await this.isUnused(kept))) unused.push(entry)
    if (unused.length === 0) return
    await this.put(unused, deletedNow)
    await this.deleteOld()
  }

  /** Resolves to true for a document of this person alone in which nobody wrote: nobody would restore it. */
  private async isUnused({ id, log }: KeptDocument): Promise<boolean> {
    const isEmpty = log.vector.size === 0 && !log.health.isDamaged
    return isEmpty && isAlone(this.library.entry(id)) && !(await this.library.journals.has(id))
  }

  private reporting(step: Promise<void>): void {
    step.catch((error) => {
      if (!this.stopped) this.options.onFailure(error)
    })
  }

  /** Writes entries as removed or not, with what the arrangement is to say, in one batch. */
  private async put(
    entries: readonly Named[],
    removedAt: number | null,
    settings: readonly Setting[] = [],
  ): Promise<void> {
    const { arrangement, onRemoved } = this.options
    const changed = entries.map(({ id }) => ({ ...this.library.entry(id), removedAt }))
    if (changed.length > 0 || settings.length > 0)
      await this.library.putAll(changed, (writes) => arrangement().set(settings, writes))
    if (changed.length === 0) return
    onRemoved(this.list())
  }

  private async drop(entries: readonly Named[]): Promise<void> {
    await forEach(entries, (id) => this.options.documents.drop(id))
  }

  private async keep(entries: readonly Named[]): Promise<void> {
    await forEach(entries, (id) => this.options.documents.keep(id))
  }

  private entriesOf(ids: readonly DocumentId[]): Named[] {
    return [...new Set(ids)].map((id) => ({ ...this.library.entry(id), id }))
  }

  private get library(): Library {
    return this.options.library()
  }
}

type Named = LibraryEntry & { readonly id: DocumentId }

const isAlone = ({ title, shared, given }: LibraryEntry): boolean => title.trim() === '' && !shared && !given

const settingOf = (subject: DocumentId, value: number): Setting => ({ kind: 'removed', subject, value })

/** Does something for each document, also after it failed for one; then rejects with the first error. */
async function forEach(entries: readonly Named[], run: (id: DocumentId) => Promise<unknown>): Promise<void> {
  const errors: unknown[] = []
  for (const { id } of entries) await run(id).catch((error) => errors.push(error))
  if (errors.length > 0) throw errors[0]
}
