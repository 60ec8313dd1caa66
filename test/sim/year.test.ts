import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Clock, systemEnvironment } from '../../main/base/environment'
import { startReplicaThread } from '../../main/document/replica-thread'
import { retention } from '../../main/log/snapshots/snapshot-store'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { ChildProgram } from '../support/child-program'
import { DiskProfile } from '../support/disk-profile'
import { waitFor } from '../support/lab/wait-for'
import { type Random, randomFrom } from '../support/random'
import { type StoredDocument, storedDocument } from '../support/stored-text'
import { YearTypist } from '../support/year-typist'

const soak = process.env.SWARMPAD_SOAK === '1'
/** Documents, sessions in the year, and keys in each; SWARMPAD_DOCUMENTS, _SESSIONS and _KEYS set others. */
const count = Number(process.env.SWARMPAD_DOCUMENTS ?? (soak ? 20 : 1))
const sessions = Number(process.env.SWARMPAD_SESSIONS ?? (soak ? 1_000 : 24))
const keys = Number(process.env.SWARMPAD_KEYS ?? (soak ? 2_000 : 300))
const samples = soak ? 5 : 2
const year = 365 * 24 * 3_600_000
/** Keys that go into a change: as many as are typed in a second alone, and one in company. */
const alone = 6
/** Of a hundred sessions so many are of both at once. */
const together = 30
/** Keys that one of two types before the other goes on. */
const turn = 20
const limit = 120_000
/** Changes that are always worth another snapshot after a month (T5). */
const worthSnapshot = 1_100

/**
 * Upper bounds at the end of the year, after the segments of the last month have been discarded;
 * per document, except for the disk.
 */
const bounds = {
  /** Bytes on the disk, in Automerge's own save(), and what a small profile takes anyway. */
  disk: 6,
  smallProfile: 8 * 1024 ** 2,
  /** Bytes for each change that were deleted, and that LevelDB has not come round to. */
  deleted: 40,
  /** Ms of a core until the text is on the screen and all of it is loaded, for each 1,000 changes, and for few. */
  loaded: 15,
  fewLoaded: 4_000,
  /** Bytes of memory for each change, and for few. */
  memory: 2_000,
  fewMemory: 200 * 1024 ** 2,
}

interface Opened {
  readonly toWorkspace: number
  readonly toText: number
  readonly toLoaded: number
  /** Ms of a core in all. */
  readonly cpu: number
  readonly before: number
  readonly after: number
  readonly length: number
}

/** The system's clock, some days ahead. */
const ahead = { span: 0 }
const clock: Clock = { ...systemEnvironment.clock, now: () => Date.now() + ahead.span }

let folder: string
let opener: ChildProgram
const people: DiskProfile[] = []
let part: () => void = () => undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-year-'))
  opener = await ChildProgram.from('test/sim/year-opening-child.ts')
})
afterAll(async () => {
  await stop()
  await opener.remove()
  await rm(folder, { recursive: true, force: true })
})

const profileOf = (person: number) => join(folder, `person-${person}`)
const start = async (): Promise<void> => {
  const startReplica = startReplicaThread(
    pathToFileURL(resolve('out/main/worker.js')),
    systemEnvironment.clock,
  )
  for (const person of [0, 1]) {
    const options = { directory: profileOf(person), name: `person ${person}`, clock, startReplica }
    people.push(await DiskProfile.open(options))
  }
  const [one, other] = people
  if (one && other) part = one.meet(other)
}
const stop = async (): Promise<void> => {
  part()
  for (const person of people.splice(0)) await person.close()
}
const loaded = (document: SharedDocument) => waitFor(limit, async () => !document.opened().status.loading)

const sizeOf = async (directory: string): Promise<number> => {
  let size = 0
  for (const name of await readdir(directory, { recursive: true })) {
    const found = await stat(join(directory, name))
    if (found.isFile()) size += found.size
  }
  return size
}

/** A shared document. */
interface Shared {
  readonly id: string
  readonly link: string
}

/** Ms spent on each part of the sessions so far. */
const spent = { typing: 0, opening: 0, settling: 0 }

async function timed<T>(name: keyof typeof spent, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  try {
    return await work()
  } finally {
    spent[name] += performance.now() - begun
  }
}

/** Makes the documents, which both people then have. */
async function shareAll(): Promise<Shared[]> {
  const shared: Shared[] = []
  for (let number = 0; number < count; number++) {
    const made = (await people[0]?.workspace.createDocument({ text: '# A year\n\n' })) ?? expect.fail()
    const link = await made.link('write')
    await people[1]?.workspace.keepDocument(link)
    await made.saved()
    shared.push({ id: made.id, link })
    await made.close()
  }
  return shared
}

/** One session of one or both people in a document, from opening to closing. */
async function session(number: number, id: string, random: Random): Promise<void> {
  const both = random.below(100) < together
  const writers = both ? [number % 2, 1 - (number % 2)] : [number % 2]
  const documents = await timed('opening', () => openFor(writers, id))
  await timed('typing', () => typeIn(documents, random))
  await timed('settling', async () => {
    for (const document of documents) await waitFor(limit, async () => !document.opened().status.unshared)
    for (const document of documents) await document.close()
  })
}

async function openFor(writers: readonly number[], id: string): Promise<SharedDocument[]> {
  const opened: SharedDocument[] = []
  for (const writer of writers) {
    const document = await people[writer]?.workspace.document(id)
    if (document) opened.push(document)
  }
  for (const document of opened) await loaded(document)
  return opened
}

