import type { Clock } from '../base/environment'
import { SwarmpadError } from '../base/errors'
import { within } from '../base/timeout'

/**
 * Resolves when all that is stored is in the text and `isSynced` returns true. Rejects with NOBODY_CAME after
 * `timeout` ms.
 */
export async function whenSynced(options: {
  readonly clock: Clock
  readonly timeout: number
  /** Resolves when all edits so far are durable and everything stored is in the text. */
  readonly settled: () => Promise<void>
  readonly isSynced: () => boolean
  /** Calls the listener when `isSynced` may have changed; returns a function that stops. */
  readonly onChange: (listener: () => void) => () => void
}): Promise<void> {
  const { clock, timeout, settled, isSynced, onChange } = options
  const until = clock.now() + timeout
  const inTime = async (work: Promise<void>): Promise<void> => {
    if (!(await within(clock, Math.max(0, until - clock.now()), work))) throw new SwarmpadError('NOBODY_CAME')
  }
  for (;;) {
    await inTime(settled())
    if (isSynced()) return
    let stop = (): void => undefined
    const changed = new Promise<void>((resolve) => {
      stop = onChange(resolve)
    })
    await inTime(changed).finally(() => stop())
  }
}
