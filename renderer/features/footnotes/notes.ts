import { ensureSyntaxTree, syntaxTree } from '@codemirror/language'
import { SearchCursor } from '@codemirror/search'
import type { EditorState } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'

/** Longest time that a search may spend on parsing a text that is not parsed to its end, in ms. */
const parsing = 50

/** Returns the reference or definition of a footnote that holds an offset, or null. */
export function noteAt(state: EditorState, offset: number): SyntaxNode | null {
  for (const side of [1, -1] as const)
    for (let node = syntaxTree(state).resolveInner(offset, side); ; ) {
      const isMark = node.name === 'FootnoteMark' || node.name === 'FootnoteLabel'
      if (node.name === 'FootnoteReference') return node
      if (!isMark || !node.parent) break
      node = node.parent
      if (node.name === 'FootnoteDefinition') return node
    }
  return null
}

/** Returns the label of a reference or definition as it is compared: without regard to case. */
export function labelOf(state: EditorState, note: SyntaxNode): string {
  const label = note.getChild('FootnoteLabel')
  return label ? state.sliceDoc(label.from, label.to).toLowerCase() : ''
}

/** Returns the first definition of a label, or null. */
export function definitionOf(state: EditorState, label: string): SyntaxNode | null {
  const tree = ensureSyntaxTree(state, state.doc.length, parsing) ?? syntaxTree(state)
  let found: SyntaxNode | null = null
  tree.iterate({
    enter: (node) => {
      if (node.type.isTop) return true
      if (!found && node.name === 'FootnoteDefinition' && labelOf(state, node.node) === label)
        found = node.node
      return false
    },
  })
  return found
}

/** Returns the offset after the first reference to a label, or null. */
export function referenceTo(state: EditorState, label: string): number | null {
  const marks = new SearchCursor(state.doc, `[^${label}]`, 0, state.doc.length, (text) => text.toLowerCase())
  for (const { from, to } of marks)
    if (state.sliceDoc(to, to + 1) !== ':' || state.doc.lineAt(from).from !== from) return to
  return null
}
