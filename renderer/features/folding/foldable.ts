import { ensureSyntaxTree, syntaxTree } from '@codemirror/language'
import type { EditorState, Line } from '@codemirror/state'
import type { SyntaxNode, Tree } from '@lezer/common'

/** A part of a text that can be hidden, in UTF-16 code units: it begins at the end of the line that stays. */
export interface Fold {
  readonly from: number
  readonly to: number
}

/** Returns the level of a heading; 0 for any other node. */
export const levelOf = (node: SyntaxNode): number =>
  Number(/^(?:ATX|Setext)Heading([1-6])$/.exec(node.name)?.[1] ?? 0)

/** Returns the tree of the whole text; null if it is not read within `ms`. A further call goes on from there. */
export const wholeTree = (state: EditorState, ms: number): Tree | null =>
  ensureSyntaxTree(state, state.doc.length, ms)

/** Returns true if a heading with text below it, or a list item with children, begins in a line. */
export function isFoldable(state: EditorState, line: Line): boolean {
  const node = nodeIn(line, syntaxTree(state))
  if (!node) return false
  const next = node.nextSibling
  const level = levelOf(node)
  return level === 0 || (next !== null && (levelOf(next) === 0 || levelOf(next) > level))
}

/** Returns what can be hidden below the heading or the list item in a line; null for nothing. */
export function foldAt(state: EditorState, line: Line, tree: Tree): Fold | null {
  const node = nodeIn(line, tree)
  return node && foldOf(state, node)
}

/**
 * Returns what can be hidden around an offset, the innermost first: of list items with children, and of the sections
 * of headings.
 */
export function foldsAround(state: EditorState, offset: number, tree: Tree): Fold[] {
  const line = state.doc.lineAt(offset)
  const folds: Fold[] = []
  const add = (node: SyntaxNode): void => {
    const fold = foldOf(state, node)
    if (fold && fold.to > line.from) folds.push(fold)
  }
  let top: SyntaxNode | null = null
  for (let node: SyntaxNode | null = innerAt(line, tree); node?.parent; node = node.parent) {
    if (isParent(node)) add(node)
    top = node
  }
  let level = 7
  for (let node = top; node && level > 1; node = node.prevSibling) {
    if (levelOf(node) === 0 || levelOf(node) >= level) continue
    level = levelOf(node)
    add(node)
  }
  return folds
}

/** The outermost heading or list item with children that begins in a line. */
function nodeIn(line: Line, tree: Tree): SyntaxNode | null {
  let found: SyntaxNode | null = null
  for (let node: SyntaxNode | null = innerAt(line, tree); node && node.from >= line.from; node = node.parent)
    if (levelOf(node) > 0 || isParent(node)) found = node
  return found
}

function innerAt(line: Line, tree: Tree): SyntaxNode {
  const indent = line.text.length - line.text.trimStart().length
  return tree.resolveInner(line.from + indent, 1)
}

const isParent = (node: SyntaxNode): boolean =>
  node.name === 'ListItem' && (node.getChild('BulletList') ?? node.getChild('OrderedList')) !== null

function foldOf(state: EditorState, node: SyntaxNode): Fold | null {
  const level = levelOf(node)
  const from = state.doc.lineAt(level > 0 ? node.to : node.from).to
  const to = level > 0 ? sectionEnd(node, level) : node.to
  return to > from ? { from, to } : null
}

function sectionEnd(heading: SyntaxNode, level: number): number {
  let last = heading
  for (let next = heading.nextSibling; next; next = next.nextSibling) {
    if (levelOf(next) > 0 && levelOf(next) <= level) break
    last = next
  }
  return last.to
}