/** Types the keys of a session, by turns where two people are at it. */
async function typeIn(documents: readonly SharedDocument[], random: Random): Promise<void> {
  const both = documents.length > 1
  const typists = documents.map(() => new YearTypist(random))
  for (let key = 0, at = 0; key < keys; key += turn, at = (at + 1) % documents.length) {
    const [document, typist] = [documents[at], typists[at]]
    if (!document || !typist) break
    if (both) typist.look()
    // Deletions by the other person may still be on their way.
    const spare = both ? 2 * turn : 0
    let length = Math.max(0, (await document.text()).length - spare)
    for (let index = 0; index < turn; index++) {
      const edit = typist.next(length)
      length += edit.insert.length - (edit.to - edit.from)
      await document.edit([edit])
      // Closes what was typed into a change.
      if (both || (key + index) % alone === alone - 1) void document.saved()
    }
    await document.saved()
  }
}

type Sizes = 'changes' | 'sessions' | 'segments' | 'segmentSize' | 'snapshotSize' | 'saved'
interface Sample extends Opened, Pick<StoredDocument, Sizes> {
  readonly disk: number
  readonly texts: readonly string[]
  /** Changes of the document that was opened, the largest. */
  readonly openedChanges: number
}

/** Measures copies of a profile, so that measuring changes nothing. */
async function sample(person: number, shared: readonly Shared[]): Promise<Sample> {
  const copy = join(folder, 'copy')
  await cp(profileOf(person), copy, { recursive: true })
  const disk = await sizeOf(copy)
  const all: StoredDocument[] = []
  for (const { link } of shared) all.push(await storedDocument(copy, link))
  await rm(copy, { recursive: true })
  const total = (name: Sizes) => all.reduce((sum, one) => sum + one[name], 0)
  const largest = all.reduce(
    (found, one, index) => (one.changes > (all[found]?.changes ?? 0) ? index : found),
    0,
  )
  await cp(profileOf(person), copy, { recursive: true })
  const child = opener.start(copy, shared[largest]?.id ?? '')
  await child.until(1)
  const opened = JSON.parse(child.lines[0] ?? '{}') as Opened
  await child.end()
  await rm(copy, { recursive: true })
  return {
    ...opened,
    disk,
    texts: all.map(({ text }) => text),
    openedChanges: all[largest]?.changes ?? 0,
    changes: total('changes'),
    sessions: total('sessions'),
    segments: total('segments'),
    segmentSize: total('segmentSize'),
    snapshotSize: total('snapshotSize'),
    saved: total('saved'),
  }
}

function show(when: string, one: Sample): void {
  const mega = (bytes: number) => Math.round((bytes / 1024 ** 2) * 10) / 10
  console.log(
    `${when}: ${one.texts.join('').length} characters, ${one.changes} changes of ${one.sessions} sessions; ` +
      `disk ${mega(one.disk)} MB (segments ${one.segments}, ${mega(one.segmentSize)} MB; snapshot ${mega(one.snapshotSize)} MB; ` +
      `Automerge's save() ${mega(one.saved)} MB); of the document with most changes, ${one.openedChanges}: profile ${one.toWorkspace} ms, text ${one.toText} ms, loaded ${one.toLoaded} ms, ${one.cpu} ms of a core; ` +
      `memory ${mega(one.before)} MB, with it open ${mega(one.after)} MB; ` +
      `so far typing ${Math.round(spent.typing / 1_000)} s, opening ${Math.round(spent.opening / 1_000)} s, settling ${Math.round(spent.settling / 1_000)} s`,
  )
}

/** A month later somebody types enough for another snapshot; a month after that each opens it, which makes it. */
async function twoMonthsLater(shared: readonly Shared[]): Promise<void> {
  ahead.span += retention
  for (const { id } of shared) {
    const last = (await people[0]?.workspace.document(id)) ?? expect.fail()
    await loaded(last)
    for (let key = 0; key < worthSnapshot; key++) {
      await last.edit([{ from: 0, to: 0, insert: 'x' }])
      void last.saved()
    }
    await last.saved()
    await waitFor(limit, async () => !last.opened().status.unshared)
    await last.close()
  }
  // A snapshot that is still being made would be of the month after.
  await stop()
  ahead.span += retention
  await start()
  for (const { id } of shared)
    for (const person of people) {
      const before = person.workspace.snapshotSize(id)
      const document = await person.workspace.document(id)
      await loaded(document)
      await waitFor(limit, async () => person.workspace.snapshotSize(id) !== before)
      await document.close()
    }
  await stop()
}

it(`${sessions} sessions of two people in a year, of ${keys} keys each, in ${count} document${count === 1 ? '' : 's'}, stay small and quick to open`, async () => {
  const random = randomFrom(9)
  await start()
  const shared = await shareAll()
  for (let number = 0; number < sessions; number++) {
    ahead.span += year / sessions
    const { id } = shared[number % count] ?? expect.fail()
    await session(number, id, random)
    if ((number + 1) % Math.ceil(sessions / samples) !== 0) continue
    await stop()
    show(`after ${number + 1} sessions`, await sample(0, shared))
    await start()
  }
  await twoMonthsLater(shared)
  const ends = [await sample(0, shared), await sample(1, shared)]
  for (const [person, end] of ends.entries()) show(`two months later, person ${person}`, end)
  for (const end of ends) {
    expect(end.texts).toEqual(ends[0]?.texts)
    expect(end.disk).toBeLessThan(
      bounds.smallProfile + bounds.disk * end.saved + bounds.deleted * end.changes,
    )
    expect(end.cpu).toBeLessThan(bounds.fewLoaded + (bounds.loaded * end.openedChanges) / 1_000)
    expect(end.after).toBeLessThan(bounds.fewMemory + bounds.memory * end.openedChanges)
  }
})
