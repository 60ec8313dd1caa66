import { isHighSurrogate, isLowSurrogate } from '../../preload/text'
import { pageKey } from './change-operations'
import { type Handle, type ObjectId, rootNames } from './genesis'
import { Anchor, type Gap, Page } from './page'
import { maxDepth } from './references'

/** Characters that are inserted into a page before longer text goes into child pages. */
export const pageCapacity = 2048

/** Items of pages that following patches may pass before reading the text again is cheaper: about 10 ms. */
const maxWalked = 2_000_000

/** A change of the visible text, in the text before it. */
export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** A patch as Automerge reports it. */
export type Patch = ReturnType<Handle['diffIncremental']>[number]

/** Elements of one page: `index` and `size` count what its Text holds. */
interface Elements {
  readonly page: Page
  readonly index: number
  readonly size: number
}

/**
 * A document's text as a rope of pages, kept in step with the Automerge document behind `handle`. Local edits never
 * move text and never remove an anchor, so merging concerns single characters only. Reading is total: an anchor whose
 * page is missing or something else shows no text.
 */
export class Rope {
  private readonly handle: Handle
  private readonly bodyId: ObjectId
  private body: Page
  /** Items passed since following began: an upper bound. */
  private walked = 0
  private readonly pages = new Map<ObjectId, Page>()

  constructor(handle: Handle, bodyId: ObjectId) {
    this.handle = handle
    this.bodyId = bodyId
    this.body = new Page(bodyId, null)
    this.read()
  }

  /** Length of the visible text. */
  get length(): number {
    return this.body.length
  }

