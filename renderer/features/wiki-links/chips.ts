import { syntaxTree } from '@codemirror/language'
import { type EditorState, type Extension, type Range, RangeSet, StateEffect } from '@codemirror/state'
import { Decoration, type DecorationSet, type EditorView, ViewPlugin } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import { WordsWidget } from '../../editor/words-widget'
import { caretInside } from '../blocks/caret-inside'
import { longestLine } from '../live/lines'
import { needsRedraw } from '../live/redraw'
import { partsOf } from './link-at'
import type { Target, WikiLinks } from './wiki-links.svelte'

/** The documents of the library changed: titles may lead elsewhere. */
const titlesChanged = StateEffect.define<null>()

const hidden = Decoration.replace({})
const known = Decoration.mark({ class: 'md-chip', attributes: { role: 'link' } })
const missing = Decoration.mark({
  class: 'md-chip md-chip-missing',
  attributes: { role: 'link', 'aria-description': 'No document has this title' },
})
/** Between a title and a heading, in place of '#'. */
const arrow = Decoration.replace({ widget: new WordsWidget('md-chip-arrow', ' › ') })

/** Shows links to documents by their words, in another tint where no document has the title. */
export const chips = (links: WikiLinks): Extension =>
  ViewPlugin.define(
    (view) => ({
      seen: decorationsOf(view, links),
      update(update) {
        const isDue =
          needsRedraw(update) ||
          update.transactions.some(({ effects }) => effects.some((effect) => effect.is(titlesChanged)))
        if (isDue) this.seen = decorationsOf(update.view, links)
      },
    }),
    { decorations: ({ seen }) => seen },
  )

/** Looks up the titles of an editor's links again. */
export const lookAgain = (view: EditorView): void => view.dispatch({ effects: titlesChanged.of(null) })

function decorationsOf({ state, visibleRanges }: EditorView, links: WikiLinks): DecorationSet {
  const ranges: Range<Decoration>[] = []
  const isKnown = (target: Target) => links.find(target) !== null
  for (const { from, to } of visibleRanges)
    syntaxTree(state).iterate({
      from,
      to,
      enter: (node) => {
        // The source of a table is aligned by its letters.
        if (node.name === 'Table') return false
        if (node.name !== 'WikiLink') return true
        ranges.push(...chip(state, node.node, isKnown))
        return false
      },
    })
  return RangeSet.of(ranges, true)
}

function chip(
  state: EditorState,
  node: SyntaxNode,
  isKnown: (target: Target) => boolean,
): Range<Decoration>[] {
  if (state.doc.lineAt(node.from).length > longestLine) return []
  const link = partsOf(state, node)
  const { from, to, wordsFrom, wordsTo } = link
  const look = (isKnown(link) ? known : missing).range(wordsFrom, wordsTo)
  if (caretInside(state, from, to)) return [look]
  const sign = node.getChild('WikiWords') ? -1 : state.sliceDoc(wordsFrom, wordsTo).indexOf('#')
  const at = wordsFrom + sign
  return [
    look,
    hidden.range(from, wordsFrom),
    hidden.range(wordsTo, to),
    ...(sign < 0 ? [] : [(link.target === '' ? hidden : arrow).range(at, at + 1)]),
  ]
}
