import { foldedRanges } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import type { Place } from '../../../preload/contract/place'
import type { EditorFeature } from '../../editor/extension'
import { placeOf } from '../../editor/kept-editor'

/** Delay that gathers changes of the place, in ms. */
const gatherTime = 1_000

/**
 * Returns the caret to its place when the keyboard comes back otherwise than by the pointer: the browser puts it at the
 * beginning of the text after a dialog.
 */
function caretStays(): Extension {
  let isPressed = false
  return EditorView.domEventHandlers({
    mousedown: () => {
      isPressed = true
      // The focus comes with this event.
      setTimeout(() => (isPressed = false), 0)
      return false
    },
    focus: (_event, view) => {
      if (!isPressed) selectInPage(view)
      return false
    },
  })
}

/** Selects in the page what is selected in the editor, which the page does not tell in time. */
function selectInPage(view: EditorView): void {
  const { anchor, head } = view.state.selection.main
  const [start, end] = [view.domAtPos(anchor), view.domAtPos(head)]
  document.getSelection()?.setBaseAndExtent(start.node, start.offset, end.node, end.offset)
}

/** Reports where the person is in the text: at most once a second, and when the editor or the page goes. */
export function placeReports(report: (place: Place) => void): EditorFeature {
  let moved = (): void => undefined
  return {
    extension: [
      caretStays(),
      EditorView.updateListener.of(({ startState, state }) => {
        if (foldedRanges(startState) !== foldedRanges(state)) moved()
      }),
    ],
    attach(view, session) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const tell = (): void => {
        clearTimeout(timer)
        timer = undefined
        report(placeOf(view))
      }
      moved = () => {
        timer ??= setTimeout(tell, gatherTime)
      }
      const stops = [session.on('text', moved), session.on('selection', moved)]
      view.scrollDOM.addEventListener('scroll', moved, { passive: true })
      window.addEventListener('pagehide', tell)
      return () => {
        for (const stop of stops) stop()
        view.scrollDOM.removeEventListener('scroll', moved)
        window.removeEventListener('pagehide', tell)
        moved = () => undefined
        tell()
      }
    },
  }
}
