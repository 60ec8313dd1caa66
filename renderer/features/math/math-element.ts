import { type Formula, type Typeset, typeset, typesetAtHand } from './typeset'

/** Longest stretch in which formulas are drawn one after the other, in ms: keys and frames go first. */
const slice = 8

interface Waiting {
  readonly element: HTMLElement
  readonly formula: Formula
  readonly show: (typeset: Typeset) => void
}

const waiting: Waiting[] = []
let running = false

/**
 * Returns an element that shows a formula, its source with the dollars. A formula that was not drawn lately shows
 * its source for a moment; `drawn` is called when that is over, since the element changes its size.
 */
export function mathElement(source: string, display = false, drawn?: () => void): HTMLElement {
  const formula = { tex: texOf(source), display }
  const element = document.createElement(display ? 'div' : 'span')
  element.className = display ? 'math math-block' : 'math'
  element.setAttribute('role', 'math')
  element.setAttribute('aria-label', formula.tex)
  const known = typesetAtHand(formula)
  if (known) fill(element, source, known)
  else {
    element.textContent = source
    element.classList.add('math-waits')
    waiting.push({
      element,
      formula,
      show: (typeset) => {
        element.classList.remove('math-waits')
        fill(element, source, typeset)
        drawn?.()
      },
    })
    if (!running) void drawWaiting()
  }
  return element
}

function texOf(source: string): string {
  const text = source.trim()
  const mark = text.startsWith('$$') ? 2 : 1
  return text.slice(mark, text.length - mark).trim()
}

function fill(element: HTMLElement, source: string, typeset: Typeset): void {
  if ('element' in typeset) {
    element.replaceChildren(typeset.element)
    return
  }
  element.classList.add('math-problem')
  element.title = typeset.problem
  const text = document.createElement('span')
  text.className = 'math-source'
  text.textContent = source
  const note = document.createElement('span')
  note.className = 'math-note'
  note.textContent = typeset.problem
  element.replaceChildren(text, ...(element.classList.contains('math-block') ? [note] : []))
  element.setAttribute('aria-label', `${source.trim()} – ${typeset.problem}`)
}

async function drawWaiting(): Promise<void> {
  running = true
  // Those who asked put the elements in the page first.
  await new Promise((resolve) => setTimeout(resolve, 0))
  let start = performance.now()
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    // It has left the sight meanwhile, and is drawn in a new element when it comes back.
    if (!next.element.isConnected) continue
    next.show(await typeset(next.formula))
    if (performance.now() - start < slice) continue
    await new Promise((resolve) => setTimeout(resolve, 0))
    start = performance.now()
  }
  running = false
}
