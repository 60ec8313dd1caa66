import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  completionStatus,
  moveCompletionSelection,
  pickedCompletion,
} from '@codemirror/autocomplete'
import { syntaxTree } from '@codemirror/language'
import { type Extension, Prec } from '@codemirror/state'
import { type EditorView, keymap } from '@codemirror/view'
import { writable } from '../../../preload/text/markdown/wiki-link'
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

/** Completes links to documents after '[[': titles, and after '#' headings. */
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
      { key: 'Escape', run: closeShown },
    ]),
  ),
]

/** Closes the list. Returns false if none is shown: then Escape and Tab lead out of the text, also just after typing. */
function closeShown(view: EditorView): boolean {
  const isShown = completionStatus(view.state) === 'active'
  closeCompletion(view)
  return isShown
}

/** A beginning of a link at the caret: the title before '#', null without one, and the part that is completed. */
interface Begun {
  readonly title: string | null
  readonly query: string
}

function begunAt({ state, pos }: CompletionContext): Begun | null {
  const line = state.doc.lineAt(pos)
  const typed = beginning.exec(state.sliceDoc(Math.max(line.from, pos - longest), pos))?.[1]
  if (typed === undefined || verbatim.test(syntaxTree(state).resolveInner(pos, -1).name)) return null
  const sign = typed.indexOf('#')
  return sign < 0
    ? { title: null, query: typed }
    : { title: typed.slice(0, sign), query: typed.slice(sign + 1) }
}

function complete(
  context: CompletionContext,
  links: WikiLinks,
): CompletionResult | null | Promise<CompletionResult | null> {
  const begun = begunAt(context)
  if (begun?.title == null) return atOnce(context, links)
  const id = links.find({ target: begun.title.trim(), heading: '' })?.document.id
  // Other texts are in the main process.
  return id === undefined ? null : links.readHeadings(id).then(() => atOnce(context, links))
}

/** Completes with the titles of the library, or with headings that were read; null where they have to be read first. */
function atOnce(context: CompletionContext, links: WikiLinks): CompletionResult | null {
  const begun = begunAt(context)
  if (!begun) return null
  const { title, query } = begun
  const words = title === null ? links.suggest(query).map((one) => one.title) : headings(title, query, links)
  if (words === null) return null
  return {
    from: context.pos - query.length,
    options: words.map((label) => ({ label, apply: insert })),
    filter: false,
    getMatch: ({ label }) => marksIn(label, query).flat(),
    update: (_current, _from, _to, next) => atOnce(next, links),
  }
}

function headings(title: string, query: string, links: WikiLinks): string[] | null {
  const id = links.find({ target: title.trim(), heading: '' })?.document.id
  const known = id === undefined ? null : links.knownHeadings(id)
  return known && rank(known, ({ words }) => words, query, mostHeadings).map(({ words }) => words)
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
