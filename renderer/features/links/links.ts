import { insertBlankLine } from '@codemirror/commands'
import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { addressOf } from './link-parts'

/** Returns the http, https or mailto address of the link at an offset, or null without one. */
export function linkAt(state: EditorState, position: number): string | null {
  for (const side of [-1, 1] as const) {
    for (let node = syntaxTree(state).resolveInner(position, side); ; ) {
      const url = node.name === 'URL' ? node : node.getChild('URL')
      if (url && ['URL', 'Link', 'Autolink', 'Image', 'LinkReference'].includes(node.name)) {
        const address = addressOf(state.sliceDoc(url.from, url.to))
        if (address) return address
      }
      if (!node.parent) break
      node = node.parent
    }
  }
  return null
}

/** Opens links by a click or Enter with Ctrl or Command held. `open` gets the address. */
export function links(open: (url: string) => void): EditorFeature {
  const follow = (state: EditorState, position: number | null): boolean => {
    const url = position === null ? null : linkAt(state, position)
    if (url) open(url)
    return url !== null
  }
  return {
    extension: EditorView.domEventHandlers({
      mousedown: (event, view) =>
        event.button === 0 &&
        (event.ctrlKey || event.metaKey) &&
        follow(view.state, view.posAtCoords({ x: event.clientX, y: event.clientY })),
      mousemove: (event, view) => {
        view.dom.classList.toggle('follows-links', event.ctrlKey || event.metaKey)
        return false
      },
      keyup: (event, view) => {
        if (event.key === 'Control' || event.key === 'Meta') view.dom.classList.remove('follows-links')
        return false
      },
    }),
    commands: {
      'open-link-at-caret': (view) =>
        follow(view.state, view.state.selection.main.head) || insertBlankLine(view),
    },
  }
}