  /** Reads all pages again from the document; returns the visible text. */
  read(): string {
    this.pages.clear()
    this.body = this.readPage(this.bodyId, null)
    const parts: string[] = []
    const stack: { page: Page; text: string; slot: number; index: number }[] = []
    const enter = (page: Page) => stack.push({ page, text: this.handle.text(page.id), slot: 0, index: 0 })
    const unread = [this.body]
    for (let page = unread.pop(); page; page = unread.pop()) unread.push(...this.readItems(page))
    enter(this.body)
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const item = top.page.items[top.slot++]
      if (item === undefined) stack.pop()
      else if (typeof item === 'number') {
        parts.push(top.text.slice(top.index, top.index + item))
        top.index += item
      } else {
        top.index += 1
        if (item.child) enter(item.child)
      }
    }
    return parts.join('')
  }

  /**
   * Writes an edit into the document: deletes, then inserts in pieces. `removed` is the text that it deletes, in which
   * no pair is halved. Before each piece `room` returns how many operations may follow, at least as many as it is given;
   * the caller may close a change there.
   */
  edit(edit: TextEdit, removed: string, room: (least: number) => number): void {
    let before = removed.length
    // Last first, so that indices stay true while elements are removed.
    for (const { page, index, size } of this.elementsIn(edit.from, edit.to).reverse()) {
      before -= size
      for (let end = size; end > 0; ) {
        let start = Math.max(0, end - room(2))
        // A surrogate pair is one element: for its second half, Automerge deletes the next element.
        if (isLowSurrogate(removed.charCodeAt(before + start))) start++
        this.handle.splice(page.id, index + start, end - start)
        page.remove(index + start, end - start)
        end = start
      }
    }
    if (edit.insert !== '') this.insert(this.body.gapAt(edit.from), edit.insert, room)
  }

  /** Resets the cost of following patches. */
  startFollowing(): void {
    this.walked = 0
  }

  /**
   * Follows a patch that Automerge reported; returns its edits of the visible text, or null if the text has to be read
   * again: for patches of other kinds, or if that is cheaper.
   */
  follow(patch: Patch): TextEdit[] | null {
    const [root, ...steps] = patch.path
    if (root !== rootNames.body) return []
    const last = steps.pop()
    let page: Page | null = this.body
    for (let step = 0; page && step < steps.length; step += 2) {
      const index = steps[step]
      if (typeof index !== 'number') return null
      if (steps[step + 1] !== pageKey)
        return step + 1 === steps.length ? this.followChild(patch, page, index, last) : []
      page = page.anchorAt(index)?.child ?? null
    }
    if (!page || typeof last !== 'number') return null
    return this.isAffordable(patch, page) ? this.followElements(patch, page, last) : null
  }

  /** Returns the page and index of the element after an offset, to which a caret there refers. */
  locate(offset: number): { page: ObjectId; index: number } {
    const { page, index } = this.body.gapAt(offset)
    return { page: page.id, index }
  }

  /** Returns the offset of an index in a page; null for an unknown page. */
  offsetOf(page: ObjectId, index: number): number | null {
    return this.pages.get(page)?.offsetOf(index) ?? null
  }

  /** Returns the elements that hold the text's characters, as stretches of pages, in the order of the text. */
  stretches(): { page: ObjectId; index: number; size: number }[] {
    return this.elementsIn(0, this.length).map(({ page, index, size }) => ({ page: page.id, index, size }))
  }

  /** Sizes of all pages, for measuring. */
  sizes(): number[] {
    return [...this.pages.values()].map((page) => page.size)
  }

  /** Deepest nesting of pages, for measuring; 1 for the body alone. */
  depth(): number {
    return [...this.pages.values()].reduce((deepest, { depth }) => Math.max(deepest, depth), 0)
  }

  private readPage(id: ObjectId, anchor: Anchor | null): Page {
    const page = new Page(id, anchor)
    if (anchor) anchor.child = page
    this.pages.set(id, page)
    return page
  }

  /** Fills a page's items from its Text; returns its children, still to be read. */
  private readItems(page: Page): Page[] {
    const text = this.handle.text(page.id)
    const children: Page[] = []
    let start = 0
    for (let index = text.indexOf(placeholder); index >= 0; index = text.indexOf(placeholder, index + 1)) {
      const [type, value] = this.handle.getWithType(page.id, index) ?? []
      if (type === 'str') continue
      if (index > start) page.items.push(index - start)
      start = index + 1
      const anchor = new Anchor(page)
      page.items.push(anchor)
      const childId = type === 'map' ? this.childOf(value as ObjectId) : null
      if (childId) children.push(this.readPage(childId, anchor))
    }
    if (text.length > start) page.items.push(text.length - start)
    const own = page.items.reduce<number>((sum, item) => sum + (typeof item === 'number' ? item : 0), 0)
    page.filled = own
    page.grow(own)
    return children
  }

  private childOf(anchorId: ObjectId): ObjectId | null {
    const [type, value] = this.handle.getWithType(anchorId, pageKey) ?? []
    return type === 'text' ? (value as ObjectId) : null
  }

  /** Counts the items that following a patch passes; returns false once reading the text again is cheaper. */
  private isAffordable(patch: Patch, page: Page): boolean {
    const times = patch.action === 'insert' ? patch.values.length : 1
    for (let above: Page | undefined = page; above; above = above.anchor?.owner)
      this.walked += above.items.length * times
    return this.walked <= maxWalked
  }

  private followElements(patch: Patch, page: Page, index: number): TextEdit[] | null {
    const from = page.offsetOf(index)
    switch (patch.action) {
      case 'splice':
        page.insertText(index, patch.value.length)
        return [{ from, to: from, insert: patch.value }]
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

  private followChild(patch: Patch, page: Page, index: number, key: unknown): TextEdit[] | null {
    if (key !== pageKey) return []
    const anchor = page.anchorAt(index)
    const [type, value] = this.handle.getWithType(page.id, index) ?? []
    const childId = type === 'map' ? this.childOf(value as ObjectId) : null
    if (patch.action !== 'put' || !anchor || anchor.child || !childId) return null
    this.readPage(childId, anchor)
    return []
  }

  /** The elements that show the text between two offsets, in the order of the text. */
  private elementsIn(from: number, to: number): Elements[] {
    const found: Elements[] = []
    const stack = [{ page: this.body, slot: 0, index: 0 }]
    let offset = 0
    for (let top = stack.at(-1); top && offset < to; top = stack.at(-1)) {
      const item = top.page.items[top.slot++]
      if (item === undefined) stack.pop()
      else if (typeof item === 'number') {
        const begin = Math.max(from, offset)
        const end = Math.min(to, offset + item)
        if (begin < end) found.push({ page: top.page, index: top.index + begin - offset, size: end - begin })
        offset += item
        top.index += item
      } else {
        top.index += 1
        if (item.child && offset + item.length > from) stack.push({ page: item.child, slot: 0, index: 0 })
        else offset += item.length
      }
    }
    return found
  }

  private insert(gap: Gap, text: string, room: (least: number) => number): void {
    const home = [gap.page, gap.before?.child, gap.after?.child].find(
      (page) => page && page.filled + text.length <= pageCapacity,
    )
    if (home) {
      const index = home === gap.page ? gap.index : home === gap.before?.child ? home.size : 0
      this.fill(home, index, text, room)
      return
    }
    if (gap.page.depth >= maxDepth) {
      this.fill(gap.page, gap.index, text, room)
      return
    }
    let index = gap.index
    for (const piece of pieces(text, () => pageCapacity)) {
      // Anchor, page and a first character belong to one change.
      room(3)
      this.handle.splitBlock(gap.page.id, index, {})
      const [, anchorId] = this.handle.getWithType(gap.page.id, index) ?? []
      const child = this.readPage(
        this.handle.putObject(anchorId as ObjectId, pageKey, ''),
        gap.page.insertAnchor(index),
      )
      this.fill(child, 0, piece, room)
      index += 1
    }
  }

  private fill(page: Page, index: number, text: string, room: (least: number) => number): void {
    let at = index
    // A surrogate pair is one operation, and has to fit whole.
    for (const piece of pieces(text, () => room(2))) {
      this.handle.splice(page.id, at, 0, piece)
      page.insertText(at, piece.length)
      at += piece.length
    }
  }
}

/** Placeholder in Automerge's text() for an element that is no character; a person may type it too. */
const placeholder = '\ufffc'

/** Cuts a text into pieces of at most `most()` UTF-16 code units each, never inside a surrogate pair. */
function* pieces(text: string, most: () => number): Generator<string> {
  for (let start = 0; start < text.length; ) {
    let end = Math.min(start + most(), text.length)
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--
    yield text.slice(start, end)
    start = end
  }
}
