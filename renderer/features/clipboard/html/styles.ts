import type { Element, ElementContent, RootContent } from 'hast'

/** A node inside of an element, or at the top. */
export type Content = ElementContent | RootContent

/** Inline marks that an element of a clipboard stands for. */
export interface Marks {
  readonly strong: boolean
  readonly emphasis: boolean
  readonly strike: boolean
  readonly code: boolean
}

/** True for an element; `isNamed` asks for its name too. */
export const isElement = (node: Content | undefined): node is Element => node?.type === 'element'

/** True for an element of one of these names. */
export const isNamed = (node: Content | undefined, ...names: readonly string[]): node is Element =>
  isElement(node) && names.includes(node.tagName)

/** Makes an element without attributes but these. */
export const element = (
  tagName: string,
  children: Content[],
  properties: Element['properties'] = {},
): Element => ({ type: 'element', tagName, properties, children: children as ElementContent[] })

/** Returns an attribute as text; '' without it. */
export function attribute(node: Element, name: string): string {
  const value = node.properties[name]
  return Array.isArray(value) ? value.join(' ') : value === null || value === undefined ? '' : String(value)
}

/** Returns the declarations of an element's style attribute, with names and values in small letters. */
export function stylesOf(node: Element): ReadonlyMap<string, string> {
  const face = attribute(node, 'face').toLowerCase()
  const styles = new Map<string, string>(face === '' ? [] : [['font-family', face]])
  for (const declaration of attribute(node, 'style').split(';')) {
    const colon = declaration.indexOf(':')
    if (colon > 0)
      styles.set(
        declaration.slice(0, colon).trim().toLowerCase(),
        declaration
          .slice(colon + 1)
          .trim()
          .toLowerCase(),
      )
  }
  return styles
}

/** Returns the marks that a style makes; office programs and Google Docs have no other. */
export function marksOf(styles: ReadonlyMap<string, string>): Marks {
  const decoration = `${styles.get('text-decoration') ?? ''} ${styles.get('text-decoration-line') ?? ''}`
  return {
    strong: isBold(styles),
    emphasis: /^(italic|oblique)/.test(styles.get('font-style') ?? ''),
    strike: decoration.includes('line-through'),
    code: /monospace|courier|consolas|menlo|monaco|\bmono\b/.test(styles.get('font-family') ?? ''),
  }
}

/** True if a style says that an element is not bold or italic although its name says so. */
export const undoesMark = (styles: ReadonlyMap<string, string>): boolean =>
  /^(normal|[1-5]00)$/.test(styles.get('font-weight') ?? '') || styles.get('font-style') === 'normal'

function isBold(styles: ReadonlyMap<string, string>): boolean {
  const weight = styles.get('font-weight') ?? ''
  return weight === 'bold' || weight === 'bolder' || Number(weight) >= 600
}

/** Returns the text inside of nodes. */
export const textIn = (nodes: readonly Content[]): string =>
  nodes
    .map((node) => (node.type === 'text' ? node.value : isElement(node) ? textIn(node.children) : ''))
    .join('')
