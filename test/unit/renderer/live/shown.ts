import { ensureSyntaxTree } from '@codemirror/language'
import { EditorSelection, EditorState } from '@codemirror/state'
import type { Decoration, WidgetType } from '@codemirror/view'
import { decorate } from '../../../../renderer/features/live/decorate'
import {
  ListMarkWidget,
  PictureWidget,
  RuleWidget,
  TargetWidget,
  TaskWidget,
} from '../../../../renderer/features/live/widgets'
import { markdownWriting } from '../../../../renderer/features/markdown/markdown'

/** How a text is shown. */
interface Options {
  readonly reads?: boolean
  readonly source?: boolean
}

/**
 * A text whose `|` are taken out: the caret, or the ends of a selection. Without one the caret is far below; a text
 * with more than two, such as a table, is taken as it stands.
 */
export function stateOf(marked: string, reads = false): EditorState {
  const at: number[] = []
  let text = ''
  const parts = marked.split('|')
  for (const part of parts.length > 3 ? [marked] : parts) {
    text += part
    at.push(text.length)
  }
  at.pop()
  if (at.length === 0) {
    text += '\n\nfar below'
    at.push(text.length)
  }
  const state = EditorState.create({
    doc: text,
    selection: EditorSelection.single(at[0] ?? 0, at[1] ?? at[0] ?? 0),
    extensions: [markdownWriting.extension ?? [], EditorState.readOnly.of(reads)],
  })
  return parsed(state)
}

/** Returns a state with the tree of all of its text: on a busy machine the first one ends where its time was up. */
export function parsed(state: EditorState): EditorState {
  ensureSyntaxTree(state, state.doc.length, 60_000)
  return state.update({}).state
}

/** The text as it is seen: hidden marks are left out, marks that hang in the margin are in '‹›'. */
export function seen(marked: string, { reads = false, source = false }: Options = {}): string {
  const state = stateOf(marked, reads)
  let text = ''
  let at = 0
  for (const { from, to, value } of decorations(state, source)) {
    const { widget } = value.spec as { widget?: WidgetType }
    if (value.spec.class === 'md-hung') {
      text += `${state.sliceDoc(at, from)}‹${state.sliceDoc(from, to)}›`
      at = to
    } else if (!value.spec.class) {
      text += state.sliceDoc(at, from) + (widget ? wordsOf(widget) : '')
      at = to
    }
  }
  return (text + state.sliceDoc(at)).replace(/\n\nfar below$/, '')
}

/** Classes and role of each line that has some. */
export function looks(marked: string, options: Options = {}): string[] {
  const state = stateOf(marked, options.reads)
  return [...decorations(state, options.source ?? false)].flatMap(({ from, value }) => {
    const { attributes } = value.spec as { attributes?: Record<string, string> }
    if (!attributes || !/^md-(quote|list|line|under)/.test(value.spec.class)) return []
    const role = attributes.role ? ` ${attributes.role} ${attributes['aria-level']}` : ''
    return [`${state.doc.lineAt(from).number}: ${value.spec.class}${role}`]
  })
}

function* decorations(state: EditorState, source: boolean) {
  const all = [{ from: 0, to: state.doc.length }]
  const cursor = decorate(state, all, source).decorations.iter()
  for (; cursor.value; cursor.next())
    yield { from: cursor.from, to: cursor.to, value: cursor.value as Decoration }
}

function wordsOf(widget: WidgetType): string {
  if (widget instanceof ListMarkWidget) return `${widget.words} `
  if (widget instanceof TaskWidget) return widget.done ? '☑ ' : '☐ '
  if (widget instanceof RuleWidget) return '――'
  if (widget instanceof PictureWidget) return `(${widget.words})`
  if (widget instanceof TargetWidget) return widget.words
  throw new Error('no such widget')
}
