import type { Clock } from './environment'

/**
 * Waits for work for at most `limit` ms. Resolves to true if it was done in that time, and rejects if it failed in
 * that time. Late work goes on; its result or failure is ignored.
 */
export function within(clock: Clock, limit: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = clock.set(limit, () => resolve(false))
    work.then(() => resolve(true), reject).finally(() => clock.clear(timer))
  })
}
