import type { EditorFeature, OwnSelection } from './extension'
import { later, Throttle } from './throttle'

/** Interval at which a moving caret is sent to others, in ms. */
const interval = 80

/** Reports where this person's selection is, at most every 80 ms; null once the editor loses the focus. */
export const ownSelection = (report: (selection: OwnSelection) => void): EditorFeature => ({
  attach(view, session) {
    let last = ''
    const throttle = new Throttle(interval, later, () => {
      const selection = view.hasFocus ? session.selection() : null
      const json = JSON.stringify(selection)
      if (json === last) return
      last = json
      report(selection)
    })
    const request = (): void => throttle.request()
    const stop = session.on('selection', request)
    view.contentDOM.addEventListener('focus', request)
    view.contentDOM.addEventListener('blur', request)
    return () => {
      stop()
      throttle.stop()
      view.contentDOM.removeEventListener('focus', request)
      view.contentDOM.removeEventListener('blur', request)
    }
  },
})
