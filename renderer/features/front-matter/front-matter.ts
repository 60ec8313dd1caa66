import { syntaxTree } from '@codemirror/language'
import { Decoration, type EditorView, WidgetType } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { decorateSeen } from '../blocks/decorate-seen'
import { drawnBlocks } from '../blocks/drawn-blocks'
import { putCaret } from '../blocks/put-caret'

/** Names of properties that the line lists, and the longest front matter, in UTF-16 code units. */
const limits = { names: 6, length: 20_000 }

/** Front matter as one line, with the names of its properties. */
class Properties extends WidgetType {
  constructor(private readonly source: string) {
    super()
  }

  override eq(other: Properties): boolean {
    return other.source === this.source
  }

  override get estimatedHeight(): number {
    return 33
  }

  override toDOM(view: EditorView): HTMLElement {
    const line = document.createElement('div')
    line.className = 'properties'
    const title = document.createElement('span')
    title.className = 'properties-title'
    title.textContent = 'Properties'
    const names = namesIn(this.source)
    const shown = names.slice(0, limits.names).join(', ')
    line.append(title, names.length > limits.names ? `${shown}…` : shown)
    line.addEventListener('mousedown', (event) => {
      if (event.button !== 0) return
      event.preventDefault()
      putCaret(view, view.posAtDOM(line) + this.source.indexOf('\n') + 1)
    })
    return line
  }

  override ignoreEvent(): boolean {
    return true
  }
}

const namesIn = (source: string): string[] =>
  [...source.matchAll(/^([\w-]{1,40})[ \t]*:/gm)].map(([, name]) => name ?? '')

const quiet = Decoration.line({ class: 'properties-line', attributes: { spellcheck: 'false' } })

const quietLines = decorateSeen(({ state, viewport }, add) => {
  const first = syntaxTree(state).topNode.firstChild
  if (first?.name !== 'FrontMatter') return
  for (let at = viewport.from; at <= Math.min(first.to, viewport.to); at = state.doc.lineAt(at).to + 1)
    add(quiet.range(state.doc.lineAt(at).from))
})

/** Front matter: one line while the caret is outside, else quiet source. */
export const frontMatter: EditorFeature = {
  extension: [
    quietLines,
    drawnBlocks.of({
      node: 'FrontMatter',
      longest: limits.length,
      widget: (source) => (/\n---[ \t]*$/.test(source) ? new Properties(source) : null),
    }),
  ],
}
