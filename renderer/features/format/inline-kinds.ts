/** The formats of words that a key switches on and off. */
export type InlineKind = 'bold' | 'italic' | 'code' | 'strike' | 'highlight'

/** How Markdown writes a format. */
interface InlineSyntax {
  /** Name of the element in the syntax tree. */
  readonly node: string
  /** Marks that enclose it; the later ones are for places where the first would not be read as meant. */
  readonly marks: readonly string[]
}

/** The Markdown of each format. */
export const inlineKinds: Readonly<Record<InlineKind, InlineSyntax>> = {
  bold: { node: 'StrongEmphasis', marks: ['**', '__'] },
  italic: { node: 'Emphasis', marks: ['*', '_'] },
  code: { node: 'InlineCode', marks: ['`'] },
  strike: { node: 'Strikethrough', marks: ['~~'] },
  highlight: { node: 'Highlight', marks: ['=='] },
}

const kindsByNode = new Map(
  (Object.keys(inlineKinds) as InlineKind[]).map((kind) => [inlineKinds[kind].node, kind]),
)

/** Returns the format that an element gives; null if it gives no format. */
export const kindOfNode = (name: string): InlineKind | null => kindsByNode.get(name) ?? null
