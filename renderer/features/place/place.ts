import { foldedRanges } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import type { Place } from '../../../preload/contract/place'
import type { EditorFeature } from '../../editor/extension'
import { placeOf } from '../../editor/kept-editor'

/** Delay that gathers changes of the place, in ms. */
const gatherTime = 1_000

/** Reports where the person is in the text: at most once a second, and when the editor or the page goes. */
export function placeReports(report: (place: Place) => void): EditorFeature {
  let moved = (): void => undefined
  return {
    extension: EditorView.updateListener.of(({ startState, state }) => {
      if (foldedRanges(startState) !== foldedRanges(state)) moved()
    }),
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
