import { afterEach, expect } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { SessionLog } from '../../../main/log/session-log'
import { Repo } from '../../../main/repo/repo'
import { MemoryDisk } from '../../../main/storage/memory-store'
import { GatedStore } from '../../support/gated-store'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'
import { SimInternet, SimNetwork } from '../../support/sim-network'
import { keptTerms } from '../../support/terms'

/** One sequence for all repos of a file. */
export const random = randomFrom(54)
/** The clock of all repos. */
export const clock = new ManualClock()
const environment = { clock, random: (size: number) => random.bytes(size) }
const identity = identityFromSeed(random.bytes(32))
/** Returns the id of a document in hex. */
export const idOf = ({ documentId }: DocumentKeys): string => hex(documentId)
/** Returns a key as the disk in memory has it. */
export const latin1 = (key: Uint8Array): string => Buffer.from(key).toString('latin1')
/** Longer than a log that nothing needs stays open, in ms. */
export const restTime = 125_000
/** Longer than channels stay open without news, and logs after that, in ms. */
export const quietTime = 270_000

const open: Repo[] = []
afterEach(async () => {
  for (const repo of open.splice(0)) await repo.close()
})

/** A repo with its parts. */
export interface Started {
  readonly repo: Repo
  readonly disk: MemoryDisk
  readonly store: GatedStore
  readonly network: SimNetwork
  /** Documents that its user needs open. */
  readonly needed: Set<string>
  /** Held by a test: the answer of its user. */
  readonly mayRest: { until: Promise<void> }
}

/** Opens a repo that closes the logs that nothing needs. */
export async function start({
  keys,
  later = keys,
  disk = new MemoryDisk(),
  internet = new SimInternet({ clock, random }),
}: {
  keys: DocumentKeys
  /** A second document. */
  later?: DocumentKeys
  disk?: MemoryDisk
  internet?: SimInternet
}): Promise<Started> {
  const store = new GatedStore(disk)
  const network = new SimNetwork({ world: internet, name: latin1(random.bytes(8)) })
  const needed = new Set<string>()
  const mayRest = { until: Promise.resolve() }
  const seed = random.bytes(32)
  const repo = new Repo({
    store,
    network,
    environment,
    freeSpace: null,
    records: [],
    terms: (id) => {
      const kept = [keys, later].find((each) => idOf(each) === id)
      if (!kept) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'library' })
      return keptTerms(kept, seed)
    },
    mayRest: async (id) => {
      await mayRest.until
      return !needed.has(id)
    },
  })
  open.push(repo)
  await repo.open({ secret: async () => Buffer.alloc(32, 5), load: async () => undefined })
  await network.open()
  return { repo, disk, store, network, needed, mayRest }
}

/** Makes the keys of a document. */
export const newKeys = (): DocumentKeys => keysFromWrite(random.bytes(32))

/** Writes a change in a session of its own. */
export async function write({ repo }: Started, keys: DocumentKeys, count = 1): Promise<SessionLog> {
  const { log } = await repo.keep(idOf(keys))
  const { documentId } = keys
  const session = new SessionLog({ documentId, keys, identity, name: 'Ada', environment })
  for (let n = 0; n < count; n++)
    await log.append(session, [{ bytes: random.bytes(100), hash: random.bytes(32) }])
  return session
}

/** Returns true if the log of a document is open. */
export const isOpen = ({ repo }: Started, keys: DocumentKeys): boolean => repo.find(idOf(keys)) !== null

/** Moves the clock on until `holds`, for at most five minutes. */
export async function until(holds: () => boolean): Promise<void> {
  for (let spent = 0; spent < 300_000 && !holds(); spent += 250) await clock.advance(250)
  expect(holds()).toBe(true)
}

/** A repo that has received three changes, and the one whose they are. */
export async function received() {
  const keys = newKeys()
  const internet = new SimInternet({ clock, random })
  const writer = await start({ keys, internet })
  const reader = await start({ keys, internet })
  await reader.repo.keep(idOf(keys))
  const session = hex((await write(writer, keys, 3)).session)
  await until(() => reader.repo.find(idOf(keys))?.log.tip(session) === 3)
  return { keys, internet, writer, reader, session, id: idOf(keys) }
}
