import type { Element } from 'hast'
import { type Content, element, isElement, isNamed, textIn } from './styles'

/** Most cells that one may span; GitHub's tables have none, and the cells are filled up. */
const maxSpan = 20

/** Returns a table that Markdown can have, or the content of one that only lays out a page; its caption comes before. */
export function plainTable(table: Element): Content[] {
  const captions = table.children.filter((child) => isNamed(child, 'caption'))
  return [...captions.map(({ children }) => element('div', children)), ...withoutCaption(table)]
}

function withoutCaption(table: Element): Content[] {
  const rows = rowsIn(table)
  const cells = rows.flatMap(cellsOf)
  const [first] = cells
  if (cells.length === 1 && first) return first.children
  if (!rows.some((row) => cellsOf(row).length > 1) || cells.some(({ children }) => holdsBlocks(children)))
    return cells.map(({ children }) => element('div', children))
  const header = new Set(rows[0] && cellsOf(rows[0]))
  for (const cell of cells) {
    if (header.has(cell)) cell.tagName = 'th'
    cell.properties = spans(cell)
    cell.children = inOneLine(cell.children) as Element['children']
  }
  return [element('table', rows)]
}

function rowsIn(node: Element): Element[] {
  return node.children.filter(isElement).flatMap((child) => {
    if (child.tagName === 'tr') return [child]
    return isNamed(child, 'thead', 'tbody', 'tfoot') ? rowsIn(child) : []
  })
}

const cellsOf = (row: Element): Element[] =>
  row.children.filter(isElement).filter(({ tagName }) => tagName === 'td' || tagName === 'th')

const holdsBlocks = (nodes: readonly Content[]): boolean =>
  nodes.filter(isElement).some(({ tagName, children }) => blocks.has(tagName) || holdsBlocks(children))

const blocks: ReadonlySet<string> = new Set([
  'table',
  'pre',
  'blockquote',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'hr',
])

function spans({ properties: { colSpan, rowSpan, align } }: Element): Element['properties'] {
  const bounded = (span: unknown) => Math.max(1, Math.min(maxSpan, Number(span) || 1))
  return { colSpan: bounded(colSpan), rowSpan: bounded(rowSpan), ...(align ? { align } : {}) }
}

/** Puts the paragraphs and the items of lists of a cell behind each other. */
function inOneLine(nodes: readonly Content[]): Content[] {
  return nodes.flatMap((node, index) => {
    if (!isElement(node)) return [node]
    if (node.tagName === 'br') return [space]
    if (node.tagName === 'ul' || node.tagName === 'ol') {
      const items = itemsIn(node).filter((item) => textIn(item).trim() !== '')
      return [
        ...(index > 0 ? [space] : []),
        ...items.flatMap((item, at) => (at > 0 ? [next, ...item] : item)),
      ]
    }
    if (node.tagName !== 'p' && node.tagName !== 'div') return [node]
    return [...(index > 0 ? [space] : []), ...inOneLine(node.children)]
  })
}

/** Returns the items of a list, each in one line, and those of the lists in it. */
function itemsIn(list: Element): Content[][] {
  return list.children.filter(isElement).flatMap(({ children }) => {
    const nested = children.filter((child) => isNamed(child, 'ul', 'ol'))
    const own = inOneLine(children.filter((child) => !isNamed(child, 'ul', 'ol')))
    return [own, ...nested.flatMap(itemsIn)]
  })
}

const space: Content = { type: 'text', value: ' ' }
const next: Content = { type: 'text', value: '; ' }
