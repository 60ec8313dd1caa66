import { EditorView } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { inSlices } from '../../editor/slices'
import { wordsBetween } from './count-words'
import { WordTotal } from './word-total'

/** Numbers about a text. */
export interface Counts {
  /** Words of the whole text; null until they were counted. */
  readonly words: number | null
  /** Words of the selection; null without one. */
  readonly selected: number | null
  /** Number of the line that the caret is in, from 1. */
  readonly line: number
}

/** Pause between two counts while the text changes, in ms. */
const pause = 600
/** Time from a change of the selection until its words are counted, in ms. */
const selectionPause = 150

/** Reports words and line: soon after the document opens, and shortly after a change, in slices between frames. */
export function wordCount(report: (counts: Counts) => void): EditorFeature {
  let changed: ((update: { docChanged: boolean; selectionSet: boolean }) => void) | null = null
  let total: WordTotal | null = null
  return {
    extension: EditorView.updateListener.of((update) => {
      if (update.docChanged) total?.note(update.changes.desc)
      if (update.docChanged || update.selectionSet) changed?.(update)
    }),
    attach(view) {
      let ended = false
      let counts: Counts = { words: null, selected: null, line: 1 }
      let counting: ReturnType<typeof setTimeout> | null = null
      let choosing: ReturnType<typeof setTimeout> | null = null
      total = new WordTotal(view.state.doc)
      const known = total
      const tell = (next: Partial<Counts>): void => {
        if (ended) return
        counts = { ...counts, ...next }
        report(counts)
      }
      const countAll = async (): Promise<void> => {
        const words = await inSlices(known.count(view.state.doc), () => ended)
        counting = null
        if (words !== null) tell({ words })
        if (!known.isCurrent) countSoon()
      }
      const countSoon = (after = pause): void => {
        if (!ended) counting ??= setTimeout(() => void countAll(), after)
      }
      const selectedRanges = () => view.state.selection.ranges.filter(({ empty }) => !empty)
      // A count of earlier text is shown too, or nothing would be while others write without a pause.
      const countSelection = async (): Promise<void> => {
        const { doc, selection } = view.state
        let selected = 0
        for (const { from, to } of selectedRanges())
          selected += (await inSlices(wordsBetween(doc, from, to), () => ended)) ?? 0
        choosing = null
        if (ended || selectedRanges().length === 0) return
        tell({ selected })
        if (view.state.doc !== doc || !view.state.selection.eq(selection)) look()
      }
      const look = (): void => {
        const line = view.state.doc.lineAt(view.state.selection.main.head).number
        const isSelection = selectedRanges().length > 0
        if (isSelection) choosing ??= setTimeout(() => void countSelection(), selectionPause)
        if (line !== counts.line || (!isSelection && counts.selected !== null))
          tell({ line, ...(isSelection ? {} : { selected: null }) })
      }
      changed = ({ docChanged }) => {
        if (docChanged) countSoon()
        look()
      }
      countSoon(0)
      look()
      return () => {
        ended = true
        changed = null
        total = null
        if (counting) clearTimeout(counting)
        if (choosing) clearTimeout(choosing)
      }
    },
  }
}
