import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import type { SyntaxNode } from '@lezer/common'

/** A link or picture with its address in the text. Offsets are UTF-16 code units. */
export interface LinkParts {
  readonly isPicture: boolean
  readonly from: number
  readonly to: number
  /** The words of a link, or the description of a picture. */
  readonly textFrom: number
  readonly textTo: number
  /** The address as it is written, without '<' and '>'. */
  readonly urlFrom: number
  readonly urlTo: number
  readonly url: string
}

/**
 * Returns the parts of a Link or Image node; null if it has no address of its own, or what stands around its words
 * goes over the end of a line.
 */
export function linkParts(state: EditorState, node: SyntaxNode): LinkParts | null {
  const [open, close] = node.getChildren('LinkMark')
  const url = urlOf(node)
  if (!open || !close || !url) return null
  // A picture is drawn in place of all of it.
  const drawnFrom = node.name === 'Image' ? node.from : close.from
  if (state.doc.lineAt(drawnFrom).to < node.to) return null
  const written = state.sliceDoc(url.from, url.to)
  const angled = /^<.*>$/.test(written) ? 1 : 0
  return {
    isPicture: node.name === 'Image',
    from: node.from,
    to: node.to,
    textFrom: open.to,
    textTo: close.from,
    urlFrom: url.from,
    urlTo: url.to,
    url: written.slice(angled, written.length - angled),
  }
}

/** Returns the URL node of a link, picture or address; one among the words of a link is not where it leads. */
export function urlOf(node: SyntaxNode): SyntaxNode | null {
  if (node.name === 'URL') return isInLink(node) ? null : node
  const close = isLink(node) ? node.getChildren('LinkMark')[1]?.from : node.from
  return close === undefined ? null : (node.getChildren('URL').find(({ from }) => from >= close) ?? null)
}

const isLink = (node: SyntaxNode | null): boolean => node?.name === 'Link' || node?.name === 'Image'

/** True for a node in a link or picture, at any depth. */
export function isInLink({ parent }: SyntaxNode): boolean {
  for (let outer = parent; outer; outer = outer.parent) if (isLink(outer)) return true
  return false
}

/** Returns the stretch of a link or picture that is hidden while it is shown by its words; its first mark apart. */
export const hiddenPart = ({ isPicture, from, textTo, to }: LinkParts): { from: number; to: number } => ({
  from: isPicture ? from : textTo,
  to,
})

/**
 * Returns the link or picture with an address that an offset lies in or beside, looked for after it (1) and before it
 * (-1); null without one.
 */
export function linkPartsAt(
  state: EditorState,
  offset: number,
  sides: readonly (1 | -1)[] = [1, -1],
): LinkParts | null {
  for (const side of sides)
    for (
      let node: SyntaxNode | null = syntaxTree(state).resolveInner(offset, side);
      node;
      node = node.parent
    ) {
      if (node.name !== 'Link' && node.name !== 'Image') continue
      const parts = linkParts(state, node)
      if (parts) return parts
    }
  return null
}

const openable = /^(https?:\/\/|mailto:)\S+$/i

/**
 * Returns the http, https or mailto address that a written one stands for, or null. Completes what GitHub's Markdown
 * takes for a link: 'www.' and bare mail addresses.
 */
export function addressOf(text: string): string | null {
  const plain = text.replace(/^<|>$/g, '')
  if (openable.test(plain)) return plain
  if (/^www\.\S+$/i.test(plain)) return `https://${plain}`
  return /^[^\s@:/]+@[^\s@:/]+$/.test(plain) ? `mailto:${plain}` : null
}

/** Returns the part of an address that says who is behind it, in ASCII: its host, or its recipient. */
export function targetOf(address: string): string {
  if (!URL.canParse(address)) return address
  const { protocol, host, pathname } = new URL(address)
  return host || (protocol === 'mailto:' ? pathname : address)
}

/** Letters of the words of a link that are searched for an address: this is done at every key. */
const searched = 200

/** Tells if the plain words of a link show an address, and one of another target than it has. */
export function unlikeTarget(words: string, address: string): boolean {
  const visible = words
    .slice(0, 10 * searched)
    .normalize('NFKC')
    .replace(invisible, '')
    .slice(0, searched)
  const target = bare(targetOf(address))
  return [...visible.matchAll(shown)].some(
    ([found, full, host]) => bare(trimmed(full ?? host ?? found)) !== target,
  )
}

/** Characters without a shape, which would part a host in two for the search alone. */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu

/**
 * A recipient of mail, or a host with what follows it of an address. Letters of any script count: lookalikes use
 * them. Each part begins at the edge of a word only, so that a long word is not searched from each of its letters.
 */
const shown =
  /(?<![^\s/@])[^\s/@]+@[^\s/@]+|(?:(?<=:\/\/)([^\s/?#]+)|(?<![\p{L}\p{N}-])((?:[\p{L}\p{N}-]+\.)+(?:\p{L}{2,}|xn--[a-z\d-]+)(?![\p{L}\p{N}-])(?::\d+)?))(?:[/?#]\S*)?/giu

/** Leaves out the brackets and stops around a recipient. */
const trimmed = (found: string): string => found.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')

const bare = (target: string): string => target.toLowerCase().replace(/^www\./, '')
