import type { Text } from '@codemirror/state'
import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common'
import { isTicked } from '../../../preload/text/markdown/grammar/tasks'
import type { Lines } from './lines'

/** Drawn in place of '-', '*' and '+'. */
export const bullet = '•'

/** Gathers the layout of lines from the nodes of the tree, in the order in which they begin. */
export class BlockReader {
  /** Next number of each ordered list, by the offset where the list begins. */
  private readonly numbers = new Map<number, number>()
  /** Outermost lists, for screen readers. */
  readonly lists: { readonly from: number; readonly to: number }[] = []
  private readonly doc: Text
  private readonly lines: Lines
  private readonly start: number

  /** `start` is the offset at which the stretch begins that is read. */
  constructor(doc: Text, lines: Lines, start: number) {
    this.doc = doc
    this.lines = lines
    this.start = start
  }

  /** Takes a node; others than blocks and their marks are left alone. */
  enter(node: SyntaxNodeRef): void {
    const { name, from, to } = node
    const heading = headingLevel(name)
    if (heading > 0)
      this.lines.each(from, to, (layout) => {
        layout.heading = heading
      })
    else if (name === 'Blockquote') this.quote(from, to)
    else if (name === 'BulletList' || name === 'OrderedList') this.list(node)
    else if (name === 'ListItem') this.item(node)
    else if (name === 'QuoteMark') this.lines.addMark(from, to)
    else if (name === 'TaskMarker') this.task(from, to)
    else if (name === 'HeaderMark') this.headerMark(node)
  }

  private quote(from: number, to: number): void {
    this.lines.each(from, to, (layout) => {
      if (layout.quotes === 0) layout.before = layout.lists
      layout.quotes++
    })
  }

  private list({ name, node, from, to }: SyntaxNodeRef): void {
    if (!isInList(node)) this.lists.push({ from, to })
    if (name !== 'OrderedList') return
    let number = Number(/^\d+/.exec(this.doc.sliceString(from, from + 10))?.[0] ?? 1)
    const cursor = node.cursor()
    // Items out of sight are counted only; the walk over the tree does not enter them.
    if (cursor.firstChild())
      do if (cursor.name === 'ListItem' && cursor.to < this.start) number++
      while (cursor.nextSibling() && cursor.from < this.start)
    this.numbers.set(from, number)
  }

  private item({ node, from, to }: SyntaxNodeRef): void {
    const mark = node.getChild('ListMark')
    const list = node.parent
    if (!mark || !list) return
    const drawn = list.name === 'OrderedList' ? this.number(list.from, mark) : bullet
    const line = this.doc.lineAt(from)
    const after = line.text.slice(mark.to - line.from)
    const blanks = /^[ \t]*/.exec(after)?.[0].length ?? 0
    const contentFrom = mark.to + (blanks === after.length || blanks > 4 ? Math.min(blanks, 1) : blanks)
    this.lines.each(from, to, (layout, isFirst) => {
      layout.lists++
      layout.indent = contentFrom - line.from
      if (!isFirst || !this.lines.addMark(mark.from, mark.to)) return
      layout.contentFrom = contentFrom
      layout.item = drawn
    })
  }

  private number(list: number, mark: SyntaxNode): string {
    const number = this.numbers.get(list) ?? 1
    this.numbers.set(list, number + 1)
    return `${number}${this.doc.sliceString(mark.to - 1, mark.to)}`
  }

  private task(from: number, to: number): void {
    const layout = this.lines.addMark(from, to)
    if (layout) layout.task = { from, done: isTicked(this.doc.sliceString(from, to)) }
  }

  private headerMark({ node, from, to }: SyntaxNodeRef): void {
    const layout = this.lines.at(from)
    if (node.parent?.name.startsWith('Setext')) {
      if (layout) layout.underlines = node.parent.from
    } else if (from === node.parent?.from) {
      const added = this.lines.addMark(from, to)
      if (!added) return
      const { line } = added
      added.contentFrom = to + (/^[ \t]*/.exec(line.text.slice(to - line.from))?.[0].length ?? 0)
    }
  }
}

/** Returns the level of a node that is a heading, by its name; else 0. */
export function headingLevel(name: string): number {
  return Number(/^(?:ATX|Setext)Heading(\d)$/.exec(name)?.[1] ?? 0)
}

function isInList(node: SyntaxNode): boolean {
  for (let parent = node.parent; parent; parent = parent.parent) if (parent.name === 'ListItem') return true
  return false
}
