import type { Clock } from './environment'

/**
 * Waits for work, for at most `limit` ms. Resolves to whether it was done in time; rejects as the work does in that
 * time. Work that is late goes on, and nobody hears what becomes of it.
 */
export function within(clock: Clock, limit: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = clock.set(limit, () => resolve(false))
    work.then(() => resolve(true), reject).finally(() => clock.clear(timer))
  })
}
