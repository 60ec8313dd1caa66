import { expect, vi } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { MemoryStore } from '../../../main/storage/memory-store'
import { fixture } from './fixture'
import { UnreliableStore } from './unreliable-store'

/** A fixture with an open log on a disk that can be made to fail. */
export const setUp = async (seed = 11) => {
  const parts = fixture(seed)
  const store = new UnreliableStore(new MemoryStore())
  return { ...parts, store, log: await parts.openLog(store) }
}

/** Waits, within a bound, until all that was accepted of a session is durable. */
export const durable = (
  log: { vector: ReadonlyMap<string, { tip: number }>; tip(session: string): number },
  id: string,
) => vi.waitFor(() => expect(log.vector.get(id)?.tip).toBe(log.tip(id)))

/** The code of the SwarmpadError that a promise rejects with; 'null' when it resolves. */
export const rejection = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  return error instanceof SwarmpadError ? error.code : String(error)
}
