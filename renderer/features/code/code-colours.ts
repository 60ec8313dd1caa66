import { languageDataProp, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { type Highlighter, tagHighlighter, tags } from '@lezer/highlight'

const { style } = tagHighlighter([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self, tags.tagName],
    class: 'code-keyword',
  },
  {
    tag: [
      tags.string,
      tags.special(tags.string),
      tags.regexp,
      tags.character,
      tags.attributeValue,
      tags.inserted,
    ],
    class: 'code-string',
  },
  {
    tag: [tags.number, tags.bool, tags.null, tags.atom, tags.unit, tags.color, tags.constant(tags.name)],
    class: 'code-number',
  },
  { tag: [tags.comment, tags.meta], class: 'code-comment' },
  {
    tag: [
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
      tags.definition(tags.function(tags.variableName)),
      tags.macroName,
    ],
    class: 'code-function',
  },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.attributeName], class: 'code-type' },
  { tag: [tags.deleted, tags.invalid], class: 'code-deleted' },
])

/** Colours of code, which never apply to the Markdown around: `data` is what its language is known by. */
export function codeColours(data: unknown): Extension {
  const highlighter: Highlighter = { style, scope: (type) => type.prop(languageDataProp) !== data }
  return syntaxHighlighting(highlighter)
}
