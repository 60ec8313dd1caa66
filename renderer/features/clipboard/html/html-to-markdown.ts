import type { Root } from 'mdast'
import rehypeParse from 'rehype-parse'
import rehypeRemark from 'rehype-remark'
import remarkGfm from 'remark-gfm'
import remarkStringify from 'remark-stringify'
import { unified } from 'unified'
import { cleanHtml } from './clean-html'
import { escapeText } from './escape-text'
import { tidy } from './tidy-markdown'

/** Markdown made of HTML. */
export interface PastedMarkdown {
  /** Without a line break at its end; '' if nothing is to be seen. */
  readonly markdown: string
  /** Its first and its last part are words of a paragraph, which can join those around them. */
  readonly startsInline: boolean
  readonly endsInline: boolean
}

const parser = unified().use(rehypeParse, { fragment: true })
const toMarkdown = unified().use(rehypeRemark)
const writer = unified()
  .use(remarkGfm, { tablePipeAlign: false })
  .use(remarkStringify, {
    bullet: '-',
    emphasis: '*',
    fences: true,
    listItemIndent: 'one',
    rule: '-',
    handlers: {
      text: (node: { value: string }, _parent, state, info) =>
        escapeText(node.value, {
          before: info.before.slice(-1),
          after: info.after.slice(0, 1),
          inTable: state.stack.includes('tableCell'),
          inLink: state.stack.includes('label'),
        }),
    },
  })

/**
 * Returns HTML of a clipboard as Markdown. No HTML comes through, no script, and no address but those of the web
 * and of mail. Throws RangeError for HTML that is nested too deep.
 */
export function htmlToMarkdown(html: string): PastedMarkdown {
  const tree = tidy(toMarkdown.runSync(cleanHtml(parser.parse(html))) as Root)
  const { children } = tree
  return {
    markdown: writer.stringify(tree).trim(),
    startsInline: children[0]?.type === 'paragraph',
    endsInline: children.at(-1)?.type === 'paragraph',
  }
}
