import type { Element } from 'hast'
import { attribute, type Content, element, isElement, stylesOf, textIn } from './styles'

/** A paragraph that Word shows as an item of a list. */
interface Item {
  readonly level: number
  readonly ordered: boolean
  readonly content: Content[]
}

/** Makes lists of the paragraphs that Word marks as items by their style alone. */
export function listsFromWord(nodes: readonly Content[]): Content[] {
  const result: Content[] = []
  let items: Item[] = []
  const flush = () => {
    if (items.length > 0) result.push(...nested(items))
    items = []
  }
  for (const node of nodes) {
    const item = itemOf(node)
    if (item) items.push(item)
    else if (items.length === 0 || !isBlank(node)) {
      flush()
      result.push(node)
    }
  }
  flush()
  return result
}

const isBlank = (node: Content): boolean =>
  node.type === 'comment' || (node.type === 'text' && node.value.trim() === '')

function itemOf(node: Content): Item | null {
  if (!isElement(node) || node.tagName !== 'p') return null
  const list = stylesOf(node).get('mso-list') ?? ''
  const level = /\blevel(\d)\b/.exec(list)?.[1]
  if (level === undefined && !/^MsoList/i.test(attribute(node, 'className'))) return null
  const marker = textIn(markersIn(node))
  return {
    level: Number(level ?? 1),
    ordered: /^\s*[\da-z]{1,6}[.)]/i.test(marker),
    content: withoutMarker(node.children),
  }
}

const isMarker = (node: Content): boolean =>
  isElement(node) && stylesOf(node).get('mso-list')?.includes('ignore') === true

function markersIn(node: Element): Content[] {
  return node.children.flatMap((child) =>
    isMarker(child) ? [child] : isElement(child) ? markersIn(child) : [],
  )
}

function withoutMarker(nodes: readonly Content[]): Content[] {
  return nodes
    .filter((node) => !isMarker(node))
    .map((node) =>
      isElement(node) ? { ...node, children: withoutMarker(node.children) as Element['children'] } : node,
    )
}

/** Nests items by their levels; a level that is left out makes no list of its own. */
function nested(items: readonly Item[]): Element[] {
  const lists: Element[] = []
  const open: { level: number; ordered: boolean; list: Element }[] = []
  for (const { level, ordered, content } of items) {
    while (open.length > 0 && (open.at(-1)?.level ?? 0) > level) open.pop()
    const last = open.at(-1)
    if (last && last.level === level && last.ordered !== ordered) open.pop()
    if (open.at(-1)?.level !== level) {
      const list = element(ordered ? 'ol' : 'ul', [])
      const parent = open.at(-1)?.list.children.at(-1)
      if (isElement(parent)) parent.children.push(list)
      else lists.push(list)
      open.push({ level, ordered, list })
    }
    open.at(-1)?.list.children.push(element('li', content))
  }
  return lists
}
