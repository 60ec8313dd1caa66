import type { EditorState, Extension } from '@codemirror/state'
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view'

/** Most lines that a paragraph is followed in each direction: no screen shows more. */
const mostLines = 200

const inFocus = Decoration.line({ class: 'in-focus' })

/** Dims all but the paragraphs that hold a caret or a part of a selection. */
export const focusMode: Extension = [
  EditorView.editorAttributes.of({ class: 'dims' }),
  ViewPlugin.fromClass(
    class {
      decorations: DecorationSet

      constructor(view: EditorView) {
        this.decorations = focusedLines(view.state)
      }

      update({ docChanged, selectionSet, state }: ViewUpdate): void {
        if (docChanged || selectionSet) this.decorations = focusedLines(state)
      }
    },
    { decorations: (plugin) => plugin.decorations },
  ),
]

/** Returns the decorations of the lines that are not dimmed. */
function focusedLines(state: EditorState): DecorationSet {
  const starts = new Set<number>()
  for (const { from, to } of state.selection.ranges)
    for (const start of paragraph(state, from, to)) starts.add(start)
  return Decoration.set([...starts].sort((a, b) => a - b).map((start) => inFocus.range(start)))
}

/** Returns the starts of the lines from the paragraph at `from` to that at `to`: lines without an empty one between. */
export function paragraph({ doc }: EditorState, from: number, to: number): number[] {
  const [first, last] = [doc.lineAt(from).number, doc.lineAt(to).number]
  const starts: number[] = []
  const add = (number: number): void => void starts.push(doc.line(number).from)
  const isText = (number: number): boolean =>
    number >= 1 && number <= doc.lines && /\S/.test(doc.line(number).text.slice(0, 1_000))
  for (let number = first; number <= Math.min(last, first + mostLines); number++) add(number)
  if (isText(first)) for (let up = first - 1; up > first - mostLines && isText(up); up--) add(up)
  if (isText(last)) for (let down = last + 1; down < last + mostLines && isText(down); down++) add(down)
  return starts.sort((a, b) => a - b)
}
