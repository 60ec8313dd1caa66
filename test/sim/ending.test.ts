import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SwarmpadError } from '../../main/base/errors'
import type { StartReplica } from '../../main/document/replica-thread'
import { MemoryDisk, MemoryStore } from '../../main/storage/memory-store'
import type { Write } from '../../main/storage/store'
import { OpenDocuments } from '../../main/workspace/open-documents'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { Workspace } from '../../main/workspace/workspace'
import { errorWords } from '../../preload/messages/errors'
import { Cluster } from '../support/cluster'
import { InlineReplicas } from '../support/inline-replica'
import { inlineSearch } from '../support/inline-search'
import { ManualClock, quiet } from '../support/manual-clock'
import { type Random, randomFrom } from '../support/random'
import { SimInternet, SimNetwork } from '../support/sim-network'

/** A store whose writes are never answered while it hangs, and take so many ms else. */
class HangingStore extends MemoryStore {
  hangs = false
  delay = 0

  override async write(writes: readonly Write[]): Promise<void> {
    if (this.hangs) await new Promise(() => undefined)
    if (this.delay > 0) await new Promise<void>((resolve) => clock.set(this.delay, resolve))
    return super.write(writes)
  }
}

/** Outcome of a promise. */
interface Outcome {
  state: 'waits' | 'resolved' | 'rejected'
  value: unknown
  error: unknown
}

function outcomeOf(work: Promise<unknown>): Outcome {
  const outcome: Outcome = { state: 'waits', value: null, error: null }
  work.then(
    (value) => Object.assign(outcome, { state: 'resolved', value }),
    (error) => Object.assign(outcome, { state: 'rejected', error }),
  )
  return outcome
}

let clock: ManualClock
let random: Random
let disk: MemoryDisk
let store: HangingStore
let replicas: InlineReplicas
let workspace: Workspace
/** Replicas never answer from now on. */
let silent = false
/** Replicas make changes from now on that no segment can hold. */
let huge = false

const startReplica: StartReplica = (listener) => {
  if (silent) return { post: () => undefined, stop: () => undefined, leave: () => undefined }
  return replicas.start({
    ...listener,
    onMessage: (message) => {
      if (!huge || message.type !== 'change') return listener.onMessage(message)
      const changes = message.changes.map((change) => ({ ...change, bytes: random.bytes(1 << 20) }))
      listener.onMessage({ ...message, changes })
    },
  })
}

async function open(): Promise<void> {
  store = new HangingStore(disk)
  workspace = new Workspace({
    environment: { clock, random: (size) => random.bytes(size) },
    store,
    network: new SimNetwork({ world: new SimInternet({ clock, random }), name: 'ada' }),
    startReplica,
    startSearch: inlineSearch,
    masterKey: async () => Buffer.alloc(32, 7),
    name: 'Ada',
  })
  await workspace.open()
}

beforeEach(async () => {
  silent = huge = false
  clock = new ManualClock()
  random = randomFrom(1)
  disk = new MemoryDisk()
  replicas = new InlineReplicas(() => clock.now())
  await open()
})
afterEach(async () => {
  disk.full = false
  const closed = outcomeOf(workspace.close())
  for (let waited = 0; closed.state === 'waits' && waited < 200; waited++) await clock.advance(1_000)
  replicas.freeAll()
})

/** Lets time pass until something is settled; returns after how many ms, to the half second. */
async function settled(outcome: Outcome, limit: number): Promise<number> {
  let waited = 0
  for (; outcome.state === 'waits' && waited < limit; waited += 500) await clock.advance(500)
  return waited
}

/** A document that is read and holds 'kept'. */
async function begun(): Promise<SharedDocument> {
  const document = await workspace.createDocument()
  await clock.advance(1_000)
  await type(document, 'kept')
  await clock.advance(2_000)
  expect(document.unsavedEdits).toBe(0)
  return document
}

const type = async (document: SharedDocument, insert: string) =>
  document.edit([{ from: (await document.text()).length, to: (await document.text()).length, insert }])

const statusOf = (document: SharedDocument) => document.opened().status

function stopReading(): void {
  silent = true
  replicas.killAll()
}

const diskWords = errorWords(new SwarmpadError('STORE_WRITE_FAILED', { what: 'database' }))

const wordsOf = (error: unknown): string =>
  error instanceof SwarmpadError ? errorWords(error) : expect.fail('no error of this program')

/** Ways in which nothing can be saved any more, and how the status says so. */
const obstacles: [string, () => void, string][] = [
  ['the disk refuses', () => Object.assign(disk, { full: true }), diskWords],
  ['the log cannot hold what was written', () => (huge = true), 'This document can take no more.'],
  ['the disk does not answer', () => (store.hangs = true), 'Saving takes unusually long'],
]

