import { afterEach, describe, expect, it, vi } from 'vitest'
import { SwarmpadError } from '../../../main/base/errors'
import { hex } from '../../../main/base/hex'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { logRanges, segmentKey } from '../../../main/log/format/store-keys'
import { defaultLimits, type QuotaLimits, sessionCharge } from '../../../main/log/quota'
import { SessionLog } from '../../../main/log/session-log'
import { Repo } from '../../../main/repo/repo'
import type { RepoDocument } from '../../../main/repo/repo-document'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import type { Range } from '../../../main/storage/store'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'
import { SimInternet, SimNetwork } from '../../support/sim-network'
import { keptTerms } from '../../support/terms'
import { collect } from '../log/fixture'

const random = randomFrom(71)
const clock = new ManualClock()
const environment = { clock, random: (size: number) => random.bytes(size) }
const identity = identityFromSeed(random.bytes(32))
const secret = Buffer.alloc(32, 5)
const steps = { secret: async () => secret, load: async () => undefined }
const newKeys = (): DocumentKeys => keysFromWrite(random.bytes(32))
const idOf = ({ documentId }: DocumentKeys): string => hex(documentId)
const latin1 = (key: Uint8Array): string => Buffer.from(key).toString('latin1')

const open: Repo[] = []
afterEach(async () => {
  for (const repo of open.splice(0)) await repo.close()
})

/** A store in which one document cannot be read, beside files that the database does not name. */
class TroubledStore extends MemoryStore {
  override readonly deleteUnknownFiles = vi.fn(async () => undefined)
  unreadable: Uint8Array | null = null

  override entries(range: Range): AsyncIterable<[Uint8Array, Uint8Array]> {
    if (this.unreadable && latin1(range.gte).includes(latin1(this.unreadable)))
      throw new SwarmpadError('STORE_DAMAGED', { part: 'database' })
    return super.entries(range)
  }
}

/** Opens a repo with some documents on a disk. */
async function start({
  documents,
  disk = new MemoryDisk(),
  store = new MemoryStore(disk),
  internet = new SimInternet({ clock, random }),
  limits = defaultLimits,
}: {
  documents: readonly DocumentKeys[]
  disk?: MemoryDisk
  store?: MemoryStore
  internet?: SimInternet
  limits?: QuotaLimits
}) {
  const network = new SimNetwork({ world: internet, name: latin1(random.bytes(8)) })
  const repo = new Repo({
    store,
    network,
    environment,
    limits,
    freeSpace: null,
    records: [],
    terms: (id) => {
      const keys = documents.find((known) => idOf(known) === id)
      if (!keys) throw new SwarmpadError('DOCUMENT_UNKNOWN', { by: 'library' })
      return keptTerms(keys, Buffer.alloc(32, 6))
    },
  })
  open.push(repo)
  await repo.open(steps)
  await network.open()
  return { repo, disk, network }
}

const newSession = (keys: DocumentKeys): SessionLog =>
  new SessionLog({ documentId: keys.documentId, keys, identity, name: 'Ada', environment })

/** Writes changes, a segment each; returns the session. */
async function write({ log }: RepoDocument, keys: DocumentKeys, count = 3): Promise<SessionLog> {
  const session = newSession(keys)
  for (let n = 0; n < count; n++)
    await log.append(session, [{ bytes: random.bytes(100), hash: random.bytes(32) }])
  return session
}

/** Names of a document's log records on a disk. */
function recordsOf(disk: MemoryDisk, { documentId }: DocumentKeys): string[] {
  const ranges = logRanges(documentId).map(({ gte, lt }) => [latin1(gte), latin1(lt)] as const)
  return [...disk.values.keys()].filter((name) => ranges.some(([from, to]) => name >= from && name < to))
}

/** Reads all of a log, which notices what is damaged. */
async function read(log: RepoDocument['log']): Promise<void> {
  await collect(log.all()).catch((error) => expect(error).toMatchObject({ code: 'STORE_DAMAGED' }))
}

/** Moves the clock on until `holds`, for at most a minute. */
async function until(holds: () => boolean): Promise<void> {
  for (let spent = 0; spent < 60_000 && !holds(); spent += 250) await clock.advance(250)
  expect(holds()).toBe(true)
}

