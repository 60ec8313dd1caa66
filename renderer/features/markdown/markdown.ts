import { commonmarkLanguage, markdown } from '@codemirror/lang-markdown'
import { HighlightStyle, syntaxHighlighting, syntaxTree } from '@codemirror/language'
import { RangeSetBuilder } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { markdownExtensions } from '../../../preload/text/markdown/grammar'
import type { EditorFeature } from '../../editor/extension'

/** Classes for the parts of Markdown; styles/text.css says how they look. */
const highlighting = HighlightStyle.define([
  { tag: tags.heading1, class: 'md-heading md-heading-1' },
  { tag: tags.heading2, class: 'md-heading md-heading-2' },
  { tag: tags.heading3, class: 'md-heading md-heading-3' },
  { tag: [tags.heading4, tags.heading5, tags.heading6], class: 'md-heading' },
  { tag: tags.emphasis, class: 'md-emphasis' },
  { tag: tags.strong, class: 'md-strong' },
  { tag: tags.strikethrough, class: 'md-strike' },
  { tag: tags.monospace, class: 'md-code' },
  { tag: tags.link, class: 'md-link' },
  { tag: tags.url, class: 'md-url' },
  { tag: tags.quote, class: 'md-quote' },
  { tag: tags.contentSeparator, class: 'md-rule' },
  { tag: [tags.processingInstruction, tags.labelName, tags.comment], class: 'md-mark' },
])

const lineClasses: Readonly<Record<string, Decoration>> = {
  FencedCode: Decoration.line({ class: 'md-line-code' }),
  CodeBlock: Decoration.line({ class: 'md-line-code' }),
  Blockquote: Decoration.line({ class: 'md-line-quote' }),
}

/** Gives the lines of code blocks and quotes a class, for those in sight. */
const blockLines = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet

    constructor(view: EditorView) {
      this.decorations = markLines(view)
    }

    update(update: ViewUpdate): void {
      const parsed = syntaxTree(update.startState) !== syntaxTree(update.state)
      if (update.docChanged || update.viewportChanged || parsed) this.decorations = markLines(update.view)
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

function markLines(view: EditorView): DecorationSet {
  const { doc } = view.state
  const lines = new Map<number, Decoration>()
  for (const { from, to } of view.visibleRanges)
    syntaxTree(view.state).iterate({
      from,
      to,
      enter: (node) => {
        const decoration = lineClasses[node.name]
        if (!decoration) return
        const last = doc.lineAt(Math.min(node.to, to)).number
        for (let number = doc.lineAt(Math.max(node.from, from)).number; number <= last; number++)
          lines.set(doc.line(number).from, decoration)
      },
    })
  const builder = new RangeSetBuilder<Decoration>()
  for (const [start, decoration] of [...lines].sort(([a], [b]) => a - b))
    builder.add(start, start, decoration)
  return builder.finish()
}

/** Swarmpad's Markdown for CodeMirror: the grammar that titles are read with too. */
export const markdownSupport = markdown({
  base: commonmarkLanguage,
  extensions: markdownExtensions,
  completeHTMLTags: false,
  // The feature 'clipboard' does it.
  pasteURLAsLink: false,
})

/** Markdown with GitHub's additions: highlighting, and Enter that goes on with a list or a quote. */
export const markdownWriting: EditorFeature = {
  extension: [markdownSupport, syntaxHighlighting(highlighting), blockLines],
}
