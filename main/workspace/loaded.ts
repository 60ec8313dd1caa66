import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'
import type { SharedDocument } from './shared-document'

/** How long a document may take to load when its whole text is needed, in ms. */
const loadLimit = 30_000

/** Resolves to true when a document is loaded: until then its text is the one last seen. To false after `limit` ms. */
export async function loadedWithin(clock: Clock, limit: number, document: SharedDocument): Promise<boolean> {
  let stop = (): void => undefined
  const loaded = new Promise<void>((resolve) => {
    const look = () => {
      if (!document.summary.loading) resolve()
    }
    stop = document.on('looked', look)
    look()
  })
  return within(clock, limit, loaded).finally(stop)
}

/** Resolves when a document is loaded. Rejects with DOCUMENT_UNREADY if it is not within 30 s. */
export async function loadedOrUnready(clock: Clock, document: SharedDocument): Promise<void> {
  if (!(await loadedWithin(clock, loadLimit, document))) throw new SwarmpadError('DOCUMENT_UNREADY')
}
