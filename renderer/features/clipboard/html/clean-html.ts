import type { Element, ElementContent, Root } from 'hast'
import {
  attribute,
  type Content,
  element,
  isElement,
  isNamed,
  type Marks,
  marksOf,
  stylesOf,
  undoesMark,
} from './styles'
import { plainTable } from './tables'
import { listsFromWord } from './word-lists'

/** Elements of which nothing is taken over. */
const dropped: ReadonlySet<string> = new Set(
  (
    'audio button canvas col colgroup datalist embed head iframe link map math meta noscript object script select ' +
    'style svg template textarea title video xml'
  ).split(' '),
)

/** Elements that Markdown has, and their names there. */
const kept: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    'p div section article main header footer blockquote hr br table caption thead tbody tfoot tr td th dl dt dd'
      .split(' ')
      .map((name) => [name, name]),
  ),
  ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((name) => [name, name])),
  code: 'code',
  tt: 'code',
  kbd: 'code',
  samp: 'code',
}

/** Marks that hold around a node already, and where it stands. */
interface Place extends Marks {
  readonly heading: boolean
  /** The language of the code in it, by a class of an element around; '' for none. */
  readonly language: string
}

const top: Place = {
  strong: false,
  emphasis: false,
  strike: false,
  code: false,
  heading: false,
  language: '',
}

/** Makes plain HTML of that of a clipboard: structure and marks alone, without styles, scripts and wrappers. */
export function cleanHtml(root: Root): Root {
  return { type: 'root', children: clean(root.children, top) as Root['children'] }
}

const clean = (nodes: readonly Content[], place: Place): ElementContent[] =>
  listsFromWord(nodes).flatMap((node) => cleanNode(node, place)) as ElementContent[]

function cleanNode(node: Content, place: Place): Content[] {
  if (node.type === 'text') return [{ type: 'text', value: node.value.replace(/[\u00a0\u202f]/g, ' ') }]
  // Comments hold what only Word shows.
  if (!isElement(node) || dropped.has(node.tagName) || isHidden(node)) return []
  switch (node.tagName) {
    case 'a':
      return cleanLink(node, place)
    case 'img':
      return cleanPicture(node)
    case 'ul':
    case 'ol':
      return cleanList(node, place)
    case 'li':
      return [element('div', clean(node.children, place))]
    case 'pre':
      return [cleanCode(node, place)]
    case 'input':
      return isCheckbox(node) ? [checkbox(node.properties.checked === true)] : []
    case 'table':
      return plainTable({ ...node, children: clean(node.children, place) })
    case 'br':
      if (attribute(node, 'className').includes('Apple-interchange-newline')) return []
      return [place.heading ? { type: 'text', value: ' ' } : element('br', [])]
    default:
      return cleanOther(node, place)
  }
}

const isHidden = (node: Element): boolean =>
  node.properties.hidden !== undefined ||
  attribute(node, 'ariaHidden') === 'true' ||
  stylesOf(node).get('display') === 'none' ||
  stylesOf(node).get('mso-hide') === 'all'

function cleanOther(node: Element, place: Place): Content[] {
  const styles = stylesOf(node)
  const named = undoesMark(styles) ? null : markOf(node.tagName)
  const styled = node.tagName === 'span' || node.tagName === 'font' ? marksOf(styles) : null
  const wanted: Marks = {
    // A heading is bold already.
    strong: !place.heading && (named === 'strong' || styled?.strong === true),
    emphasis: named === 'emphasis' || styled?.emphasis === true,
    strike: named === 'strike' || styled?.strike === true,
    code: styled?.code === true,
  }
  const level = wordHeading(node)
  const name = level ?? kept[node.tagName]
  const heading = place.heading || /^h[1-6]$/.test(name ?? '')
  const inner: Place = {
    ...place,
    heading,
    strong: place.strong || wanted.strong,
    emphasis: place.emphasis || wanted.emphasis,
    strike: place.strike || wanted.strike,
    code: place.code || wanted.code || name === 'code',
    language: languageOf(node) || place.language,
  }
  const children = clean(node.children, inner)
  if (name === undefined) return marked(children, wanted, place)
  if (name === 'code' && place.code) return children
  return [element(name, children, name === 'td' || name === 'th' ? cellProperties(node) : {})]
}

function markOf(name: string): keyof Marks | null {
  if (name === 'b' || name === 'strong') return 'strong'
  if (name === 'i' || name === 'em' || name === 'cite' || name === 'dfn') return 'emphasis'
  return name === 's' || name === 'del' || name === 'strike' ? 'strike' : null
}

