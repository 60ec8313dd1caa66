import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'
import { type WikiLink, wikiLinkOf } from '../../../preload/text/markdown/wiki-link'

/** Returns the link to a document that an offset lies in or beside, in UTF-16 code units; null without one. */
export function wikiLinkAt(state: EditorState, offset: number): WikiLink | null {
  for (const side of [1, -1] as const)
    for (let node: SyntaxNode | null = syntaxTree(state).resolveInner(offset, side); node; node = node.parent)
      if (node.name === 'WikiLink') return partsOf(state, node)
  return null
}

/** Returns the parts of a WikiLink node in the text of a state. */
export const partsOf = (state: EditorState, node: SyntaxNode): WikiLink =>
  wikiLinkOf(node, { slice: (from?: number, to?: number) => state.sliceDoc(from, to) })