describe.each(obstacles)('while %s, for ever', (_name, begin, reason) => {
  it('the status says that it is not saved and why, and never that it is', async () => {
    const document = await begun()
    begin()
    await type(document, ' more')
    await clock.advance(25_000)
    const { savedVersion, unsaved } = statusOf(document)
    expect(savedVersion).toBeLessThan(document.version)
    expect(unsaved?.slice(0, reason.length)).toBe(reason)
    expect(document.unsavedEdits).toBe(1)
    const asked = outcomeOf(workspace.unsaved(3_000))
    expect(await settled(asked, 10_000)).toBeLessThanOrEqual(3_500)
    expect(asked.value).toEqual([expect.stringMatching(/^kept/)])
    const unshared = outcomeOf(workspace.unshared())
    await settled(unshared, 10_000)
    expect(unshared.state).toBe('resolved')
  })

  it('a document that is closed says so within 10 s, and keeps its words', async () => {
    const document = await begun()
    begin()
    await type(document, ' more')
    const closed = outcomeOf(document.close())
    expect(await settled(closed, 60_000)).toBeLessThanOrEqual(10_500)
    expect(closed.error).toMatchObject({ code: 'NOT_SAVED' })
    expect(wordsOf(closed.error)).toBe('1 edit could not be saved on this computer.')
    expect(await (await workspace.document(document.id)).text()).toBe('kept more')
  })

  it('the workspace closes within its limit, and says how much was not saved', async () => {
    const document = await begun()
    const other = await workspace.createDocument()
    await clock.advance(1_000)
    begin()
    await type(document, ' more')
    await type(other, 'One')
    await clock.advance(3_000)
    await type(other, ' two')
    const saved = outcomeOf(document.saved())
    const closed = outcomeOf(workspace.close({ limit: 4_000 }))
    // A disk that does not answer is abandoned later than one that refuses.
    expect(await settled(closed, 120_000)).toBeLessThanOrEqual(store.hangs ? 75_000 : 5_000)
    expect(closed.error).toMatchObject({ code: 'NOT_SAVED' })
    expect(wordsOf(closed.error)).toBe('3 edits in 2 documents could not be saved on this computer.')
    // The edits are never reported as saved.
    await quiet()
    expect(saved).toMatchObject({ state: 'rejected', error: { code: 'NOT_SAVED' } })
  })
})

describe('while the document is never read, for ever', () => {
  it('what is typed is saved all the same, and all ends within its limit', async () => {
    const document = await begun()
    stopReading()
    await type(document, ' more')
    await clock.advance(5_000)
    expect(statusOf(document)).toMatchObject({ savedVersion: document.version, unsaved: null, inSyncWith: 0 })
    const closed = outcomeOf(document.close())
    expect(await settled(closed, 60_000)).toBeLessThanOrEqual(20_500)
    expect(closed.state).toBe('resolved')
    const again = await workspace.document(document.id)
    expect(await again.text()).toBe('kept more')
    await type(again, '!')
    const ended = outcomeOf(workspace.close({ limit: 4_000 }))
    expect(await settled(ended, 120_000)).toBeLessThanOrEqual(5_000)
    expect(ended.state).toBe('resolved')
    silent = false
    await open()
    expect(await (await workspace.document(document.id)).text()).toBe('kept more!')
  })
})

describe('a disk that takes a minute for each write', () => {
  it('lets a document that was closed be opened again once it is closed, and blocks nothing until then', async () => {
    const document = await begun()
    store.delay = 60_000
    const closed = outcomeOf(document.close())
    expect(await settled(closed, 60_000)).toBeLessThanOrEqual(10_500)
    const { keep } = OpenDocuments.prototype
    let attempts = 0
    vi.spyOn(OpenDocuments.prototype, 'keep').mockImplementation(function (this: OpenDocuments, id) {
      if (++attempts > 10) throw new Error('an endless loop')
      return keep.call(this, id)
    })
    const again = outcomeOf(workspace.document(document.id))
    await settled(again, 120_000)
    vi.restoreAllMocks()
    store.delay = 0
    expect(again).toMatchObject({ state: 'resolved', error: null })
    expect(await (again.value as SharedDocument).text()).toBe('kept')
  })
})

