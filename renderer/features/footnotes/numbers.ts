import { syntaxTree } from '@codemirror/language'
import type { EditorState, Text } from '@codemirror/state'
import type { Tree } from '@lezer/common'
import { longestLine } from '../live/lines'

/** A text with more places that look like references keeps the labels that are written. */
const maxCandidates = 2_000
/** The beginning of a reference and its label, as the grammar reads them. */
const beginning = /\[\^([^\s[\]^]{1,100})\]/g

interface Candidate {
  /** UTF-16 code units from the start of its part of the text. */
  readonly at: number
  /** In lower case. */
  readonly label: string
}

/** Candidates by the part of a text that has them: an edit leaves all other parts as they are. */
const candidates = new WeakMap<Text, readonly Candidate[]>()
const numbers = new WeakMap<Text, { readonly tree: Tree; readonly found: ReadonlyMap<string, number> }>()

/**
 * Returns the numbers of footnotes by their labels in lower case: 1 for the label that is referred to first. A label
 * without a reference has none, and so has every label of a text with too many places that look like references, such as
 * those in code.
 */
export function numbersOf(state: EditorState): ReadonlyMap<string, number> {
  const tree = syntaxTree(state)
  const known = numbers.get(state.doc)
  if (known?.tree === tree) return known.found
  const found = new Map<string, number>()
  let count = 0
  for (const { at, label } of candidatesIn(state.doc, 0)) {
    if (++count > maxCandidates) {
      found.clear()
      break
    }
    if (found.has(label)) continue
    // A candidate that is not parsed yet counts as a reference.
    if (at < tree.length && tree.resolveInner(at, 1).parent?.name !== 'FootnoteReference') continue
    found.set(label, found.size + 1)
  }
  numbers.set(state.doc, { tree, found })
  return found
}

function* candidatesIn(text: Text, start: number): Generator<Candidate, void> {
  if (text.children) {
    let at = start
    for (const part of text.children) {
      yield* candidatesIn(part, at)
      at += part.length + 1
    }
    return
  }
  let inPart = candidates.get(text)
  if (!inPart) {
    inPart = readPart(text)
    candidates.set(text, inPart)
  }
  for (const { at, label } of inPart) yield { at: start + at, label }
}

function readPart(text: Text): Candidate[] {
  const inPart: Candidate[] = []
  let from = 0
  for (const line of text.iterLines()) {
    if (line.length <= longestLine && line.includes('[^'))
      for (const { index, 1: label = '' } of line.matchAll(beginning))
        inPart.push({ at: from + index, label: label.toLowerCase() })
    from += line.length + 1
  }
  return inPart
}
