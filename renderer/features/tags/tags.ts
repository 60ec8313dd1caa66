import { syntaxTree } from '@codemirror/language'
import { type EditorState, type Range, RangeSet } from '@codemirror/state'
import { Decoration, type DecorationSet, type EditorView, ViewPlugin } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import { hasTags, type WrittenTag, writtenTags } from '../../../preload/text/markdown/tags'
import type { EditorFeature } from '../../editor/extension'
import { longestLine } from '../live/lines'
import { needsRedraw } from '../live/redraw'

const look = Decoration.mark({
  class: 'md-tag',
  attributes: { role: 'link', 'aria-description': 'Shows the documents with this tag' },
})

/** Tags in the text look like quiet links. */
export const tags: EditorFeature = {
  extension: ViewPlugin.define(
    (view) => ({
      seen: decorationsOf(view),
      update(update) {
        if (needsRedraw(update)) this.seen = decorationsOf(update.view)
      },
    }),
    { decorations: ({ seen }) => seen },
  ),
}

/** Returns the tag that an offset lies in or beside, in UTF-16 code units, without its number sign; null without one. */
export function tagAt(state: EditorState, offset: number): string | null {
  const line = state.doc.lineAt(offset)
  return tagsOfLine(state, line).find(({ from, to }) => from <= offset && offset <= to)?.tag ?? null
}

function decorationsOf({ state, visibleRanges }: EditorView): DecorationSet {
  const ranges: Range<Decoration>[] = []
  for (const visible of visibleRanges)
    for (let at = visible.from; at <= visible.to; ) {
      const line = state.doc.lineAt(at)
      for (const { from, to } of tagsOfLine(state, line)) ranges.push(look.range(from, to))
      at = line.to + 1
    }
  return RangeSet.of(ranges, true)
}

/** Returns the tags of a line, with offsets in the document; none of a heading or of a line that is shown as written. */
function tagsOfLine(state: EditorState, { from: start, text }: { from: number; text: string }): WrittenTag[] {
  if (text.length > longestLine || !text.includes('#')) return []
  return [...writtenTags(text)]
    .map(({ from, to, tag }) => ({ from: start + from, to: start + to, tag }))
    .filter(({ from }) => isAmongWords(syntaxTree(state).resolveInner(from, 1)))
}

function isAmongWords(node: SyntaxNode): boolean {
  for (let outer: SyntaxNode | null = node; outer; outer = outer.parent)
    if (!hasTags(outer.name) || /^(ATX|Setext)Heading/.test(outer.name)) return false
  return true
}
