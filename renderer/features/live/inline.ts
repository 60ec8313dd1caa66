import type { EditorState, Range } from '@codemirror/state'
import { Decoration } from '@codemirror/view'
import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common'
import { plainText } from '../../../preload/text/markdown/plain-text'
import { addressOf, hiddenPart, isInLink, linkParts, targetOf, unlikeTarget } from '../links/link-parts'
import type { Stretch } from './lines'
import { entered, isBlank, type Touched } from './touched'
import { unbroken } from './unbroken'
import { PictureWidget, TargetWidget } from './widgets'

/** Elements between two marks, each with the class that is not the highlighting's. */
const marked: ReadonlyMap<string, string | null> = new Map([
  ['Emphasis', null],
  ['StrongEmphasis', null],
  ['Strikethrough', null],
  ['InlineCode', 'md-inline-code'],
  ['Highlight', 'md-highlight'],
  ['Subscript', 'md-sub'],
  ['Superscript', 'md-sup'],
])

const quiet: ReadonlySet<string> = new Set([
  'HTMLTag',
  'HTMLBlock',
  'Comment',
  'CommentBlock',
  'ProcessingInstruction',
  'ProcessingInstructionBlock',
])

const hidden = Decoration.replace({})
const quietMark = Decoration.mark({ class: 'md-html' })
const classMarks = new Map(
  [...marked.values()].flatMap((name) => (name ? [[name, Decoration.mark({ class: name })] as const] : [])),
)
const link = Decoration.mark({ class: 'md-chip', attributes: { role: 'link' } })
const deadLink = Decoration.mark({
  class: 'md-chip md-chip-dead',
  attributes: { role: 'link', 'aria-disabled': 'true' },
})

/** Decorates the elements within lines: hides their marks, and shows links by their words. */
export class InlineReader {
  private readonly ranges: Range<Decoration>[] = []
  private readonly marks: Stretch[] = []

  private readonly state: EditorState
  private readonly touched: Touched
  private readonly hides: boolean

  /** `hides` is false where the document shows its source. */
  constructor(state: EditorState, touched: Touched, hides: boolean) {
    this.state = state
    this.touched = touched
    this.hides = hides
  }

  /** Takes a node in a line that is not too long. Returns false if nothing in it is to be looked at. */
  enter(node: SyntaxNodeRef): boolean {
    const { name, from, to } = node
    if (name === 'URL') this.bareAddress(node.node)
    else if (quiet.has(name)) this.ranges.push(quietMark.range(from, to))
    else if (marked.has(name)) this.betweenMarks(node.node)
    else if (!this.hides) return true
    else if (name === 'Escape') this.hide(from, from + 1, this.touched(from, to))
    else if (name === 'HardBreak') this.hardBreak(from)
    else if (name === 'Autolink') this.autolink(node.node)
    else if (name === 'HeaderMark') this.closingMark(node.node)
    else if (name === 'Link' || name === 'Image') return this.link(node.node)
    return true
  }

  /**
   * Returns the decorations, unordered, and marks on the words that hidden marks part. Marks are kept where a line would
   * show nothing without them.
   */
  finish(): { decorations: Range<Decoration>[]; unbroken: Range<Decoration>[] } {
    const byLine = new Map<number, Stretch[]>()
    for (const mark of inOrder(this.marks)) {
      const { from } = this.state.doc.lineAt(mark.from)
      const others = byLine.get(from)
      if (others) others.push(mark)
      else byLine.set(from, [mark])
    }
    const hides = [...byLine].filter(([from, marks]) => this.showsWithout(from, marks))
    return {
      decorations: [
        ...this.ranges,
        ...hides.flatMap(([, marks]) => marks.map(({ from, to }) => hidden.range(from, to))),
      ],
      unbroken: this.unbroken(hides),
    }
  }

