import { DocInput } from '@codemirror/language'
import type { Text } from '@codemirror/state'
import type { EditorView } from '@codemirror/view'
import { markdownParser } from '../../../preload/text/markdown/grammar'
import { wikiLinkOf } from '../../../preload/text/markdown/wiki-link'
import type { EditorFeature, EditorSession } from '../../editor/extension'
import type { Target } from './wiki-links.svelte'

/** Time from a change until links are read again, in ms. */
const pause = 400
/** Time for reading before the window is free again, in ms. */
const slice = 8
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
  private view: EditorView | null = null
  private isWatched = false
  /** Cancels the reading that is due or under way; null without one. */
  private cancel: (() => void) | null = null

  /** Follows an editor; the result ends it. */
  attach(view: EditorView, session: EditorSession): () => void {
    this.view = view
    this.request(0)
    const stop = session.on('text', () => this.request(pause))
    return () => {
      stop()
      this.stop()
      this.view = null
    }
  }

  /** Reads the links from now on; the result stops it. */
  watch(): () => void {
    this.isWatched = true
    this.request(0)
    return () => {
      this.isWatched = false
      this.stop()
      this.targets = null
    }
  }

  private request(ms: number): void {
    if (!this.isWatched || !this.view) return
    this.stop()
    this.cancel = later(ms, () => this.read())
  }

  private stop(): void {
    this.cancel?.()
    this.cancel = null
  }

  private read(): void {
    if (!this.view) return
    const steps = readTargets(this.view.state.doc)
    const go = (): void => {
      const end = performance.now() + slice
      let step = steps.next()
      while (!step.done && performance.now() < end) step = steps.next()
      this.cancel = step.done ? null : later(0, go)
      if (step.done) this.targets = step.value
    }
    go()
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

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
