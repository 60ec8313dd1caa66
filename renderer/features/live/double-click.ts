import { EditorSelection, type EditorState, type Extension, type SelectionRange } from '@codemirror/state'
import { EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'

/** A pointer that moved less than this since it was pressed selects nothing further, in px. */
const still = 4

/** Keeps the word that the first of two clicks met. */
const firstClick = ViewPlugin.fromClass(
  class {
    word: SelectionRange | null = null

    update({ docChanged, changes }: ViewUpdate): void {
      if (docChanged) this.word = this.word?.map(changes) ?? null
    }
  },
  {
    eventHandlers: {
      mousedown(event, view) {
        if (event.detail !== 1) return
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY })
        this.word = at === null ? null : view.state.wordAt(at)
      },
    },
  },
)

/**
 * Selects by a double click the word that its first click met. The marks that show after that click push the word aside,
 * so that the second one meets them instead.
 */
export const doubleClick: Extension = [
  firstClick,
  EditorView.mouseSelectionStyle.of((view, press) => {
    let word = view.plugin(firstClick)?.word ?? null
    if (press.button !== 0 || press.detail !== 2 || !word) return null
    let before = view.state.selection
    return {
      update({ docChanged, changes }) {
        if (!docChanged) return
        word = word?.map(changes) ?? null
        before = before.map(changes)
      },
      get(event, extend, multiple) {
        const isStill = Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) < still
        const at = isStill ? null : view.posAtCoords({ x: event.clientX, y: event.clientY }, false)
        const range = words(view.state, word ?? before.main, at)
        if (extend) return before.replaceRange(before.main.extend(range.from, range.to))
        return multiple ? before.addRange(range) : EditorSelection.create([range])
      },
    }
  }),
]

/** Returns a word, or all from it to the word at an offset. */
function words(state: EditorState, word: SelectionRange, at: number | null): SelectionRange {
  if (at === null) return EditorSelection.range(word.from, word.to)
  const other = state.wordAt(at) ?? EditorSelection.cursor(at)
  return other.from < word.from
    ? EditorSelection.range(word.to, other.from)
    : EditorSelection.range(word.from, Math.max(word.to, other.to))
}
