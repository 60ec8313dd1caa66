import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'
import type { OpenDocument } from '../document/open-document'
import type { DocumentSync } from '../sync/document-sync'
import { inSyncWith } from './document-status'

/**
 * Resolves when everything stored is in the text, and some peer and this computer hold the same. Rejects with
 * NOBODY_CAME after `timeout` ms.
 */
export async function whenSynced(options: {
  readonly clock: Clock
  readonly timeout: number
  readonly document: Pick<OpenDocument, 'settled' | 'isCurrent'>
  readonly peers: () => DocumentSync
  /** Calls the listener when the document or its peers may have changed; returns a function that stops. */
  readonly onChange: (listener: () => void) => () => void
}): Promise<void> {
  const { clock, timeout, document, peers, onChange } = options
  const until = clock.now() + timeout
  const inTime = async (work: Promise<void>): Promise<void> => {
    if (!(await within(clock, Math.max(0, until - clock.now()), work))) throw new SwarmpadError('NOBODY_CAME')
  }
  for (;;) {
    await inTime(document.settled())
    if (inSyncWith({ isCurrent: document.isCurrent, peers: peers().peers }).length > 0) return
    let stop = (): void => undefined
    const changed = new Promise<void>((resolve) => {
      stop = onChange(resolve)
    })
    await inTime(changed).finally(() => stop())
  }
}
