import { syntaxTree } from '@codemirror/language'
import { type Extension, Prec } from '@codemirror/state'
import { Decoration, EditorView } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import { decorateSeen } from '../blocks/decorate-seen'
import { headingLevel } from './blocks'
import { longestLine } from './lines'

const marks = [1, 2, 3, 4, 5, 6].map((level) =>
  Decoration.mark({ attributes: { role: 'heading', 'aria-level': String(level) } }),
)

/**
 * Gives the words of a heading its role where its line has that of an item of a list. Around all other elements of the
 * line, which would part it into several headings.
 */
export const itemHeadings: Extension = Prec.lowest(
  decorateSeen(({ state, visibleRanges }, add) => {
    for (const { from, to } of visibleRanges)
      syntaxTree(state).iterate({
        from,
        to,
        enter: ({ name, node }) => {
          const mark = marks[headingLevel(name) - 1]
          if (!mark) return
          const line = state.doc.lineAt(node.from)
          const end = Math.min(node.to, line.to)
          if (line.length <= longestLine && node.from < end && beginsItem(node, line.from))
            add(mark.range(node.from, end))
          return false
        },
      })
  }, EditorView.outerDecorations),
)

/** True if an item begins in the line of a heading that lies in it. */
function beginsItem(heading: SyntaxNode, lineStart: number): boolean {
  for (let node = heading.parent; node && node.from >= lineStart; node = node.parent)
    if (node.name === 'ListItem') return true
  return false
}
