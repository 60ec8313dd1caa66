import { pageKey } from './change-operations'
import { type Handle, rootNames } from './genesis'
import { isValueKey } from './given'
import { givenKey } from './given-format'
import { GivenPage } from './given-page'
import type { Anchor, Page } from './page'
import type { PageTree, TextEdit } from './page-tree'
import { TextPage } from './text-page'

/** Pieces of pages that following patches may pass before reading the text again is cheaper: about 10 ms. */
const maxWalked = 2_000_000

/** A patch as Automerge reports it. */
export type Patch = ReturnType<Handle['diffIncremental']>[number]

/** Keeps pages in step with a document by the patches that Automerge reports. */
export class Follower {
  private readonly tree: PageTree
  /** Pieces passed since following began: an upper bound. */
  private walked = 0

  constructor(tree: PageTree) {
    this.tree = tree
  }

  /** Resets the cost of following patches. */
  start(): void {
    this.walked = 0
  }

  /**
   * Follows a patch; returns its edits of the visible text, each in the text after the one before, or null if the text
   * has to be read again: for patches of other kinds, or if that is cheaper.
   */
  follow(patch: Patch): TextEdit[] | null {
    const [root, ...steps] = patch.path
    if (root !== rootNames.body) return []
    const last = steps.pop()
    let page: TextPage | null = this.tree.body
    for (let step = 0; page && step < steps.length; step += 2) {
      const index = steps[step]
      const key = steps[step + 1]
      if (typeof index !== 'number') return null
      if (key === undefined) return this.followKey(patch, page, index, String(last))
      page = textBelow(page.anchorAt(index), String(key))
    }
    if (!page || typeof last !== 'number') return null
    const times = patch.action === 'insert' ? patch.values.length : 1
    return this.isAffordable(page, times) ? followElements(patch, page, last) : null
  }

  /**
   * Counts the pieces that following a patch passes, and `more` beside them; returns false once reading the text again
   * is cheaper.
   */
  private isAffordable(page: Page, times: number, more = 0): boolean {
    this.walked += more
    for (let above: Page | undefined = page; above; above = above.anchor?.owner)
      this.walked += above.cost * times
    return this.walked <= maxWalked
  }

  /** Follows what was put at a key of the map at an index. */
  private followKey(patch: Patch, page: TextPage, index: number, key: string): TextEdit[] | null {
    const anchor = page.anchorAt(index)
    // Of several values at one key, Automerge alone knows which one counts.
    if (!anchor || patch.action !== 'put' || patch.conflict) return null
    const known = anchor.child
    const child = known ?? this.tree.attach(page, index, anchor)
    const size = patch.value instanceof Uint8Array ? patch.value.length : 0
    if (!child || !this.isAffordable(child, 1, size)) return null
    // The first of a map's keys is seen before the text itself.
    const made = !known && child instanceof GivenPage ? [insertion(child.start(), child.text)] : []
    if (key === pageKey || key === givenKey) return made
    if (!(child instanceof GivenPage)) return null
    const edits = isValueKey(key) ? this.followValue(child, key, patch.value) : this.followKid(child, key)
    return edits && [...made, ...edits]
  }

  private followValue(page: GivenPage, key: string, value: unknown): TextEdit[] | null {
    if (!(value instanceof Uint8Array)) return null
    const edits: TextEdit[] = []
    const start = page.start()
    page.setValue(key, value, ({ from, to, offset }, appears) => {
      const at = start + offset
      const isGone = { from: at, to: at + to - from, insert: '' }
      edits.push(appears ? insertion(at, page.text.slice(from, to)) : isGone)
    })
    return edits
  }

  private followKid(page: GivenPage, key: string): TextEdit[] | null {
    return page.kidOf(key) || !this.tree.attachKid(page, key) ? null : []
  }
}

function textBelow(anchor: Anchor | null, key: string): TextPage | null {
  const child = anchor?.child ?? null
  const text = child instanceof GivenPage ? (child.kidOf(key)?.child ?? null) : key === pageKey ? child : null
  return text instanceof TextPage ? text : null
}

function followElements(patch: Patch, page: TextPage, index: number): TextEdit[] | null {
  const from = page.offsetOf(index)
  switch (patch.action) {
    case 'splice':
      page.insertText(index, patch.value.length)
      return [insertion(from, patch.value)]
    case 'del':
      return [{ from, to: from + page.remove(index, patch.length ?? 1), insert: '' }]
    case 'insert':
      for (const place of patch.values.keys()) page.insertAnchor(index + place)
      return []
    case 'mark':
    case 'unmark':
      return []
    default:
      return null
  }
}

const insertion = (from: number, insert: string): TextEdit => ({ from, to: from, insert })
