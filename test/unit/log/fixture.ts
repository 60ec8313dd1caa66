import type { Clock, Environment, Timer } from '../../../main/base/environment'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { type LoggedChange, SessionLog } from '../../../main/log/session-log'
import type { Store } from '../../../main/storage/store'
import { randomFrom } from '../../support/random'

/** A clock that stands until it is moved. */
export class ManualClock implements Clock {
  private time = 1_000_000
  private readonly timers = new Map<object, { at: number; run: () => void }>()

  now(): number {
    return this.time
  }

  uptime(): number {
    return this.time
  }

  set(delay: number, run: () => void): Timer {
    const timer = {}
    this.timers.set(timer, { at: this.time + delay, run })
    return timer
  }

  clear(timer: Timer): void {
    this.timers.delete(timer)
  }

  /** How long until the next timer fires, in ms; null when none is set. */
  get nextIn(): number | null {
    const times = [...this.timers.values()].map(({ at }) => at - this.time)
    return times.length > 0 ? Math.min(...times) : null
  }

  advance(ms: number): void {
    this.time += ms
    for (const [timer, { at, run }] of [...this.timers])
      if (at <= this.time) {
        this.timers.delete(timer)
        run()
      }
  }
}

/** A document with its keys, a seeded environment, and changes to log. */
export function fixture(seed = 1) {
  const random = randomFrom(seed)
  const clock = new ManualClock()
  const environment: Environment = { clock, random: (size) => random.bytes(size) }
  const keys = keysFromWrite(random.bytes(32))
  const identity = identityFromSeed(random.bytes(32))
  const change = (size = 100): LoggedChange => ({ bytes: random.bytes(size), hash: random.bytes(32) })
  return {
    random,
    clock,
    environment,
    keys,
    identity,
    change,
    /** A session of the document, with a fresh key. */
    session: (name = 'Ada', of: DocumentKeys = keys) =>
      new SessionLog({ documentId: of.documentId, keys: of, identity, name, environment }),
    /** An open log of the document in a store. */
    openLog: async (store: Store, of: DocumentKeys = keys) => {
      const log = new DocumentLog({ store, environment, documentId: of.documentId, verify: of.verify })
      await log.open()
      return log
    },
  }
}

/** Everything that an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** The code of the SwarmpadError that `run` throws; 'nothing' when it throws none; rethrows others. */
export function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.name === 'SwarmpadError') return String(error.code)
    throw error
  }
  return 'nothing'
}

/** A copy with one bit pattern changed. */
export function flipped(bytes: Uint8Array, place: number, mask = 0x01): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[place] = (copy[place] ?? 0) ^ mask
  return copy
}
