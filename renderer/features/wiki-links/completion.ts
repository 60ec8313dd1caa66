import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  moveCompletionSelection,
  pickedCompletion,
} from '@codemirror/autocomplete'
import { syntaxTree } from '@codemirror/language'
import { type EditorState, type Extension, Prec } from '@codemirror/state'
import { type EditorView, keymap } from '@codemirror/view'
import { writable } from '../../../preload/text/markdown/wiki-link'
import { readHeadings } from '../outline/headings'
import { marksIn, rank } from '../palette/rank'
import type { WikiLinks } from './wiki-links.svelte'

/** Longest beginning of a link that is completed, in UTF-16 code units. */
const longest = 250
/** Maximum number of headings that are suggested. */
const mostHeadings = 50
/** The beginning of a link, without a bar: words in place of a title are the writer's own. */
const beginning = /(?<!\\)\[\[([^[\]|\n]*)$/
/** Elements in which brackets mean nothing. */
const verbatim =
  /^(InlineCode|CodeText|CodeBlock|FencedCode|InlineMath|BlockMath|FrontMatter|HTMLBlock|Comment)/

/** Completes links to documents after '[[': titles, and after '#' the headings of the present document. */
export const titleCompletion = (links: WikiLinks): Extension => [
  autocompletion({
    override: [(context) => complete(context, links)],
    icons: false,
    defaultKeymap: false,
    activateOnTypingDelay: 20,
    // Enter that comes soon after the list is meant for it: in a link there are no lines.
    interactionDelay: 0,
    maxRenderedOptions: 50,
  }),
  // Before lists and tables, which have a use for some of them.
  Prec.highest(
    keymap.of([
      { key: 'ArrowDown', run: moveCompletionSelection(true) },
      { key: 'ArrowUp', run: moveCompletionSelection(false) },
      { key: 'PageDown', run: moveCompletionSelection(true, 'page') },
      { key: 'PageUp', run: moveCompletionSelection(false, 'page') },
      { key: 'Enter', run: acceptCompletion },
      { key: 'Tab', run: acceptCompletion },
      { key: 'Escape', run: closeCompletion },
    ]),
  ),
]

function complete(context: CompletionContext, links: WikiLinks): CompletionResult | null {
  const { state, pos } = context
  const line = state.doc.lineAt(pos)
  const before = state.sliceDoc(Math.max(line.from, pos - longest), pos)
  const typed = beginning.exec(before)?.[1]
  if (typed === undefined || verbatim.test(syntaxTree(state).resolveInner(pos, -1).name)) return null
  const sign = typed.indexOf('#')
  const query = typed.slice(sign + 1)
  const words =
    sign < 0
      ? links.suggest(query).map(({ title }) => title)
      : rank(headingsFor(state, typed.slice(0, sign), links), ({ words }) => words, query, mostHeadings).map(
          ({ words }) => words,
        )
  const marks = (label: string) => marksIn(label, query).flat()
  return {
    from: pos - query.length,
    options: words.map((label) => ({ label, apply: insert })),
    filter: false,
    getMatch: ({ label }) => marks(label),
    update: (_current, _from, _to, next) => complete(next, links),
  }
}

/** Returns the headings that a link to the present document can lead to. */
function headingsFor(state: EditorState, target: string, links: WikiLinks): { words: string }[] {
  if (target.trim() !== '' && !links.isCurrent(target)) return []
  const steps = readHeadings(state.doc, null)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return [...new Set(step.value.headings.map(({ words }) => words).filter(Boolean))].map((words) => ({
    words,
  }))
}

/** Puts a title or heading in, and ends the link unless something of it follows. */
function insert(view: EditorView, completion: Completion, from: number, to: number): void {
  const words = writable(completion.label)
  const after = view.state.sliceDoc(to, to + 2)
  const close = /^[|#]/.test(after) ? '' : ']]'
  const end = after === ']]' ? to + 2 : to
  view.dispatch({
    changes: { from, to: end, insert: words + close },
    selection: { anchor: from + words.length + close.length },
    annotations: pickedCompletion.of(completion),
    userEvent: 'input.complete',
    scrollIntoView: true,
  })
}
