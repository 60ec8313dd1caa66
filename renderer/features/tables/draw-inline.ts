import type { SyntaxNode } from '@lezer/common'
import { isHiddenAddress, isSilent, plainText } from '../../../preload/text/markdown/plain-text'
import { addressOf, isInLink, targetOf, unlikeTarget, urlOf } from '../links/link-parts'
import { mathElement } from '../math/math-element'

/** Elements inside each other that are drawn; what is deeper is shown as text. */
const deepest = 12

const elements: Readonly<Record<string, string>> = {
  Emphasis: 'em',
  StrongEmphasis: 'strong',
  Strikethrough: 's',
  InlineCode: 'code',
  Highlight: 'mark',
  Subscript: 'sub',
  Superscript: 'sup',
}

/**
 * Draws the inline Markdown of a node into an element, as text with emphasis, code, maths and links that lead
 * nowhere by themselves: `data-address` has what a link names, `data-title` the title and heading of a document. `source` is the text that the node's offsets are of.
 */
export function drawInline(node: SyntaxNode, source: string, into: HTMLElement, depth = 0): void {
  let from = node.from
  for (let child = node.firstChild; child; child = child.nextSibling) {
    into.append(source.slice(from, child.from))
    drawChild(child, node, source, into, depth)
    from = child.to
  }
  into.append(source.slice(from, node.to))
}

function drawChild(
  child: SyntaxNode,
  parent: SyntaxNode,
  source: string,
  into: HTMLElement,
  depth: number,
): void {
  const text = source.slice(child.from, child.to)
  const element = elements[child.name]
  const whole = wholeOf(child, source)
  if (whole !== null) into.append(whole)
  else if (isSilent(child.name) || isHiddenAddress(child, parent)) return
  else if (depth >= deepest) into.append(text)
  else if (child.name === 'URL') into.append(isInLink(child) ? text : link(make('span', text), text))
  else if (child.name === 'Link') {
    const url = urlOf(child)
    const target = url ? source.slice(url.from, url.to) : ''
    const shown = make('span')
    drawInline(child, source, shown, depth + 1)
    into.append(link(shown, target))
    const address = addressOf(target) ?? target
    if (unlikeTarget(shown.textContent ?? '', address)) into.append(note(targetOf(address)))
  } else {
    const shown = make(element ?? 'span')
    drawInline(child, source, shown, depth + 1)
    into.append(shown)
  }
}

/** Returns what is drawn of an element that holds no others; null for any other. */
function wholeOf(node: SyntaxNode, source: string): Node | string | null {
  const text = source.slice(node.from, node.to)
  switch (node.name) {
    case 'Escape':
      return text.slice(1)
    case 'InlineMath':
      return mathElement(text)
    case 'FootnoteReference':
      return make('sup', text.slice(2, -1))
    case 'HTMLTag':
    case 'Comment':
      return text
    case 'WikiLink':
      return titleLink(node, source)
    default:
      return null
  }
}

function make(name: string, text = ''): HTMLElement {
  const element = document.createElement(name)
  element.textContent = text
  return element
}

/** Where a link leads whose words look like another address. */
function note(target: string): HTMLElement {
  const element = make('span', ` ${target}`)
  element.className = 'md-target'
  return element
}

function titleLink(node: SyntaxNode, source: string): HTMLElement {
  const { from = node.from, to = node.to } = node.getChild('WikiTarget') ?? {}
  const element = make('span', plainText(node, source))
  element.setAttribute('role', 'link')
  element.className = 'md-chip'
  element.dataset.title = source.slice(from, to)
  return element
}

function link(element: HTMLElement, target: string): HTMLElement {
  const address = addressOf(target)
  element.setAttribute('role', 'link')
  element.className = address ? 'md-chip' : 'md-chip md-chip-dead'
  if (address) element.dataset.address = address
  else element.setAttribute('aria-disabled', 'true')
  return element
}
