import type { Environment } from '../../../main/base/environment'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { type LoggedChange, SessionLog } from '../../../main/log/session-log'
import type { Store } from '../../../main/storage/store'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

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
