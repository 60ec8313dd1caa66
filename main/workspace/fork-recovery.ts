import type { Clock } from '../base/environment'
import type { DocumentLog } from '../log/document-log'
import type { SharedDocument } from './shared-document'

/** How long a document is held open for the switch of a session, in ms. */
const patience = 120_000

/**
 * Keeps a log from discarding a part before the text built on it is known, where that may be own text: opens
 * the document in the background, awaits the switch, puts back and saves the missing text, and closes the
 * document.
 * Returns a function that stops it. Rule D9.
 */
export function recoverFork(options: {
  log: DocumentLog
  clock: Clock
  canWrite: () => boolean
  /** The document if it is open. */
  document: () => SharedDocument | null
  /** Opens it; rejects when it was removed or is closing. */
  open: () => Promise<SharedDocument>
}): () => void {
  const { log, clock, canWrite, document, open } = options
  let running = false
  let end = (): void => undefined

  const rescue = async (): Promise<void> => {
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

  // Also while the document closes: it stays until the log is closed.
  log.guardSwitches(() => !canWrite() || log.ownSessions().length === 0 || (document()?.isReady ?? false))
  const stopListening = log.onHeldBack(() => {
    if (running) return
    running = true
    rescue()
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
