import { syntaxTree } from '@codemirror/language'
import { type EditorState, Facet, StateField, type Transaction } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, keymap, type WidgetType } from '@codemirror/view'
import type { SyntaxNodeRef, Tree } from '@lezer/common'
import { caretInside } from './caret-inside'

/** Blocks that are drawn in one document; those after them stay source. */
const maxDrawn = 500

/** A kind of block that is drawn in place of its source while no caret is in it. */
export interface DrawnBlock {
  /** Name of its node, which stands at the top of the document. */
  readonly node: string
  /** Longest source that is drawn, in UTF-16 code units. */
  readonly longest: number
  /** Returns what is shown for a block's source; null if it stays source. Equal sources need equal widgets. */
  widget(source: string): WidgetType | null
}

interface Block {
  readonly from: number
  readonly to: number
  readonly widget: WidgetType
}

interface Drawn {
  readonly tree: Tree
  readonly blocks: readonly Block[]
  readonly shown: readonly Block[]
  readonly decorations: DecorationSet
}

const field = StateField.define<Drawn>({
  create: (state) => draw(state, findBlocks(state, []), null),
  update(before, transaction) {
    const { state } = transaction
    const parsed = transaction.docChanged || syntaxTree(state) !== before.tree
    // While the pointer selects, nothing moves under it.
    if (!parsed && transaction.isUserEvent('select.pointer')) return before
    const blocks = parsed ? findBlocks(state, moved(before.blocks, transaction)) : before.blocks
    return draw(state, blocks, transaction.docChanged ? null : before)
  },
  provide: (drawn) => EditorView.decorations.from(drawn, ({ decorations }) => decorations),
})

/**
 * The kinds of blocks that the editor draws. CodeMirror takes decorations that replace lines only from the state,
 * so they cover the document as far as it is parsed; beyond, what was drawn before stays.
 */
export const drawnBlocks = Facet.define<DrawnBlock>({
  enables: [
    field,
    keymap.of([
      { key: 'ArrowDown', run: (view) => enterBlock(view, true) },
      { key: 'ArrowUp', run: (view) => enterBlock(view, false) },
    ]),
  ],
})

/** Moves the caret into a drawn block that a move by a row would pass over. */
function enterBlock(view: EditorView, down: boolean): boolean {
  const { doc, selection } = view.state
  const { main, ranges } = selection
  if (ranges.length > 1 || !main.empty || view.state.readOnly) return false
  const line = doc.lineAt(main.head)
  const { head } = view.moveVertically(main, down)
  // Without a row beyond the block, the move ends at the end of the line.
  const stays = head === (down ? line.to : line.from)
  const { shown } = view.state.field(field)
  const block = down
    ? shown.find(({ from }) => from > main.head && from <= (stays ? line.to + 1 : head))
    : shown.findLast(({ to }) => to < main.head && to >= (stays ? line.from - 1 : head))
  if (!block) return false
  view.dispatch({
    selection: { anchor: down ? block.from : block.to },
    scrollIntoView: true,
    userEvent: 'select',
  })
  return true
}

function draw(state: EditorState, blocks: readonly Block[], before: Drawn | null): Drawn {
  const shown = blocks.filter(({ from, to }) => !caretInside(state, from, to))
  const tree = syntaxTree(state)
  if (before && shown.length === before.shown.length && shown.every((block, i) => block === before.shown[i]))
    return { tree, blocks, shown, decorations: before.decorations }
  const decorations = Decoration.set(
    shown.map(({ from, to, widget }) => Decoration.replace({ widget, block: true }).range(from, to)),
  )
  return { tree, blocks, shown, decorations }
}

function findBlocks(state: EditorState, before: readonly Block[]): Block[] {
  const kinds = new Map(state.facet(drawnBlocks).map((kind) => [kind.node, kind]))
  const tree = syntaxTree(state)
  const end = tree.length < state.doc.length ? tree.length : state.doc.length + 1
  const known = new Map(before.map((block) => [block.from, block]))
  const blocks: Block[] = []
  tree.iterate({
    enter: (node) => {
      if (node.type.isTop) return true
      const kind = kinds.get(node.name)
      // The last block of a tree that is not complete may be longer than it seems.
      if (!kind || node.to >= end || blocks.length >= maxDrawn) return false
      const block = blockOf(state, kind, node, known)
      if (block) blocks.push(block)
      return false
    },
  })
  const last = blocks.at(-1)?.to ?? -1
  return [...blocks, ...before.filter(({ from, to }) => to >= end && from > last)].slice(0, maxDrawn)
}

/** Widgets by the tree of their block, which the parser keeps as long as the block's text stays. */
const widgets = new WeakMap<Tree, WidgetType | 'source'>()

function blockOf(
  { doc }: EditorState,
  kind: DrawnBlock,
  node: SyntaxNodeRef,
  known: ReadonlyMap<number, Block>,
): Block | null {
  const from = doc.lineAt(node.from).from
  const to = doc.lineAt(node.to).to
  if (to - from > kind.longest) return null
  const { tree } = node
  const widget = (tree && widgets.get(tree)) ?? kind.widget(doc.sliceString(from, to)) ?? 'source'
  if (tree) widgets.set(tree, widget)
  if (widget === 'source') return null
  const same = known.get(from)
  return same && same.to === to && same.widget === widget ? same : { from, to, widget }
}

const moved = (blocks: readonly Block[], { changes, docChanged }: Transaction): readonly Block[] =>
  docChanged
    ? blocks.flatMap((block) => {
        if (changes.touchesRange(block.from, block.to) === 'cover') return []
        const from = changes.mapPos(block.from, 1)
        const to = changes.mapPos(block.to, -1)
        if (from === block.from && to === block.to) return [block]
        return from < to ? [{ ...block, from, to }] : []
      })
    : blocks
