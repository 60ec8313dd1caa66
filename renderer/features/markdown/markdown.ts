import { commonmarkLanguage, markdown } from '@codemirror/lang-markdown'
import { HighlightStyle, Language, LanguageSupport, syntaxHighlighting } from '@codemirror/language'
import { tags } from '@lezer/highlight'
import { markdownExtensions } from '../../../preload/text/markdown/grammar'
import { carefulParser } from '../../../preload/text/markdown/reuse'
import type { EditorFeature } from '../../editor/extension'
import { codeLanguage } from '../code/code-languages'

const { language, support } = markdown({
  base: commonmarkLanguage,
  extensions: markdownExtensions,
  completeHTMLTags: false,
  // The feature 'clipboard' does it.
  pasteURLAsLink: false,
  codeLanguages: codeLanguage,
  // Its Enter writes new numbers into items that nobody touched; features/lists has its own.
  addKeymap: false,
})

/** Swarmpad's Markdown for CodeMirror: the grammar that titles are read with too. */
export const markdownSupport = new LanguageSupport(
  new Language(language.data, carefulParser(language.parser), [], language.name),
  support,
)

/** Classes for the parts of Markdown, and not of code in it; styles/live.css says how they look. */
const highlighting = HighlightStyle.define(
  [
    { tag: tags.heading, class: 'md-heading' },
    { tag: tags.emphasis, class: 'md-emphasis' },
    { tag: tags.strong, class: 'md-strong' },
    { tag: tags.strikethrough, class: 'md-strike' },
    { tag: tags.monospace, class: 'md-code' },
    { tag: tags.url, class: 'md-url' },
    { tag: tags.quote, class: 'md-quote' },
    { tag: tags.contentSeparator, class: 'md-rule' },
    { tag: [tags.processingInstruction, tags.labelName, tags.comment], class: 'md-mark' },
  ],
  { scope: markdownSupport.language },
)

/** Markdown with GitHub's additions, and its highlighting. */
export const markdownWriting: EditorFeature = {
  extension: [markdownSupport, syntaxHighlighting(highlighting)],
}
