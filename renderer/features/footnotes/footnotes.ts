import { syntaxTree } from '@codemirror/language'
import type { EditorState, Range } from '@codemirror/state'
import { Decoration, EditorView, hoverTooltip } from '@codemirror/view'
import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common'
import { plainText } from '../../../preload/text/markdown/plain-text'
import type { EditorFeature } from '../../editor/extension'
import { WordsWidget } from '../../editor/words-widget'
import { caretInside } from '../blocks/caret-inside'
import { decorateSeen } from '../blocks/decorate-seen'
import { longestLine } from '../live/lines'
import { definitionOf, labelOf, noteAt, referenceTo } from './notes'
import { numbersOf } from './numbers'

/** Longest text that the card of a reference shows, in UTF-16 code units. */
const shownText = 600

const noteLine = Decoration.line({ class: 'footnote-line' })

/**
 * A number in place of a reference or of the beginning of a note, which a click follows. The label of a note without a
 * number stands there as it is written.
 */
class NumberWidget extends WordsWidget {
  constructor(
    className: string,
    private readonly label: string,
    number: string,
  ) {
    super(`footnote-label ${className}`, number)
  }

  override toDOM(): HTMLElement {
    const element = super.toDOM()
    element.setAttribute('role', 'link')
    element.setAttribute('aria-label', `${this.label} ${this.words}`)
    return element
  }
}

/** Footnotes: a raised number with the note in a card; the note smaller, with a way back. */
export const footnotes: EditorFeature = {
  extension: [
    decorateSeen(({ state, visibleRanges }, add) => {
      for (const { from, to } of visibleRanges)
        syntaxTree(state).iterate({
          from,
          to,
          enter: (node) => {
            // The source of a table is aligned by its letters.
            if (node.name === 'Table') return false
            if (node.name === 'FootnoteReference') reference(state, node.node).forEach(add)
            else if (node.name === 'FootnoteDefinition') definition(state, node, from, to).forEach(add)
          },
        })
    }),
    hoverTooltip((view, offset) => {
      const note = noteAt(view.state, offset)
      if (note?.name !== 'FootnoteReference') return null
      const text = textOf(view.state, labelOf(view.state, note))
      return { pos: note.from, end: note.to, above: true, create: () => ({ dom: card(text) }) }
    }),
    EditorView.domEventHandlers({
      mousedown: (event, view) => {
        const label = event.target instanceof Element ? event.target.closest('.footnote-label') : null
        return event.button === 0 && label !== null && followNote(view, view.posAtDOM(label))
      },
    }),
  ],
}

function reference(state: EditorState, note: SyntaxNode): Range<Decoration>[] {
  const label = note.getChild('FootnoteLabel')
  if (!label || caretInside(state, note.from, note.to)) return []
  if (state.doc.lineAt(note.from).length > longestLine) return []
  return [
    Decoration.replace({
      widget: new NumberWidget('footnote-reference', 'Footnote', numberOf(state, note)),
    }).range(note.from, note.to),
  ]
}

function definition(state: EditorState, note: SyntaxNodeRef, from: number, to: number): Range<Decoration>[] {
  const { doc } = state
  const first = doc.lineAt(note.from)
  const ranges: Range<Decoration>[] = []
  const start = Math.max(note.from, from)
  for (let line = doc.lineAt(start); ; line = doc.line(line.number + 1)) {
    ranges.push(noteLine.range(line.from))
    if (line.to >= Math.min(note.to, to)) break
  }
  const label = note.node.getChild('FootnoteLabel')
  if (!label || note.from < from || caretInside(state, first.from, first.to)) return ranges
  return [
    ...ranges,
    Decoration.replace({
      widget: new NumberWidget('footnote-back', 'Back to footnote', numberOf(state, note.node)),
    }).range(note.from, label.to + 2),
  ]
}

function numberOf(state: EditorState, note: SyntaxNode): string {
  const label = note.getChild('FootnoteLabel')
  const written = label ? state.sliceDoc(label.from, label.to) : ''
  return String(numbersOf(state).get(written.toLowerCase()) ?? written)
}

/** Goes from a reference to its note, or from there to the first reference; false if there is neither at an offset. */
export function followNote(view: EditorView, offset: number): boolean {
  const { state } = view
  const note = noteAt(state, offset)
  if (!note) return false
  const label = labelOf(state, note)
  const there =
    note.name === 'FootnoteReference' ? beginningOf(definitionOf(state, label)) : referenceTo(state, label)
  if (there === null) return false
  view.dispatch({
    selection: { anchor: there },
    effects: EditorView.scrollIntoView(there, { y: 'nearest', yMargin: 80 }),
    userEvent: 'select',
  })
  view.focus()
  return true
}

const beginningOf = (note: SyntaxNode | null): number | null => {
  const mark = note?.getChildren('FootnoteMark').at(-1)
  return mark ? mark.to : null
}

function textOf(state: EditorState, label: string): string {
  const note = definitionOf(state, label)
  if (!note) return 'This footnote has no text yet.'
  const to = Math.min(note.to, note.from + 2 * shownText)
  const words = plainText(note, state.sliceDoc(0, to)).trim().replace(/\s+/g, ' ')
  return words.length > shownText ? `${words.slice(0, shownText)}…` : words
}

function card(text: string): HTMLElement {
  const element = document.createElement('div')
  element.className = 'footnote-card'
  element.textContent = text
  return element
}
