import { syntaxTree } from '@codemirror/language'
import type { EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import type { EditorFeature } from '../../editor/extension'
import { linkCards } from './link-card'
import { linkMotion } from './link-motion'
import { addressOf, urlOf } from './link-parts'

/** Returns the http, https or mailto address of the link at an offset, or null without one. */
export function linkAt(state: EditorState, position: number): string | null {
  for (const side of [-1, 1] as const) {
    for (let node = syntaxTree(state).resolveInner(position, side); ; ) {
      const url = urlOf(node)
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

/**
 * Opens links by a click with Ctrl or Command held, by a key or by their card. `open` gets the address; `openOther`
 * opens a link of another kind at an offset, and returns false without one.
 */
export function links(
  open: (url: string) => void,
  openOther: (view: EditorView, offset: number) => boolean,
): EditorFeature {
  const follow = (view: EditorView, position: number | null): boolean => {
    if (position === null) return false
    const url = linkAt(view.state, position)
    if (url) open(url)
    return url !== null || openOther(view, position)
  }
  return {
    extension: [
      EditorView.domEventHandlers({
        mousedown: (event, view) =>
          event.button === 0 && (event.ctrlKey || event.metaKey) && follow(view, offsetUnder(event, view)),
        mousemove: (event, view) => {
          view.dom.classList.toggle('follows-links', event.ctrlKey || event.metaKey)
          return false
        },
        keyup: (event, view) => {
          if (event.key === 'Control' || event.key === 'Meta') view.dom.classList.remove('follows-links')
          return false
        },
      }),
      linkCards(open),
      linkMotion,
    ],
    commands: {
      'open-link-at-caret': (view) => follow(view, view.state.selection.main.head),
    },
  }
}

/** The offset of the letter or chip under the pointer; null beside the text, where a line's last link is nearest. */
function offsetUnder({ clientX, clientY, target }: MouseEvent, view: EditorView): number | null {
  const offset = view.posAtCoords({ x: clientX, y: clientY })
  if (offset === null) return null
  if (target instanceof Element && target.closest('.md-picture, .md-target')) return offset
  const isOver = [offset - 1, offset].some((at) => {
    const rect = at < 0 ? null : view.coordsForChar(at)
    return rect && clientX >= rect.left && clientX <= rect.right
  })
  return isOver ? offset : null
}