describe('a disk that refuses for a while', () => {
  it('doubles no words that the journal has, when their document is closed and opened again meanwhile', async () => {
    const document = await begun()
    replicas.hold()
    await type(document, ' more')
    await clock.advance(1_000)
    expect(document.unsavedEdits).toBe(0)
    disk.full = true
    replicas.release()
    await clock.advance(1_000)
    const closed = outcomeOf(document.close())
    await settled(closed, 60_000)
    expect(closed).toMatchObject({ state: 'resolved', error: null })
    const again = await workspace.document(document.id)
    expect(await again.text()).toBe('kept more')
    await clock.advance(5_000)
    disk.full = false
    await clock.advance(60_000)
    expect(await again.text()).toBe('kept more')
    const ended = outcomeOf(workspace.close())
    await settled(ended, 60_000)
    await open()
    const last = await workspace.document(document.id)
    await clock.advance(5_000)
    expect(await last.text()).toBe('kept more')
  })

  it('ends a document that was closed meanwhile once it is saved', async () => {
    const document = await begun()
    disk.full = true
    await type(document, ' more')
    const closed = outcomeOf(document.close())
    await settled(closed, 60_000)
    expect(closed.error).toMatchObject({ code: 'NOT_SAVED' })
    disk.full = false
    await clock.advance(15_000)
    expect(document.ended).not.toBeNull()
    await expect(document.edit([{ from: 0, to: 0, insert: 'x' }])).rejects.toMatchObject({ code: 'CLOSED' })
    expect(await (await workspace.document(document.id)).text()).toBe('kept more')
  })

  it('is told of once each time, however much is typed, and as an error too', async () => {
    const document = await begun()
    const notices: string[] = []
    const errors: string[] = []
    workspace.on('notice', ({ message }) => notices.push(message))
    document.on('error', ({ message }) => errors.push(message))
    for (const episode of [1, 2]) {
      disk.full = true
      for (let key = 0; key < 60; key++) {
        await type(document, 'x')
        await clock.advance(500)
        // Something else about the document changes meanwhile.
        if (key % 20 === 10) workspace.setOffline(key === 10).catch(() => undefined)
      }
      expect(notices).toHaveLength(episode)
      expect(errors).toHaveLength(episode)
      disk.full = false
      await clock.advance(60_000)
      expect(document.unsavedEdits).toBe(0)
    }
    expect(new Set(notices)).toEqual(new Set([diskWords]))
    const start = `What was typed last is not saved. ${diskWords}`
    expect(errors[0]?.slice(0, start.length)).toBe(start)
  })

  it('does not lose the title and text that it kept from being written down', async () => {
    const document = await begun()
    await clock.advance(60_000)
    disk.full = true
    await type(document, ' words')
    await clock.advance(35_000)
    disk.full = false
    await clock.advance(60_000)
    // Closing would write them down too.
    store.crash()
    replicas.freeAll()
    silent = true
    await open()
    expect(workspace.documents()).toMatchObject([{ title: 'kept words' }])
    expect(await (await workspace.document(document.id)).text()).toBe('kept words')
  })

  it('keeps a document in the library while words in it would be gone with it', async () => {
    const document = await begun()
    disk.full = true
    await type(document, ' more')
    const removed = outcomeOf(workspace.removeDocuments([document.id]))
    await settled(removed, 60_000)
    expect(removed.error).toMatchObject({ code: 'NOT_SAVED' })
    disk.full = false
    await clock.advance(15_000)
    const again = outcomeOf(workspace.removeDocuments([document.id]))
    await settled(again, 60_000)
    expect(again.state).toBe('resolved')
    expect(workspace.documents()).toEqual([])
  })

  it('leaves its last words out of a backup, which says so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swarmpad-ending-'))
    try {
      const document = await begun()
      huge = true
      await type(document, ' more')
      await clock.advance(2_000)
      const path = join(folder, 'backup')
      const made = outcomeOf(workspace.backups.make({ path, passphrase: 'a garden in may', id: document.id }))
      // The passphrase takes real time.
      await vi.waitFor(async () => {
        await clock.advance(500)
        expect(made.state).toBe('resolved')
      }, 60_000)
      expect(made.value).toEqual({ documents: 1, damaged: [], unsaved: ['kept more'] })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

it('who types without a pause is never told that saving takes long', async () => {
  const document = await begun()
  const told: unknown[] = []
  document.on('looked', () => told.push(statusOf(document).unsaved))
  // Slower than typing: all of it is never saved at once.
  store.delay = 1_500
  for (let key = 0; key < 200; key++) {
    await type(document, 'x')
    await clock.advance(150)
    if (key > 0) expect(document.unsavedEdits).toBeGreaterThan(0)
  }
  expect(told.length).toBeGreaterThan(20)
  expect(new Set(told)).toEqual(new Set([null]))
  store.delay = 0
})

it('who waits for what can never be saved is told so at once', async () => {
  const document = await begun()
  huge = true
  await type(document, ' more')
  const saved = outcomeOf(document.saved())
  expect(await settled(saved, 30_000)).toBeLessThanOrEqual(2_000)
  expect(saved).toMatchObject({ state: 'rejected', error: { code: 'NOT_SAVED' } })
})

it('nobody is in sync with what is not saved', async () => {
  const cluster = new Cluster(3, 2)
  await cluster.open('kept ')
  await cluster.settle()
  const synced: number[] = []
  cluster.cut(0, 1)
  cluster.fillDisk(0)
  await cluster.type(0, 'mine')
  await cluster.wait(5_000)
  const document = cluster.document(0)
  document.on('synced', ({ peers }) => synced.push(peers))
  cluster.heal(0, 1)
  await cluster.until(async () => document.opened().status.inSyncWith > 0, 60_000)
  expect(synced).toEqual([])
  cluster.freeDisk(0)
  await cluster.settle()
  await cluster.until(async () => synced.length > 0, 60_000)
  expect(synced).toEqual([1])
  await cluster.close()
})
