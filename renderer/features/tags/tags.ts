import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import { Decoration } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import { hasTags, type WrittenTag, writtenTags } from '../../../preload/text/markdown/tags'
import type { EditorFeature } from '../../editor/extension'
import { decorateSeen } from '../blocks/decorate-seen'
import { longestLine } from '../live/lines'

const look = Decoration.mark({
  class: 'md-tag',
  attributes: { role: 'link', 'aria-description': 'Shows the documents with this tag' },
})

/** Tags in the text look like quiet links; those in headings look like headings. */
export const tags: EditorFeature = {
  extension: decorateSeen(({ state, visibleRanges }, add) => {
    let next = 0
    for (const visible of visibleRanges) {
      // Two stretches may be in one line.
      next = Math.max(next, visible.from)
      while (next <= visible.to) {
        const line = state.doc.lineAt(next)
        for (const { from, to } of tagsOfLine(state, line))
          if (!isInHeading(state, from)) add(look.range(from, to))
        next = line.to + 1
      }
    }
  }),
}

/** Returns the tag that an offset lies in or beside, in UTF-16 code units, without its number sign; null without one. */
export function tagAt(state: EditorState, offset: number): string | null {
  const line = state.doc.lineAt(offset)
  return tagsOfLine(state, line).find(({ from, to }) => from <= offset && offset <= to)?.tag ?? null
}

/** Returns the tags of a line, with offsets in the document; none of a line that is shown as written. */
function tagsOfLine(state: EditorState, { from: start, text }: { from: number; text: string }): WrittenTag[] {
  if (text.length > longestLine || !text.includes('#')) return []
  return [...writtenTags(text)]
    .map(({ from, to, tag }) => ({ from: start + from, to: start + to, tag }))
    .filter(({ from }) => namesAt(state, from).every(hasTags))
}

const isInHeading = (state: EditorState, offset: number): boolean =>
  namesAt(state, offset).some((name) => /^(ATX|Setext)Heading/.test(name))

/** Returns the names of the nodes that hold the character at an offset. */
function namesAt(state: EditorState, offset: number): string[] {
  const names: string[] = []
  for (let node: SyntaxNode | null = syntaxTree(state).resolveInner(offset, 1); node; node = node.parent)
    names.push(node.name)
  return names
}
