import { EditorSelection, type Extension } from '@codemirror/state'
import { type EditorView, type LayerMarker, layer, RectangleMarker, type ViewUpdate } from '@codemirror/view'
import { caretField, type PlacedCaret } from './caret-field'

/**
 * Draws other people's carets and selections beside the text, never in it: neither line breaks nor
 * input methods notice them. Carets out of sight cost nothing.
 */
export const caretLayers: Extension = [
  caretField,
  layer({ above: false, class: 'remote-selections', update: redraws, markers: selectionMarkers }),
  layer({ above: true, class: 'remote-carets', update: redraws, markers: caretMarkers }),
]

function redraws(update: ViewUpdate): boolean {
  return (
    update.docChanged ||
    update.viewportChanged ||
    // Marks that show or hide move the words beside them.
    update.selectionSet ||
    update.startState.field(caretField) !== update.state.field(caretField)
  )
}

function selectionMarkers(view: EditorView): readonly LayerMarker[] {
  const selections = visible(view).filter((caret) => caret.anchor !== caret.head)
  if (selections.length === 0) return []
  const column = columnOf(view)
  return selections.flatMap(({ anchor, head, color }) => {
    const name = `remote-selection person-${color}`
    return RectangleMarker.forRange(view, name, EditorSelection.range(anchor, head)).map((marker) =>
      clip(marker, name, column),
    )
  })
}

/** Returns the column that text stands in, as layers count, in px: CodeMirror takes the padding beside it for text. */
export function columnOf({ contentDOM }: EditorView): { left: number; right: number } {
  const { paddingLeft, paddingRight } = getComputedStyle(contentDOM)
  const left = contentDOM.offsetLeft + Number.parseFloat(paddingLeft)
  const right = contentDOM.offsetLeft + contentDOM.offsetWidth - Number.parseFloat(paddingRight)
  return { left, right }
}

/** Cuts a rectangle to a column; `name` is its class. */
export function clip(
  marker: RectangleMarker,
  name: string,
  column: { left: number; right: number },
): RectangleMarker {
  const left = Math.max(marker.left, column.left)
  const right = Math.min(marker.left + (marker.width ?? 0), column.right)
  return new RectangleMarker(name, left, marker.top, Math.max(0, right - left), marker.height)
}

function caretMarkers(view: EditorView): readonly LayerMarker[] {
  return visible(view).flatMap((caret) => {
    const [place] = RectangleMarker.forRange(view, '', EditorSelection.cursor(caret.head, 1))
    return place ? [new CaretMarker(caret, place, place.left > view.contentDOM.clientWidth / 2)] : []
  })
}

function visible(view: EditorView): readonly PlacedCaret[] {
  const { from, to } = view.viewport
  return view.state
    .field(caretField)
    .filter(({ anchor, head }) => Math.max(anchor, head) >= from && Math.min(anchor, head) <= to)
}

/** A caret with its name, which shows after each move or word, for a moment, and while the pointer is on it. */
class CaretMarker implements LayerMarker {
  constructor(
    private readonly caret: PlacedCaret,
    private readonly place: RectangleMarker,
    /** The name opens to the left, so that it stays on the page. */
    private readonly leftward: boolean,
  ) {}

  eq(other: LayerMarker): boolean {
    return (
      other instanceof CaretMarker &&
      other.sameLook(this) &&
      other.caret.moves === this.caret.moves &&
      other.place.left === this.place.left &&
      other.place.top === this.place.top &&
      other.place.height === this.place.height
    )
  }

  draw(): HTMLElement {
    const element = document.createElement('div')
    element.className = `remote-caret person-${this.caret.color}${this.leftward ? ' leftward' : ''}`
    const name = element.appendChild(document.createElement('span'))
    name.className = 'remote-name'
    name.textContent = this.caret.label
    this.adjust(element)
    announceMove(element)
    return element
  }

  update(element: HTMLElement, old: LayerMarker): boolean {
    if (!(old instanceof CaretMarker) || !old.sameLook(this)) return false
    this.adjust(element)
    if (old.caret.moves !== this.caret.moves) announceMove(element)
    return true
  }

  private sameLook(other: CaretMarker): boolean {
    const { key, label, color } = this.caret
    return (
      key === other.caret.key &&
      label === other.caret.label &&
      color === other.caret.color &&
      this.leftward === other.leftward
    )
  }

  private adjust(element: HTMLElement): void {
    element.style.left = `${this.place.left}px`
    element.style.top = `${this.place.top}px`
    element.style.height = `${this.place.height}px`
  }
}

/** How long a name shows after a move, and how it fades, in ms. */
const shown = 1_500
const fade = 300

function announceMove(element: HTMLElement): void {
  const name = element.querySelector('.remote-name')
  if (!name) return
  for (const animation of name.getAnimations()) animation.cancel()
  const frames = [{ opacity: 1 }, { opacity: 1, offset: shown / (shown + fade) }, { opacity: 0 }]
  name.animate(frames, { duration: shown + fade })
}
