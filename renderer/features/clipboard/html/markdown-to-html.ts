import type { Root } from 'hast'
import type { Nodes } from 'mdast'
import rehypeSanitize from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { withoutWikiMarks } from '../../../../preload/text/markdown/grammar/wiki-links'
import { ownMark } from '../own-mark'

const parser = unified().use(remarkParse).use(remarkGfm)
// HTML in the text stays text: without the option for it, it is left out.
const toHtml = unified().use(remarkRehype).use(rehypeSanitize)
const writer = unified().use(rehypeStringify)

/** Puts words in place of links to documents, which other programs do not have. */
function withWords<Tree extends Nodes>(node: Tree): Tree {
  if (node.type === 'text') node.value = withoutWikiMarks(node.value)
  else if ('children' in node) node.children.forEach(withWords)
  return node
}

/**
 * Returns Markdown as HTML for other programs; null if it has no format, and plain text says all. No script, no HTML
 * of the text and no address but those of the web and of mail come through.
 */
export function markdownToHtml(markdown: string): string | null {
  const tree = toHtml.runSync(withWords(parser.parse(markdown))) as Root
  const isPlain = tree.children.every(
    (node) =>
      node.type === 'text' ||
      (node.type === 'element' && node.tagName === 'p' && node.children.every(({ type }) => type === 'text')),
  )
  return isPlain ? null : `${ownMark}${writer.stringify(tree)}`
}
