import { tags } from '@lezer/highlight'
import type { MarkdownConfig } from '@lezer/markdown'

/** Longest target with its heading, and longest words in its place, in UTF-16 code units. */
const maxPart = 250
/** `\|` parts the cells of a table no more than any other letter, so it stands there for `|`. */
const source = String.raw`\[\[((?:(?!\\\|)[^\[\]|\n]){1,${maxPart}})(?:(\\?\|)([^\[\]\n]{0,${maxPart}}))?\]\]`
const link = new RegExp(`^${source}`)
const links = new RegExp(source, 'g')

/** Returns a text with the words of links to documents in place of the links, as far as no grammar is needed. */
export const withoutWikiMarks = (text: string): string =>
  text.replace(links, (whole, target: string, _bar, words?: string) =>
    isTarget(target) ? words || target.trim() : whole,
  )

/** False for a footnote between brackets, and where nothing can be a title. */
const isTarget = (written: string): boolean => !/^[\s#]*$|^\^/.test(written)

/**
 * Links to other documents by their titles: `[[Title]]`, `[[Title#Heading]]`, `[[Title|words]]`. With `(` after it, it
 * is an ordinary link. Nodes: WikiLink with WikiMark (brackets, bar), WikiTarget (title and heading) and WikiWords.
 */
export const wikiLinks: MarkdownConfig = {
  defineNodes: [
    { name: 'WikiLink' },
    { name: 'WikiTarget' },
    { name: 'WikiWords' },
    { name: 'WikiMark', style: tags.processingInstruction },
  ],
  parseInline: [
    {
      name: 'WikiLink',
      before: 'Link',
      parse(cx, next, pos) {
        if (next !== 91 || cx.char(pos + 1) !== 91) return -1
        const found = link.exec(cx.slice(pos, Math.min(cx.end, pos + 2 * maxPart + 6)))
        const target = found?.[1] ?? ''
        if (!found || !isTarget(target)) return -1
        const to = pos + found[0].length
        if (cx.char(to) === 40) return -1
        const targetTo = pos + 2 + target.length
        const wordsFrom = targetTo + (found[2]?.length ?? 0)
        return cx.addElement(
          cx.elt('WikiLink', pos, to, [
            cx.elt('WikiMark', pos, pos + 2),
            cx.elt('WikiTarget', pos + 2, targetTo),
            ...(wordsFrom > targetTo ? [cx.elt('WikiMark', targetTo, wordsFrom)] : []),
            ...(to - 2 > wordsFrom ? [cx.elt('WikiWords', wordsFrom, to - 2)] : []),
            cx.elt('WikiMark', to - 2, to),
          ]),
        )
      },
    },
  ],
}
