import { pageKey } from './change-operations'
import type { Handle, ObjectId } from './genesis'
import { isValueKey, kidIndex } from './given'
import { givenKey } from './given-format'
import { GivenPage } from './given-page'
import { Anchor, type Gap, type Page } from './page'
import { TextPage } from './text-page'

/** A change of the visible text, in the text before it. */
export interface TextEdit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

/** Characters of one page in a row. */
export interface Elements {
  readonly page: Page
  readonly index: number
  readonly size: number
}

/**
 * All pages of a document's text. Reading is total: an anchor whose page is missing or something else shows no text.
 */
export class PageTree {
  private readonly handle: Handle
  private readonly bodyId: ObjectId
  private readonly pages = new Map<ObjectId, Page>()
  private root: TextPage

  constructor(handle: Handle, bodyId: ObjectId) {
    this.handle = handle
    this.bodyId = bodyId
    this.root = new TextPage(bodyId, null)
  }

  get body(): TextPage {
    return this.root
  }

  /** Reads all pages again from the document; returns the visible text. */
  read(): string {
    this.pages.clear()
    this.root = this.addText(this.bodyId, null)
    const texts = new Map<Page, string>()
    const unread: Page[] = [this.root]
    for (let page = unread.pop(); page; page = unread.pop())
      unread.push(...(page instanceof TextPage ? this.readText(page, texts) : this.readGiven(page, texts)))
    return this.elementsIn(0, this.root.length)
      .map(({ page, index, size }) => texts.get(page)?.slice(index, index + size))
      .join('')
  }

  /** Returns the page with an id: that of its Text, or, for given text, of the map that holds it. */
  page(id: ObjectId): Page | null {
    return this.pages.get(id) ?? null
  }

  /** Iterates over all pages. */
  all(): Iterable<Page> {
    return this.pages.values()
  }

  /** Adds a page that is a Text, empty so far. */
  addText(id: ObjectId, anchor: Anchor | null): TextPage {
    const page = new TextPage(id, anchor)
    this.pages.set(id, page)
    return page
  }

  /** Adds given text, as it was inserted. */
  addGiven(id: ObjectId, anchor: Anchor, text: string): GivenPage {
    const page = new GivenPage(id, anchor, text)
    this.pages.set(id, page)
    return page
  }

  /** Adds the page that hangs on an element of a Text, without its content; returns null if nothing hangs there. */
  attach(owner: TextPage, index: number, anchor: Anchor): TextPage | GivenPage | null {
    const [type, map] = this.handle.getWithType(owner.id, index) ?? []
    if (type !== 'map') return null
    const [givenType, given] = this.handle.getWithType(map as ObjectId, givenKey) ?? []
    if (givenType === 'str') return this.addGiven(map as ObjectId, anchor, given as string)
    const [pageType, page] = this.handle.getWithType(map as ObjectId, pageKey) ?? []
    return pageType === 'text' ? this.addText(page as ObjectId, anchor) : null
  }

  /** Adds the page with a key in given text, without its content; returns null if no text has that key. */
  attachKid(owner: GivenPage, key: string): TextPage | null {
    const index = kidIndex(key)
    if (index === null || index > owner.size) return null
    const [type, id] = this.handle.getWithType(owner.id, key) ?? []
    return type === 'text' ? this.addText(id as ObjectId, owner.addKid(key, index)) : null
  }

  /** Returns the elements that show the text between two offsets, in the order of the text. */
  elementsIn(from: number, to: number): Elements[] {
    const found: Elements[] = []
    collect(this.root, from, to, found)
    return found
  }

  /** Returns the shallowest gap at an offset. */
  gapAt(offset: number): Gap {
    return this.root.gapAt(offset)
  }

  /** Fills a page from its Text; returns the pages in it, still to be read. */
  private readText(page: TextPage, texts: Map<Page, string>): Page[] {
    const text = this.handle.text(page.id)
    texts.set(page, text)
    const children: Page[] = []
    let start = 0
    for (let index = text.indexOf(placeholder); index >= 0; index = text.indexOf(placeholder, index + 1)) {
      const [type] = this.handle.getWithType(page.id, index) ?? []
      if (type === 'str') continue
      page.appendText(index - start)
      start = index + 1
      const child = this.attach(page, index, page.appendAnchor())
      if (child) children.push(child)
    }
    page.appendText(text.length - start)
    return children
  }

  /** Reads what is in the map of given text; returns the pages in it, still to be read. */
  private readGiven(page: Page, texts: Map<Page, string>): Page[] {
    if (!(page instanceof GivenPage)) return []
    texts.set(page, page.text)
    const children: Page[] = []
    const values: [string, Uint8Array][] = []
    for (const key of this.handle.keys(page.id)) {
      if (isValueKey(key)) {
        const [type, value] = this.handle.getWithType(page.id, key) ?? []
        if (type === 'bytes') values.push([key, value as Uint8Array])
        continue
      }
      const kid = this.attachKid(page, key)
      if (kid) children.push(kid)
    }
    page.setValues(values)
    return children
  }
}

/** Placeholder in Automerge's text() for an element that is no character; a person may type it too. */
const placeholder = '\ufffc'

function collect(page: Page, from: number, to: number, found: Elements[]): void {
  let offset = 0
  for (const piece of page.pieces()) {
    if (offset >= to) return
    const isAnchor = piece instanceof Anchor
    const end = offset + (isAnchor ? piece.length : piece.size)
    const [first, last] = [Math.max(from, offset), Math.min(to, end)]
    if (first < last)
      if (!isAnchor) found.push({ page, index: piece.index + first - offset, size: last - first })
      else if (piece.child) collect(piece.child, from - offset, to - offset, found)
    offset = end
  }
}
