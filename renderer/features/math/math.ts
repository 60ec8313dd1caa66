import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import { Decoration, type EditorView, WidgetType } from '@codemirror/view'
import type { SyntaxNodeRef } from '@lezer/common'
import type { EditorFeature } from '../../editor/extension'
import { caretInside } from '../blocks/caret-inside'
import { decorateSeen } from '../blocks/decorate-seen'
import { drawnBlocks } from '../blocks/drawn-blocks'
import { putCaret } from '../blocks/put-caret'
import { longestLine } from '../live/lines'
import { mathElement } from './math-element'

/** Formulas in lines that are drawn at a time, and the longest, in UTF-16 code units. */
const limits = { formulas: 200, length: 2_010 }
/** Height of a row of a formula that stands by itself, and of the room around, in px. */
const heights = { row: 32, around: 44 }

class InlineMath extends WidgetType {
  constructor(private readonly source: string) {
    super()
  }

  override eq(other: InlineMath): boolean {
    return other.source === this.source
  }

  override toDOM(view: EditorView): HTMLElement {
    return mathElement(this.source, false, () => view.requestMeasure())
  }

  override ignoreEvent(event: Event): boolean {
    return event.type !== 'mousedown'
  }
}

class BlockMath extends WidgetType {
  constructor(private readonly source: string) {
    super()
  }

  override eq(other: BlockMath): boolean {
    return other.source === this.source
  }

  override get estimatedHeight(): number {
    return heights.around + heights.row * this.source.split('\\\\').length
  }

  override toDOM(view: EditorView): HTMLElement {
    const element = mathElement(this.source, true, () => view.requestMeasure())
    // Until the formula is drawn; it then has its own height, which is about the same.
    element.style.minHeight = element.classList.contains('math-waits') ? `${this.estimatedHeight}px` : ''
    element.addEventListener('mousedown', (event) => {
      if (event.button !== 0) return
      event.preventDefault()
      putCaret(view, view.posAtDOM(element) + this.source.trimEnd().length - 2)
    })
    return element
  }

  override ignoreEvent(): boolean {
    return true
  }
}

const source = Decoration.mark({ class: 'math-source', attributes: { spellcheck: 'false' } })

/** Draws formulas within lines, for those in sight without a caret. */
const inlineMath = decorateSeen(({ state, visibleRanges }, add) => {
  let drawn = 0
  for (const { from, to } of visibleRanges)
    syntaxTree(state).iterate({
      from,
      to,
      enter: (node) => {
        // The source of a table is aligned by its letters.
        if (node.name === 'Table') return false
        if (node.name === 'BlockMath') add(source.range(node.from, node.to))
        if (node.name !== 'InlineMath') return
        if (caretInside(state, node.from, node.to)) add(source.range(node.from, node.to))
        else if (isShort(state, node) && drawn++ < limits.formulas) {
          const widget = new InlineMath(state.sliceDoc(node.from, node.to))
          add(Decoration.replace({ widget }).range(node.from, node.to))
        }
        return false
      },
    })
})

const isShort = ({ doc }: EditorState, { from, to }: SyntaxNodeRef): boolean =>
  to - from <= limits.length && doc.lineAt(from).length <= longestLine

/** Maths: formulas in TeX, drawn while the caret is not in them. */
export const math: EditorFeature = {
  extension: [
    inlineMath,
    drawnBlocks.of({
      node: 'BlockMath',
      longest: limits.length,
      widget: (text) => (/^\s*\$\$[\s\S]+\$\$\s*$/.test(text) ? new BlockMath(text) : null),
    }),
  ],
}