describe('documents of a repo', () => {
  it('have one open log each, and are opened again only after it was closed', async () => {
    const keys = newKeys()
    const { repo } = await start({ documents: [keys] })
    const id = idOf(keys)
    const opened: RepoDocument[] = []
    repo.on('opened', (document) => opened.push(document))
    const [first, same] = await Promise.all([repo.keep(id), repo.keep(id)])
    expect(same).toBe(first)
    expect(opened).toEqual([first])

    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const dropped = repo.drop(id, () => held)
    await quiet()
    expect(repo.find(id)).toBeNull()
    let again: RepoDocument | null = null
    const reopened = repo.keep(id).then((document) => {
      again = document
    })
    // The end of a document can still write.
    await write(first, keys, 1)
    await quiet()
    expect(again).toBeNull()
    release()
    await dropped
    await reopened
    expect(again).toBe(repo.find(id))
    expect(again).not.toBe(first)
    expect(repo.find(id)?.log.vector.size).toBe(1)
  })

  it('are known by their ids, and none is opened once the repo is closed', async () => {
    const keys = newKeys()
    const { repo } = await start({ documents: [keys] })
    await expect(repo.keep('77'.repeat(32))).rejects.toMatchObject({ code: 'DOCUMENT_UNKNOWN' })
    const { log } = await repo.keep(idOf(keys))
    await repo.close()
    await expect(log.append(newSession(keys), [])).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(repo.keep('88'.repeat(32))).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('are forgotten with all their records, and no other is', async () => {
    const [gone, stays] = [newKeys(), newKeys()]
    const { repo, disk } = await start({ documents: [gone, stays] })
    for (const keys of [gone, stays]) await write(await repo.keep(idOf(keys)), keys)
    const before = recordsOf(disk, stays)
    expect(recordsOf(disk, gone).length).toBeGreaterThan(0)
    await repo.forget(gone.documentId)
    expect(recordsOf(disk, gone)).toEqual([])
    expect(recordsOf(disk, stays)).toEqual(before)
    expect(repo.find(idOf(gone))).toBeNull()
    // Its notes are gone too: nothing is missed when it comes again.
    expect((await repo.keep(idOf(gone))).log.isShort).toBe(false)
  })

  it('share one quota', async () => {
    const [one, two] = [newKeys(), newKeys()]
    const internet = new SimInternet({ clock, random })
    const limits = { ...defaultLimits, profile: sessionCharge + 1_000 }
    const [writer, { repo }] = [
      await start({ documents: [one, two], internet }),
      await start({ documents: [one, two], internet, limits }),
    ]
    const shortages: [id: string, cause: string | null][] = []
    repo.on('shortage', ({ document, shortage }) => shortages.push([document.id, shortage?.cause ?? null]))
    for (const keys of [one, two]) await repo.keep(idOf(keys))
    await write(await writer.repo.keep(idOf(one)), one, 20)
    // The one document took the room of the other.
    await until(() => repo.find(idOf(two))?.log.shortage?.cause === 'profile')
    expect(shortages.sort()).toEqual([idOf(one), idOf(two)].sort().map((id) => [id, 'profile']))
    repo.quota.setLimit(repo.quota.nextLimit)
    expect(repo.find(idOf(two))?.log.shortage).toBeNull()
    // A document that is dropped takes nothing from the others.
    await repo.drop(idOf(one))
    repo.quota.setLimit(1)
    expect(repo.quota.shortage).toBeNull()
  })
})

describe('a repo after damage (S15, S16)', () => {
  it('reconnects once to the peers, and what was damaged comes again', async () => {
    const keys = newKeys()
    const internet = new SimInternet({ clock, random })
    const writer = await start({ documents: [keys], internet })
    const { repo, disk } = await start({ documents: [keys], internet })
    const events: string[] = []
    for (const name of ['damaged', 'reconnected'] as const) repo.on(name, () => events.push(name))
    repo.on('repaired', ({ by }) => events.push(`repaired by ${by}`))
    const document = await repo.keep(idOf(keys))
    const { log, peers } = document
    const theirs = await writer.repo.keep(idOf(keys))
    const sessions = [await write(theirs, keys), await write(theirs, keys)].map(({ session }) => session)
    const isWhole = () => sessions.every((session) => log.vector.get(hex(session))?.tip === 3)
    await until(isWhole)

    for (const session of sessions) {
      const name = latin1(segmentKey(keys.documentId, session, 2))
      disk.values.set(name, Buffer.from(disk.values.get(name) ?? expect.fail()).fill(0, 100))
    }
    await read(log)
    await until(() => events.includes('damaged'))
    expect(document.peers).toBe(peers)
    await until(() => events.includes('repaired by others'))
    expect(isWhole()).toBe(true)
    expect(document.peers).not.toBe(peers)
    expect(events).toEqual(['damaged', 'reconnected', 'repaired by others'])
  })

  it('does not reconnect a document that is dropped, nor while it stops', async () => {
    const [dropped, kept] = [newKeys(), newKeys()]
    const { repo, disk } = await start({ documents: [dropped, kept] })
    const events: string[] = []
    repo.on('damaged', ({ id }) => events.push(`damaged ${id}`))
    repo.on('reconnected', ({ id }) => events.push(`reconnected ${id}`))
    for (const keys of [dropped, kept]) {
      // Of an earlier run: this process cannot write it again from memory.
      await write(await repo.keep(idOf(keys)), keys)
      await repo.drop(idOf(keys))
      const segments = recordsOf(disk, keys).filter((name) => name.startsWith('g'))
      for (const name of segments) disk.values.set(name, Buffer.alloc(10))
      await read((await repo.keep(idOf(keys))).log)
      await until(() => events.includes(`damaged ${idOf(keys)}`))
      if (keys === dropped) await repo.drop(idOf(keys))
      else repo.stop()
      await clock.advance(5_000)
    }
    expect(events).toEqual([dropped, kept].map((keys) => `damaged ${idOf(keys)}`))
  })

  it.each([
    { what: 'all logs were read', isRead: true, isAll: true },
    { what: 'a log could not be opened', isRead: false, isAll: true },
    { what: 'its user misses a document', isRead: true, isAll: false },
  ])('clears a suspect store only when all logs were read: $what', async ({ isRead, isAll }) => {
    const documents = [newKeys(), newKeys()]
    const { repo: before, disk } = await start({ documents })
    for (const keys of documents) await write(await before.keep(idOf(keys)), keys)
    await before.close()
    disk.suspect = true
    const store = new TroubledStore(disk)
    if (!isRead) store.unreadable = documents[1]?.documentId ?? expect.fail()
    const { repo } = await start({ documents, disk, store })
    const failed: string[] = []
    const found = await repo.keepAll(documents.map(idOf), {
      isWhole: true,
      onFailure: (id) => failed.push(id),
    })
    expect(failed).toEqual(isRead ? [] : [idOf(documents[1] ?? expect.fail())])
    const scrubbed = repo.scrub(isAll && (found?.isAll ?? false))
    let isDone = false
    void scrubbed.then(() => {
      isDone = true
    })
    await until(() => isDone)
    expect(disk.suspect).toBe(!(isRead && isAll))
  })
})

describe('files that the database does not name (S20)', () => {
  it.each([
    { what: 'are deleted when all logs are whole', trouble: 'none', isDeleted: true },
    { what: 'stay when a log holds less than was noted', trouble: 'lost', isDeleted: false },
    { what: 'stay when a log cannot be opened', trouble: 'unreadable', isDeleted: false },
    { what: 'stay when the rest of the store is not whole', trouble: 'elsewhere', isDeleted: false },
  ])('$what', async ({ trouble, isDeleted }) => {
    const documents = [newKeys(), newKeys()]
    const [keys = expect.fail()] = documents
    const { repo: before, disk } = await start({ documents })
    for (const one of documents) await write(await before.keep(idOf(one)), one)
    await before.close()
    if (trouble === 'lost') for (const name of recordsOf(disk, keys)) disk.values.delete(name)
    const store = new TroubledStore(disk)
    store.unreadable = trouble === 'unreadable' ? keys.documentId : null
    const { repo } = await start({ documents, disk, store })
    const failed: string[] = []
    const found = await repo.keepAll(documents.map(idOf), {
      isWhole: trouble !== 'elsewhere',
      onFailure: (id) => failed.push(id),
    })
    expect(found?.short).toEqual(trouble === 'lost' ? [idOf(keys)] : [])
    expect(failed).toEqual(trouble === 'unreadable' ? [idOf(keys)] : [])
    expect(found?.isAll).toBe(failed.length === 0)
    expect(store.deleteUnknownFiles).toHaveBeenCalledTimes(isDeleted ? 1 : 0)
  })

  it('stay when the repo is stopped before all logs are open', async () => {
    const documents = [newKeys(), newKeys()]
    const store = new TroubledStore()
    const { repo } = await start({ documents, store })
    repo.on('opened', () => repo.stop())
    const found = await repo.keepAll(documents.map(idOf), { isWhole: true, onFailure: expect.fail })
    expect(found).toBeNull()
    expect(documents.filter((each) => repo.find(idOf(each)))).toHaveLength(1)
    expect(store.deleteUnknownFiles).not.toHaveBeenCalled()
  })
})