  /** `lines` are the starts of lines with their hidden marks, in order. */
  private unbroken(lines: readonly (readonly [start: number, marks: Stretch[]])[]): Range<Decoration>[] {
    const elements = inOrder(this.ranges)
    let next = 0
    let inLine: Stretch[] = []
    return lines.flatMap(([start, marks]) => {
      const line = this.state.doc.lineAt(start)
      const first = next
      while ((elements[next]?.from ?? line.to) < line.to) next++
      // An element may begin in a line before.
      inLine = [...inLine, ...elements.slice(first, next)].filter(({ to }) => to > line.from)
      return unbroken(line, marks, inLine)
    })
  }

  private showsWithout(start: number, marks: Stretch[]): boolean {
    const line = this.state.doc.lineAt(start)
    let rest = ''
    let at = line.from
    for (const { from, to } of marks) {
      rest += line.text.slice(at - line.from, Math.max(at, from) - line.from)
      at = Math.max(at, to)
    }
    return !isBlank(rest + line.text.slice(at - line.from))
  }

  private hide(from: number, to: number, shown: boolean): void {
    if (!shown && from < to) this.marks.push({ from, to })
  }

  private betweenMarks(node: SyntaxNode): void {
    const name = marked.get(node.name)
    if (name) this.ranges.push((classMarks.get(name) ?? quietMark).range(node.from, node.to))
    const first = node.firstChild
    const last = node.lastChild
    if (!this.hides || !first || !last || first.to > last.from) return
    if (this.touched(node.from, node.to) || isBlank(this.state.sliceDoc(first.to, last.from))) return
    this.hide(first.from, first.to, false)
    this.hide(last.from, last.to, false)
  }

  private hardBreak(from: number): void {
    if (this.state.sliceDoc(from, from + 1) === '\\') this.hide(from, from + 1, this.touched(from, from + 1))
  }

  private closingMark(node: SyntaxNode): void {
    const heading = node.parent
    if (!heading?.name.startsWith('ATX') || node.from === heading.from) return
    const line = this.state.doc.lineAt(node.from)
    const blanks = /[ \t]*$/.exec(line.text.slice(0, node.from - line.from))?.[0].length ?? 0
    // Without words the marks are all that there is.
    const opening = heading.firstChild
    if (!opening || isBlank(this.state.sliceDoc(opening.to, node.from))) return
    this.hide(node.from - blanks, node.to, this.touched(line.from, line.to))
  }

  private autolink(node: SyntaxNode): void {
    const shown = this.touched(node.from, node.to)
    this.hide(node.from, node.from + 1, shown)
    this.hide(node.to - 1, node.to, shown)
  }

  private bareAddress(node: SyntaxNode): void {
    if (node.parent?.name === 'LinkReference' || isInLink(node)) return
    if (addressOf(this.state.sliceDoc(node.from, node.to))) this.ranges.push(link.range(node.from, node.to))
  }

  private link(node: SyntaxNode): boolean {
    const parts = linkParts(this.state, node)
    if (!parts) return true
    const { isPicture, from, to, textFrom, textTo, url } = parts
    const hides = hiddenPart(parts)
    if (!this.state.readOnly && entered(this.state, hides.from, hides.to)) return true
    const words = this.state.sliceDoc(textFrom, textTo)
    if (isPicture) {
      this.ranges.push(Decoration.replace({ widget: new PictureWidget(words.trim()) }).range(from, to))
      return false
    }
    if (isBlank(words)) return true
    const address = addressOf(url)
    this.ranges.push((address ? link : deadLink).range(textFrom, textTo))
    this.hide(from, textFrom, false)
    const source = { slice: (start?: number, end?: number) => this.state.sliceDoc(start, end) }
    if (!unlikeTarget(plainText(node, source), address ?? url)) this.hide(textTo, to, false)
    else {
      const widget = new TargetWidget(targetOf(address ?? url))
      this.ranges.push(Decoration.replace({ widget }).range(textTo, to))
    }
    return true
  }
}

const inOrder = (stretches: readonly Stretch[]): Stretch[] => [...stretches].sort((a, b) => a.from - b.from)
