import { EditorSelection, type Extension, StateEffect, StateField } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view'

/** A part of a text, in UTF-16 code units. */
export interface TextRange {
  readonly from: number
  readonly to: number
}

/** How long the place that was gone to is marked, in ms. */
const markedFor = 1_600

/** Marks a range, or (null) nothing any more. */
const setMark = StateEffect.define<TextRange | null>()
const mark = Decoration.mark({ class: 'arrival' })

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { changes, effects }) {
    let next = marks.map(changes)
    for (const effect of effects)
      if (effect.is(setMark))
        next =
          effect.value && effect.value.from < effect.value.to
            ? Decoration.set(mark.range(effect.value.from, effect.value.to))
            : Decoration.none
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** Lets an editor mark the place that was gone to, for a moment. */
export const arrival: Extension = marked

/**
 * Selects a range, scrolls it into the middle and marks it for a moment; ends it at the end of the text where it would
 * go beyond.
 */
export function arriveAt(view: EditorView, range: TextRange): void {
  const { length } = view.state.doc
  const [from, to] = [Math.min(range.from, length), Math.min(range.to, length)]
  const selection = EditorSelection.range(from, to)
  view.dispatch({
    selection,
    effects: [EditorView.scrollIntoView(selection, { y: 'center' }), setMark.of({ from, to })],
    userEvent: 'select',
  })
  setTimeout(() => view.dispatch({ effects: setMark.of(null) }), markedFor)
}
