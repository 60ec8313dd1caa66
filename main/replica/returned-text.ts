import type { ObjectId } from './genesis'
import { pairs, type Ranges } from './given'
import { GivenPage } from './given-page'
import type { Gap } from './page'
import type { PageTree } from './page-tree'

/** Deletions that are remembered beside the stretches that are taken out now. */
const remembered = 200

/** Characters of given text that were taken out. */
export interface Part {
  readonly page: ObjectId
  readonly from: number
  readonly to: number
}

/** Characters that were taken out at once, in the order of the text. */
interface Deletion {
  readonly parts: readonly Part[]
  /** UTF-16 code units. */
  readonly length: number
}

const deletionOf = (parts: readonly Part[]): Deletion => ({
  parts,
  length: parts.reduce((sum, { from, to }) => sum + to - from, 0),
})

/**
 * Recognizes an insertion that puts back what this session took out of given text, as undoing a deletion does: then the
 * same characters can appear again, with their authors, and with what others put between them.
 */
export class ReturnedText {
  private readonly tree: PageTree
  private readonly ownValues: (page: GivenPage) => Iterable<readonly [key: string, ranges: Ranges]>
  /** For each unit of given text 1 where this session takes it out and nothing found puts it back; since `start`. */
  private readonly own = new Map<GivenPage, Uint8Array>()
  /** The latest deletion last. */
  private readonly deletions: Deletion[] = []

  /** `ownValues` returns what this session takes out of given text. */
  constructor(tree: PageTree, ownValues: ReturnedText['ownValues']) {
    this.tree = tree
    this.ownValues = ownValues
  }

  /** Remembers a deletion of given text alone. */
  note(parts: readonly Part[]): void {
    this.deletions.push(deletionOf(parts))
    if (this.deletions.length > remembered) this.deletions.shift()
  }

  /** Begins to look for what insertions put back that are written together. */
  start(): void {
    this.own.clear()
  }

  /**
   * Returns the characters that an insertion at an offset puts back, or null: a stretch that is taken out there, or
   * exactly those of one deletion. This session has to have taken out each of them, and nobody else. Until `start`, they
   * are not found again.
   */
  find(offset: number, gap: Gap, insert: string): readonly Part[] | null {
    const stretch = stretchAt(gap)
    if (stretch && this.returns(deletionOf(stretch), offset, insert)) return this.used(stretch)
    const slot = this.deletions.findLastIndex((deletion) => this.returns(deletion, offset, insert))
    return slot < 0 ? null : this.used(this.deletions.splice(slot, 1)[0]?.parts ?? [])
  }

  private used(parts: readonly Part[]): readonly Part[] {
    for (const { page: id, from, to } of parts) {
      const page = this.tree.page(id)
      if (page instanceof GivenPage) this.ownUnits(page).fill(0, from, to)
    }
    return parts
  }

  private returns({ parts, length }: Deletion, offset: number, insert: string): boolean {
    if (length !== insert.length) return false
    let place = 0
    return parts.every(({ page: id, from, to }) => {
      const page = this.tree.page(id)
      const isSame = page instanceof GivenPage && insert.startsWith(page.text.slice(from, to), place)
      place += to - from
      return isSame && page.couldReturn(from, to, offset) && this.isOwn(page, from, to)
    })
  }

  private isOwn(page: GivenPage, from: number, to: number): boolean {
    return this.ownUnits(page)
      .subarray(from, to)
      .every((unit) => unit === 1)
  }

  private ownUnits(page: GivenPage): Uint8Array {
    const known = this.own.get(page)
    if (known) return known
    const units = new Uint8Array(page.size)
    for (const [, ranges] of this.ownValues(page))
      for (const [from, to] of pairs(ranges)) units.fill(1, from, to)
    this.own.set(page, units)
    return units
  }
}

/** Returns the characters of given text that are taken out at a gap; null for none. */
function stretchAt({ page, index, before, after }: Gap): readonly Part[] | null {
  const places = [
    { page, index },
    { page: before?.child, index: before?.child?.size ?? 0 },
    { page: after?.child, index: 0 },
  ]
  for (const { page, index } of places) {
    const stretch = page instanceof GivenPage ? page.goneAt(index) : null
    if (page && stretch) return [{ page: page.id, from: stretch[0], to: stretch[1] }]
  }
  return null
}
