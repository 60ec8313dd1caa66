import type { Text } from '@codemirror/state'
import type { EditorFeature } from '../../editor/extension'

/** Pause in typing, in ms, after which words are counted. */
const pause = 600

/** Reports how many words the text has: soon after it opens, and when typing pauses. */
export const wordCount = (report: (words: number) => void): EditorFeature => ({
  attach(view, session) {
    let timer = setTimeout(count, 0)
    function count(): void {
      report(countWords(view.state.doc))
    }
    const stop = session.on('text', () => {
      clearTimeout(timer)
      timer = setTimeout(count, pause)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  },
})

/** Returns the number of words in a text: runs of letters and digits, with marks, apostrophes and hyphens inside. */
export function countWords(doc: Text): number {
  let words = 0
  for (const line of doc.iterLines()) words += line.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu)?.length ?? 0
  return words
}
