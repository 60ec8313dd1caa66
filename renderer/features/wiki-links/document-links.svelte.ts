import { DocInput } from '@codemirror/language'
import type { Text } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { markdownParser } from '../../../preload/text/markdown/grammar'
import { wikiLinkOf } from '../../../preload/text/markdown/wiki-link'
import type { EditorFeature, EditorSession } from '../../editor/extension'
import { TextReading } from '../../editor/text-reading'
import type { Target } from './wiki-links.svelte'

/** Maximum number of targets that are read. */
const most = 500

/** Keeps the links of a document in step with the editor; `of` returns them. */
export const documentLinks = (of: () => DocumentLinks): EditorFeature => ({
  attach: (view, session) => of().attach(view, session),
})

/** The documents and headings that the text of the document on screen links to. They are read while watched. */
export class DocumentLinks {
  /** Each once, in the order of the text; null until they were read. */
  targets = $state.raw<readonly Target[] | null>(null)
  private readonly reading = new TextReading<readonly Target[]>({
    read: readTargets,
    take: (targets) => (this.targets = targets),
    forget: () => (this.targets = null),
  })

  /** Follows an editor; the result ends it. */
  attach(view: EditorView, session: EditorSession): () => void {
    return this.reading.attach(view, session)
  }

  /** Reads the links from now on; the result stops it. */
  watch(): () => void {
    return this.reading.watch()
  }
}

/** Reads the targets of the links of a text, each once, at most 500. */
export function* readTargets(text: Text): Generator<void, Target[]> {
  const targets = new Map<string, Target>()
  const parse = markdownParser.startParse(new DocInput(text))
  let tree = parse.advance()
  for (; !tree; tree = parse.advance()) yield
  const source = { slice: (from?: number, to?: number) => text.sliceString(from ?? 0, to) }
  const cursor = tree.cursor()
  let nodes = 0
  do {
    if (cursor.name === 'WikiLink') {
      const { target, heading } = wikiLinkOf(cursor.node, source)
      targets.set(`${target}#${heading}`, { target, heading })
    }
    if (++nodes % 500 === 0) yield
  } while (cursor.next() && targets.size < most)
  return [...targets.values()]
}
