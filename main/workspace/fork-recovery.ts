import type { Clock } from '../base/environment'
import type { DocumentLog } from '../log/document-log'
import type { SharedDocument } from './shared-document'

/** How long a document is held open for the switch of a session, in ms. */
const patience = 120_000

/**
 * Recovers own text when a log may not drop changes because no open document knows the text built on them: opens
 * the document in the background, awaits the switch to the other history, puts back and saves the missing text, and
 * closes the document. `mayDrop` tells if no own text would be lost; `open` rejects when the document was removed or is
 * closing. Returns a function that stops it. Rule D9.
 */
export function recoverFork({
  log,
  clock,
  mayDrop,
  open,
}: {
  log: DocumentLog
  clock: Clock
  mayDrop: () => boolean
  open: () => Promise<SharedDocument>
}): () => void {
  let running = false
  let end = (): void => undefined

  const recover = async (): Promise<void> => {
    const held = await open()
    try {
      await new Promise<void>((resolve) => {
        const timer = clock.set(patience, () => end())
        const stop = log.onCut(() => end())
        end = () => {
          clock.clear(timer)
          stop()
          resolve()
        }
      })
      await held.settled()
    } finally {
      await held.close()
    }
  }

  // Not removed: it guards until the log is closed, also while the document ends.
  log.guardSwitches(mayDrop)
  const stopListening = log.onHeldBack(() => {
    if (running) return
    running = true
    recover()
      // It was removed or closed meanwhile: the switch waits until it is opened again.
      .catch(() => undefined)
      .finally(() => {
        running = false
      })
  })
  return () => {
    stopListening()
    end()
  }
}