/** Wraps nodes in those marks that do not hold there already. Marks around blanks or nothing are left out. */
function marked(children: ElementContent[], wanted: Marks, place: Place): Content[] {
  if (!children.some((child) => child.type !== 'text' || child.value.trim() !== '')) return children
  let nodes: Content[] = children
  if (wanted.code && !place.code && children.every((child) => child.type === 'text'))
    nodes = [element('code', nodes)]
  if (wanted.strike && !place.strike) nodes = [element('del', nodes)]
  if (wanted.emphasis && !place.emphasis) nodes = [element('em', nodes)]
  if (wanted.strong && !place.strong) nodes = [element('strong', nodes)]
  return nodes
}

/** Word's titles are paragraphs with a class. */
function wordHeading(node: Element): string | null {
  if (node.tagName !== 'p') return null
  const [, title, level] = /\bMso(?:(Title)|Heading([1-6]))\b/.exec(attribute(node, 'className')) ?? []
  return title ? 'h1' : level ? `h${level}` : null
}

function cellProperties({ properties }: Element): Element['properties'] {
  const { colSpan, rowSpan, align } = properties
  return { ...(colSpan ? { colSpan } : {}), ...(rowSpan ? { rowSpan } : {}), ...(align ? { align } : {}) }
}

function cleanLink(node: Element, place: Place): Content[] {
  const children = clean(node.children, place)
  const href = attribute(node, 'href').trim()
  const says = children.some((child) => child.type !== 'text' || child.value.trim() !== '')
  return says && /^(https?:\/\/|mailto:)\S+$/i.test(href) ? [element('a', children, { href })] : children
}

/** A picture on the web becomes its address, which nothing loads; any other one its description. */
function cleanPicture(node: Element): Content[] {
  const alt = attribute(node, 'alt').trim()
  const src = attribute(node, 'src')
  const tiny = [node.properties.width, node.properties.height].some(
    (size) => size !== undefined && Number(size) <= 2,
  )
  const isEmoji = /^\p{Extended_Pictographic}/u.test(alt)
  if (/^https?:\/\/\S+$/i.test(src) && !tiny && !isEmoji) return [element('img', [], { src, alt })]
  return alt && !tiny ? [{ type: 'text', value: alt }] : []
}

function cleanCode(node: Element, { language: around }: Place): Content {
  const text = codeText(node.children)
  const code = node.children.find((child) => isNamed(child, 'code'))
  const language = languageOf(node) || (isElement(code) && languageOf(code)) || around
  const className = language ? { className: [`language-${language}`] } : {}
  return element('pre', [element('code', [{ type: 'text', value: text }], className)])
}

const languageOf = (node: Element): string =>
  /\b(?:language|lang|highlight-source)-([\w+#-]+)/.exec(attribute(node, 'className'))?.[1] ?? ''

/** The lines of code: some pages break them by elements. */
function codeText(nodes: readonly Content[]): string {
  return nodes
    .map((node) => {
      if (node.type === 'text') return node.value
      if (!isElement(node) || dropped.has(node.tagName)) return ''
      if (node.tagName === 'br') return '\n'
      const text = codeText(node.children)
      return ['div', 'p', 'tr', 'li'].includes(node.tagName) && !text.endsWith('\n') ? `${text}\n` : text
    })
    .join('')
}

/** Google Docs puts a nested list beside its item, and a paragraph into each item. */
function cleanList(list: Element, place: Place): Content[] {
  const items: Element[] = []
  for (const child of list.children) {
    const last = items.at(-1)
    if (isNamed(child, 'li')) items.push(cleanItem(child, place))
    else if (isNamed(child, 'ul', 'ol') && last)
      last.children.push(...(cleanNode(child, place) as ElementContent[]))
    else {
      const content = cleanNode(child, place) as ElementContent[]
      if (content.some((node) => node.type !== 'text' || node.value.trim() !== ''))
        items.push(element('li', content))
    }
  }
  const start = Number(list.properties.start)
  const ordered = list.tagName === 'ol'
  return [element(list.tagName, items, ordered && Number.isSafeInteger(start) && start >= 0 ? { start } : {})]
}

function cleanItem(item: Element, place: Place): Element {
  const isTask = attribute(item, 'role') === 'checkbox'
  const own = isTask ? item.children.filter((child) => !isNamed(child, 'img')) : item.children
  const children = clean(own, place)
  const paragraphs = children.filter((child) => isNamed(child, 'p', 'div'))
  const flat =
    paragraphs.length === 1
      ? children.flatMap((child) => (isNamed(child, 'p', 'div') ? child.children : [child]))
      : children
  const box = isTask ? [checkbox(attribute(item, 'ariaChecked') === 'true'), blank] : []
  return element('li', [...box, ...flat])
}

const blank: Content = { type: 'text', value: ' ' }

const isCheckbox = (node: Element): boolean => node.properties.type === 'checkbox'

const checkbox = (checked: boolean): Element =>
  element('input', [], { type: 'checkbox', checked, disabled: true })
