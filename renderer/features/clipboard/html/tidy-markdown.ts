import type { InlineCode, Link, List, Nodes } from 'mdast'

/** A bare address that Markdown takes whole, without brackets around it. */
const bareAddress = /^https?:\/\/[a-z\d.-]+(?::\d+)?(?:\/[\w.~/%#?=&+-]*)?$/i

/**
 * Puts blanks outside of marks, joins neighbours that are one thing, drops what shows nothing, and makes lists tight
 * and addresses that are their own text bare.
 */
export function tidy<Node extends Nodes>(node: Node): Node {
  if (!('children' in node)) return node
  const inner = joined(node.children as Nodes[]).flatMap((child, index, all) =>
    tidyChild(child, all[index - 1], all[index + 1]),
  )
  const children = joined(inner)
  const spread = node.type === 'listItem' || node.type === 'list' ? { spread: isSpread(children) } : {}
  return { ...node, ...spread, children: node.type === 'paragraph' ? withoutEnds(children) : children }
}

function tidyChild(child: Nodes, before: Nodes | undefined, after: Nodes | undefined): Nodes[] {
  if (child.type === 'link')
    return [standsAlone(before, after) && isBare(child) ? asWritten(child) : tidy({ ...child, title: null })]
  if (child.type === 'inlineCode') return codeAlone(child)
  const node = tidy(child)
  if (isMark(node)) return withEdgesOutside(node, before, after)
  return (node.type === 'paragraph' || node.type === 'heading') && node.children.length === 0 ? [] : [node]
}

type Mark = Extract<Nodes, { type: 'strong' | 'emphasis' | 'delete' }>

const isMark = (node: Nodes): node is Mark =>
  node.type === 'strong' || node.type === 'emphasis' || node.type === 'delete'

/**
 * Markdown has no mark with a blank inside of its ends, and none within a word that begins or ends with
 * punctuation.
 */
function withEdgesOutside(mark: Mark, before: Nodes | undefined, after: Nodes | undefined): Nodes[] {
  const children: Nodes[] = [...mark.children]
  const lead = edgeOf(children[0], endsInWord(before) ? /^[\s\p{P}\p{S}]+/u : /^\s+/)
  if (lead) children[0] = text(lead.rest)
  const trail = edgeOf(children.at(-1), startsWord(after) ? /[\s\p{P}\p{S}]+$/u : /\s+$/)
  if (trail) children[children.length - 1] = text(trail.rest)
  const says = children.some((child) => child.type !== 'text' || child.value !== '')
  return [
    ...(lead ? [text(lead.edge)] : []),
    ...(says ? [{ ...mark, children } as Nodes] : []),
    ...(trail ? [text(trail.edge)] : []),
  ]
}

const text = (value: string): Nodes => ({ type: 'text', value })

function edgeOf(node: Nodes | undefined, pattern: RegExp): { edge: string; rest: string } | null {
  const edge = node?.type === 'text' ? pattern.exec(node.value)?.[0] : undefined
  return node?.type === 'text' && edge ? { edge, rest: node.value.replace(pattern, '') } : null
}

const isWord = /[\p{L}\p{N}]/u

const endsInWord = (node: Nodes | undefined): boolean =>
  node !== undefined && (node.type !== 'text' || isWord.test(node.value.slice(-1)))

const startsWord = (node: Nodes | undefined): boolean =>
  node !== undefined && (node.type !== 'text' || isWord.test(node.value.slice(0, 1)))

function codeAlone(code: InlineCode): Nodes[] {
  const value = code.value.trim()
  const [lead, trail] = [/^\s/.test(code.value), /\s$/.test(code.value)]
  if (value === '') return [text(' ')]
  return [...(lead ? [text(' ')] : []), { ...code, value }, ...(trail ? [text(' ')] : [])]
}

/** Joins texts, marks of one kind and lists of one kind that stand side by side. */
function joined(nodes: readonly Nodes[]): Nodes[] {
  const result: Nodes[] = []
  for (const node of nodes) {
    const last = result.at(-1)
    if (last?.type === 'text' && node.type === 'text')
      result[result.length - 1] = { type: 'text', value: last.value + node.value }
    else if (last && ((isMark(last) && last.type === node.type) || isSameList(last, node)))
      result[result.length - 1] = tidyAgain(last, node)
    else result.push(node)
  }
  return result
}

function isSameList(one: Nodes, other: Nodes): boolean {
  return one.type === 'list' && other.type === 'list' && Boolean(one.ordered) === Boolean(other.ordered)
}

function tidyAgain(one: Nodes, other: Nodes): Nodes {
  const children = joined([...childrenOf(one), ...childrenOf(other)])
  return one.type === 'list'
    ? { ...one, spread: isSpread(children), children: children as List['children'] }
    : ({ ...one, children } as Nodes)
}

const childrenOf = (node: Nodes): Nodes[] => ('children' in node ? node.children : [])

/** Takes line breaks and blanks from the beginning and the end of a paragraph. */
function withoutEnds(nodes: readonly Nodes[]): Nodes[] {
  const isEmpty = (node: Nodes) => node.type === 'break' || (node.type === 'text' && node.value.trim() === '')
  const from = nodes.findIndex((node) => !isEmpty(node))
  return from < 0 ? [] : nodes.slice(from, nodes.findLastIndex((node) => !isEmpty(node)) + 1)
}

/** True if an item holds several paragraphs, or an item of the list does. */
const isSpread = (children: readonly Nodes[]): boolean =>
  children.filter(({ type }) => type === 'paragraph').length > 1 ||
  children.some((child) => child.type === 'listItem' && child.spread)

/** True if neighbours leave room for a bare address, which begins after a blank and goes on up to one. */
const standsAlone = (before: Nodes | undefined, after: Nodes | undefined): boolean =>
  (!before || (before.type === 'text' && /[\s(]$/.test(before.value))) &&
  (!after || after.type === 'break' || (after.type === 'text' && /^(?:[,.;:!?)]*(?:\s|$))/.test(after.value)))

function isBare({ url, children }: Link): boolean {
  const [text, ...more] = children
  const isOwnText = text?.type === 'text' && more.length === 0 && text.value === url
  return isOwnText && bareAddress.test(url) && !/[.?]$/.test(url)
}

/** The pattern of a bare address lets no character through that Markdown reads. */
const asWritten = ({ url }: Link): Nodes => ({ type: 'html', value: url })
