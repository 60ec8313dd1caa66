import type { KatexOptions } from 'katex'

/** Longest formula that is drawn, in UTF-16 code units. */
const longest = 2_000
/** Cells and lines of a formula that is drawn: each takes KaTeX many elements. */
const mostCells = 400
/** Formulas kept as they were drawn. */
const kept = 300
/** A formula could define a macro that grows without end within the bounds below. */
const definesMacros = /\\(?:[gex]?def|let|futurelet|global|long|(?:re)?newcommand|providecommand)(?![a-zA-Z])/

const bounds: KatexOptions = {
  output: 'html',
  throwOnError: true,
  strict: 'ignore',
  trust: false,
  maxExpand: 300,
  maxSize: 20,
}

/** A formula: its TeX, and whether it stands by itself. */
export interface Formula {
  readonly tex: string
  readonly display: boolean
}

/** The drawing of a formula, or why it has none, in plain words. */
export type Typeset = { readonly element: HTMLElement } | { readonly problem: string }

type Katex = typeof import('katex')
let katex: Katex | null = null
let loading: Promise<Katex> | null = null
const drawn = new Map<string, Typeset>()

/** Returns the drawing of a formula if it is at hand: it was drawn lately, or it cannot be drawn at all. */
export function typesetAtHand({ tex, display }: Formula): Typeset | null {
  const known = drawn.get(`${display} ${tex}`)
  if (known) return 'element' in known ? { element: copy(known.element) } : known
  if (tex.trim() === '') return { problem: 'This formula is empty.' }
  if (tex.length > longest) return { problem: 'This formula is too long to be drawn.' }
  if ((tex.match(/&|\\\\/g)?.length ?? 0) > mostCells)
    return { problem: 'This formula is too large to be drawn.' }
  return definesMacros.test(tex) ? { problem: 'Formulas cannot define commands here.' } : null
}

/** Draws a formula with KaTeX, which is loaded at the first one. Its style sheet is the window's. */
export async function typeset(formula: Formula): Promise<Typeset> {
  loading ??= import('katex')
  katex = await loading
  return typesetAtHand(formula) ?? draw(katex, formula)
}

function draw({ default: { render } }: Katex, { tex, display }: Formula): Typeset {
  const element = document.createElement('span')
  let typeset: Typeset = { element }
  try {
    render(tex, element, { ...bounds, displayMode: display })
    if (isHuge(element)) typeset = { problem: 'This formula is too large to be drawn.' }
  } catch (error) {
    typeset = { problem: problemOf(error) }
  }
  const [oldest] = drawn.keys()
  if (drawn.size >= kept && oldest !== undefined) drawn.delete(oldest)
  drawn.set(`${display} ${tex}`, typeset)
  return 'element' in typeset ? { element: copy(typeset.element) } : typeset
}

/** Elements of a drawn formula, and how deep they lie in each other: a page that is deeper brings Chromium down. */
const largest = { elements: 2_500, depth: 160 }

function isHuge(drawing: HTMLElement): boolean {
  if (drawing.getElementsByTagName('*').length > largest.elements) return true
  let level: Element[] = [drawing]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > largest.depth) return true
    level = level.flatMap(({ children }) => Array.from(children))
  }
  return false
}

const copy = (element: HTMLElement): HTMLElement => element.cloneNode(true) as HTMLElement

/** KaTeX's own words, without its name and without the TeX around the fault. */
function problemOf(error: unknown): string {
  const words =
    error instanceof Error ? /^KaTeX parse error: (.*?)(?: at (?:position|end)|$)/.exec(error.message) : null
  return words?.[1] ? `This formula cannot be drawn: ${words[1]}.` : 'This formula cannot be drawn.'
}
