import { syntaxTree } from '@codemirror/language'
import { type EditorState, type Range, RangeSet } from '@codemirror/state'
import { BlockWrapper, Decoration, type DecorationSet } from '@codemirror/view'
import { IterMode, type SyntaxNodeRef } from '@lezer/common'
import { BlockReader, bullet } from './blocks'
import { InlineReader } from './inline'
import { type LineLayout, Lines, type Stretch } from './lines'
import { isBlank, type Touched, touchedBy } from './touched'
import { ListMarkWidget, RuleWidget, TaskWidget } from './widgets'

/** Decorations of the text in sight, and the elements of the page around its lists. */
export interface LiveDecorations {
  readonly decorations: DecorationSet
  /** Words that are kept on one row, around all other elements of the line. */
  readonly unbroken: DecorationSet
  readonly wrappers: RangeSet<BlockWrapper>
}

/** Blocks whose text says what it is by itself, and the rows of a table. */
const verbatim = /^(FrontMatter|LinkReference|BlockMath|Table.+)$/
/** Nesting beyond this is drawn like this. */
const deepest = 8

const list = BlockWrapper.create({ tagName: 'div', attributes: { role: 'list' } })
const hidden = Decoration.replace({})
/** Marks at the beginning of a line, as they are written: they hang left of the text. */
const hung = Decoration.mark({ class: 'md-hung' })
const rule = Decoration.replace({ widget: new RuleWidget() })
const doneText = Decoration.mark({ class: 'md-done' })

/**
 * Returns how the text in `stretches` is shown: with its marks hidden, apart from the element or the line that the
 * selection touches. With `source` every mark is shown.
 */
export function decorate(
  state: EditorState,
  stretches: readonly Stretch[],
  source: boolean,
): LiveDecorations {
  const touched = touchedBy(state, state.readOnly)
  const ranges: Range<Decoration>[] = []
  const words: Range<Decoration>[] = []
  /** A list reaches over several stretches when a part of it is folded. */
  const wrappers = new Map<number, Range<BlockWrapper>>()
  for (const { from, to } of stretches) {
    const start = state.doc.lineAt(from).from
    const end = state.doc.lineAt(to).to
    const lines = new Lines(state.doc, start, end)
    const blocks = new BlockReader(state.doc, lines, start)
    const inline = new InlineReader(state, touched, !source)
    const enter = (node: SyntaxNodeRef): boolean => {
      if (verbatim.test(node.name)) return false
      blocks.enter(node)
      if (node.name === 'HorizontalRule' && !source && !touched(node.from, node.to))
        ranges.push(rule.range(node.from, node.to))
      // Blocks begin in lines of their own; what is in a line that is too long stays as it is.
      return node.type.isTop || !lines.at(Math.max(node.from, start)) ? true : inline.enter(node)
    }
    syntaxTree(state).iterate({ from: start, to: end, enter, mode: IterMode.IgnoreMounts })
    lines.finish()
    const { decorations, unbroken } = inline.finish()
    ranges.push(...decorations)
    words.push(...unbroken)
    for (const layout of lines.all()) decorateLine(layout, touched, source, ranges)
    for (const { from, to } of blocks.lists)
      if (to > from) wrappers.set(from, list.range(state.doc.lineAt(from).from, to))
  }
  return {
    decorations: Decoration.set(ranges, true),
    unbroken: Decoration.set(words, true),
    wrappers: source ? RangeSet.empty : RangeSet.of([...wrappers.values()], true),
  }
}

function decorateLine(
  layout: LineLayout,
  touched: Touched,
  source: boolean,
  ranges: Range<Decoration>[],
): void {
  const { line, contentFrom, item, task, underlines } = layout
  const look = source ? headingOnly(layout) : lookOf(layout)
  if (look) ranges.push(look.range(line.from))
  if (source) return
  if (underlines !== null) {
    if (line.length > 0 && !touched(underlines, line.to)) ranges.push(hidden.range(line.from, line.to))
    return
  }
  if (task?.done && line.to > contentFrom) ranges.push(doneText.range(contentFrom, line.to))
  if (contentFrom === line.from) return
  if (isRaw(layout, touched)) ranges.push(hung.range(line.from, contentFrom))
  else if (item || task) ranges.push(...itemMarks(layout))
  else ranges.push(hidden.range(line.from, contentFrom))
}

/** Tells if the marks at the beginning of a line are shown as they are written. */
function isRaw({ line, contentFrom, item, task, heading }: LineLayout, touched: Touched): boolean {
  if (heading > 0 && isBlank(line.text.slice(contentFrom - line.from))) return true
  // A list has its marks drawn in their place, in the line of the caret too.
  return item || task ? touched(line.from, contentFrom - 1) : touched(line.from, line.to)
}

/** A box stands in place of a bullet, after a number, and before a later paragraph of an item. */
function itemMarks({ line, contentFrom, item, task }: LineLayout): Range<Decoration>[] {
  const isBullet = item === bullet
  const box = task && Decoration.replace({ widget: new TaskWidget(task.done, isBullet) })
  if (box && isBullet) return [box.range(line.from, contentFrom)]
  const mark = item ? Decoration.replace({ widget: new ListMarkWidget(item) }) : hidden
  const markTo = task ? task.from : contentFrom
  return [
    ...(markTo > line.from ? [mark.range(line.from, markTo)] : []),
    ...(box ? [box.range(task.from, contentFrom)] : []),
  ]
}

const looks = new Map<string, Decoration>()

/** Returns the classes and the role of a line; the same object for lines that look alike. */
function lookOf(layout: LineLayout): Decoration | null {
  const { quotes, lists, before, item } = layout
  const level = (depth: number) => Math.min(depth, deepest)
  const classes = [
    ...(quotes > 0 ? ['md-quoted', `md-quotes-${level(quotes)}`] : []),
    ...(lists > 0 ? [`md-lists-${level(lists)}`] : []),
    ...(quotes > 0 && before > 0 ? [`md-before-${level(before)}`] : []),
    ...headingClasses(layout),
  ].join(' ')
  if (classes === '') return null
  const key = item ? `${classes} item` : classes
  const look =
    looks.get(key) ?? Decoration.line({ class: classes, attributes: roleOf(layout, item !== null) })
  looks.set(key, look)
  return look
}

const headingOnly = (layout: LineLayout): Decoration | null =>
  layout.heading === 0
    ? null
    : Decoration.line({ class: headingClasses(layout).join(' '), attributes: roleOf(layout, false) })

function headingClasses({ heading, underlines }: LineLayout): string[] {
  if (underlines !== null) return ['md-underline']
  return heading > 0 ? [`md-line-heading-${heading}`] : []
}

function roleOf({ lists, heading, underlines }: LineLayout, isItem: boolean): Record<string, string> {
  if (isItem) return { role: 'listitem', 'aria-level': String(Math.min(lists, deepest)) }
  return heading > 0 && underlines === null ? { role: 'heading', 'aria-level': String(heading) } : {}
}
