import { type EditorView, WidgetType } from '@codemirror/view'
import type { SyntaxNode } from '@lezer/common'
import { markdownParser } from '../../../preload/text/markdown/grammar'
import { targetParts } from '../../../preload/text/markdown/wiki-link'
import { putCaret } from '../blocks/put-caret'
import type { Target } from '../wiki-links/wiki-links.svelte'
import { drawInline } from './draw-inline'
import { isSmall, tableLimits } from './limits'
import { alignmentsOf, cellsOf } from './rows'

/** Heights of what is drawn at the ordinary size of text, in px: a row of one line, a further line, the rest. */
const heights = { row: 34.6, line: 20, around: 19 }
/** Letters in a line of a column, of about 100 letters that a table is wide. */
const lettersOfLine = 100

/** A table drawn as a grid, from its Markdown. A press on a cell puts the caret there. */
export class TableWidget extends WidgetType {
  /** Open what a link in a cell names: an address, or a document. */
  constructor(
    private readonly source: string,
    private readonly openLink: (address: string) => void,
    private readonly openTitle: (target: Target) => void,
  ) {
    super()
  }

  override eq(other: TableWidget): boolean {
    return other.source === this.source
  }

  override get estimatedHeight(): number {
    const rows = this.source.split('\n').filter((_line, index) => index !== 1)
    return rows.reduce((height, row) => {
      const cells = cellsOf(row)
      const wide = Math.max(0, ...cells.map(({ from, to }) => to - from))
      const lines = Math.ceil((wide * Math.max(1, cells.length)) / lettersOfLine)
      return height + heights.row + Math.max(0, lines - 1) * heights.line
    }, heights.around)
  }

  override toDOM(view: EditorView): HTMLElement {
    const frame = document.createElement('div')
    frame.className = 'table-frame'
    frame.append(drawTable(this.source))
    frame.addEventListener('mousedown', (event) => {
      if (event.button !== 0) return
      event.preventDefault()
      if ((event.ctrlKey || event.metaKey) && this.follow(event.target)) return
      putCaret(view, view.posAtDOM(frame) + cellAt(frame, event))
    })
    return frame
  }

  /** Opens the link that an element is in; false without one. */
  private follow(target: EventTarget | null): boolean {
    const link = target instanceof Element ? target.closest<HTMLElement>('[role=link]') : null
    const { address, title } = link?.dataset ?? {}
    if (address) this.openLink(address)
    else if (title) this.openTitle(targetParts(title))
    return Boolean(address ?? title)
  }

  override updateDOM(frame: HTMLElement): boolean {
    // The listener of an older widget does the same: it asks the elements for their places.
    frame.replaceChildren(drawTable(this.source))
    return true
  }

  override coordsAt(frame: HTMLElement, offset: number) {
    const cells = Array.from(frame.querySelectorAll<HTMLElement>('[data-from]'))
    const cell = cells.findLast((element) => Number(element.dataset.from) <= offset) ?? cells[0]
    const { left, right, top, bottom } = (cell ?? frame).getBoundingClientRect()
    const inset = cell && Number(cell.dataset.from) < offset ? right : left
    return { left: inset, right: inset, top, bottom }
  }

  override ignoreEvent(): boolean {
    return true
  }
}

/** Returns the widget of a table's source; null if it is too great to be drawn. */
export function tableWidget(
  source: string,
  openLink: (address: string) => void,
  openTitle: (target: Target) => void,
): TableWidget | null {
  return isSmall(source.split('\n')) ? new TableWidget(source, openLink, openTitle) : null
}

/** Offset of the end of the words in the cell at a press, or of the nearest one. */
function cellAt(frame: HTMLElement, { target, clientY }: MouseEvent): number {
  const cell = target instanceof Element ? target.closest<HTMLElement>('[data-to]') : null
  if (cell) return Number(cell.dataset.to)
  const rows = Array.from(frame.querySelectorAll('tr'))
  const row = rows.find((element) => element.getBoundingClientRect().bottom >= clientY) ?? rows.at(-1)
  return Number(row?.querySelector<HTMLElement>('[data-to]')?.dataset.to ?? 0)
}

function drawTable(source: string): HTMLTableElement {
  const [header = '', hyphens = '', ...rows] = source.split('\n')
  const alignments = alignmentsOf(hyphens)
  const columns = Math.min(cellsOf(header).length, tableLimits.columns)
  const nodes = cellNodes(source)
  const table = document.createElement('table')
  let start = 0
  const draw = (line: string, name: 'th' | 'td'): HTMLTableRowElement => {
    const cells = cellsOf(line)
    const row = document.createElement('tr')
    for (let column = 0; column < columns; column++) {
      const cell = document.createElement(name)
      if (cell instanceof HTMLTableCellElement && name === 'th') cell.scope = 'col'
      const alignment = alignments[column]
      if (alignment) cell.classList.add(`table-${alignment}`)
      const place = cells[column]
      cell.dataset.from = String(start + (place?.from ?? line.length))
      cell.dataset.to = String(start + (place?.to ?? line.length))
      const node = place && nodes.get(start + place.from)
      if (node) drawInline(node, source, cell)
      row.append(cell)
    }
    start += line.length + 1
    return row
  }
  table.createTHead().append(draw(header, 'th'))
  start += hyphens.length + 1
  const body = table.createTBody()
  for (const line of rows) body.append(draw(line, 'td'))
  return table
}

function cellNodes(source: string): Map<number, SyntaxNode> {
  const nodes = new Map<number, SyntaxNode>()
  markdownParser.parse(source).iterate({
    enter: (node) => {
      if (node.name !== 'TableCell') return
      nodes.set(node.from, node.node)
      return false
    },
  })
  return nodes
}
