import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'

/** Returns the block of code (fenced or indented) around an offset, or null. */
export function codeAround(state: EditorState, offset: number): SyntaxNode | null {
  for (const side of [-1, 1] as const)
    for (let node: SyntaxNode | null = syntaxTree(state).resolve(offset, side); node; node = node.parent)
      if (node.name === 'FencedCode' || node.name === 'CodeBlock') return node
  return null
}

/** Returns the mark at the beginning of a fence. */
export const openingOf = (fence: SyntaxNode): SyntaxNode | null => fence.getChild('CodeMark')

/** Returns the mark at the end of a fence; null while there is none. */
export const closingOf = (fence: SyntaxNode): SyntaxNode | null => fence.getChildren('CodeMark')[1] ?? null

/** Returns the words after the mark of a fence, in UTF-16 code units; empty just after the mark without any. */
export function infoOf(fence: SyntaxNode): { from: number; to: number } {
  const info = fence.getChild('CodeInfo')
  if (info) return { from: info.from, to: info.to }
  const end = openingOf(fence)?.to ?? fence.from
  return { from: end, to: end }
}

/** Returns the language that a fence names, '' for none. */
export function languageOf(state: EditorState, fence: SyntaxNode): string {
  const { from, to } = infoOf(fence)
  return /^\S*/.exec(state.sliceDoc(from, Math.min(to, from + 60)))?.[0] ?? ''
}

/** Returns the code within a fence, without the marks of quotes and lists around it. */
export function codeOf(state: EditorState, fence: SyntaxNode): string {
  return fence
    .getChildren('CodeText')
    .map(({ from, to }) => state.sliceDoc(from, to))
    .join('')
}
