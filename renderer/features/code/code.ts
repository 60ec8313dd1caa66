import { indentLess, indentMore } from '@codemirror/commands'
import { syntaxTree } from '@codemirror/language'
import { EditorSelection, type EditorState, Prec, type Range, type StateCommand } from '@codemirror/state'
import { Decoration, keymap } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import type { EditorFeature } from '../../editor/extension'
import { caretInside } from '../blocks/caret-inside'
import { decorateSeen } from '../blocks/decorate-seen'
import { markdownSupport } from '../markdown/markdown'
import { codeColours } from './code-colours'
import { CodeTools } from './code-tools'
import { closingOf, codeAround, languageOf, openingOf } from './fence'

const hidden = Decoration.replace({})
const attributes = { spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' }
const line = Decoration.line({ class: 'code-line', attributes })
const firstLine = Decoration.line({ class: 'code-first' })
const lastLine = Decoration.line({ class: 'code-last' })
const fenceLine = Decoration.line({ class: 'code-fence' })

const codeBlocks = decorateSeen(({ state, visibleRanges }, add) => {
  for (const { from, to } of visibleRanges)
    syntaxTree(state).iterate({
      from,
      to,
      enter: (node) => {
        if (node.name !== 'FencedCode' && node.name !== 'CodeBlock') return
        lines(state, node.node, from, to).forEach(add)
        if (node.name === 'FencedCode') fences(state, node.node, from, to).forEach(add)
        return false
      },
    })
})

function lines({ doc }: EditorState, code: SyntaxNode, from: number, to: number): Range<Decoration>[] {
  const first = doc.lineAt(Math.max(code.from, from)).number
  const last = doc.lineAt(Math.min(code.to, to)).number
  const ranges: Range<Decoration>[] = []
  for (let number = first; number <= last; number++) ranges.push(line.range(doc.line(number).from))
  if (code.from >= from) ranges.push(firstLine.range(doc.lineAt(code.from).from))
  if (code.to <= to) ranges.push(lastLine.range(doc.lineAt(code.to).from))
  return ranges
}

/** The lines of both marks keep their height, so that no line moves when the caret comes and goes. */
function fences(state: EditorState, code: SyntaxNode, from: number, to: number): Range<Decoration>[] {
  const isOpen = caretInside(state, code.from, code.to)
  const ranges: Range<Decoration>[] = []
  const opening = openingOf(code)
  const closing = closingOf(code)
  if (opening && opening.from >= from) {
    const { from: start, to: end } = state.doc.lineAt(opening.from)
    const widget = new CodeTools(languageOf(state, code), !state.readOnly)
    ranges.push(fenceLine.range(start), Decoration.widget({ widget, side: 1 }).range(end))
    if (!isOpen) ranges.push(hidden.range(opening.from, end))
  }
  if (closing && closing.to <= to) {
    const { from: start, to: end } = state.doc.lineAt(closing.from)
    ranges.push(fenceLine.range(start))
    if (!isOpen) ranges.push(hidden.range(closing.from, end))
  }
  return ranges
}

const inCode = (state: EditorState): boolean =>
  state.selection.ranges.every(({ head }) => codeAround(state, head) !== null)

const indent: StateCommand = ({ state, dispatch }) => {
  if (state.readOnly || !inCode(state)) return false
  if (state.selection.ranges.some(({ empty }) => !empty)) return indentMore({ state, dispatch })
  const change = state.changeByRange(({ from }) => ({
    changes: { from, insert: '  ' },
    range: EditorSelection.cursor(from + 2),
  }))
  dispatch(state.update(change, { scrollIntoView: true, userEvent: 'input' }))
  return true
}

const outdent: StateCommand = (target) => inCode(target.state) && indentLess(target)

/** Code: a ground of its own, marks that show with the caret, colours, its language and Copy in the corner. */
export const code: EditorFeature = {
  extension: [
    codeBlocks,
    codeColours(markdownSupport.language.data),
    // Within code alone; everywhere else these keys do what they do.
    Prec.high(keymap.of([{ key: 'Tab', run: indent, shift: outdent }])),
  ],
}
