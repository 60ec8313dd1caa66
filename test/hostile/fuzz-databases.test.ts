import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../main/base/environment'
import { SwarmpadError } from '../../main/base/errors'
import { hex } from '../../main/base/hex'
import { MasterKey } from '../../main/profile/master-key'
import { LevelStore } from '../../main/storage/level-store'
import type { SharedDocument } from '../../main/workspace/shared-document'
import { Workspace } from '../../main/workspace/workspace'
import { duplexPair } from '../support/duplex-pair'
import { fuzzSeed, fuzzSlowly, mutated } from '../support/fuzz'
import { InlineReplicas } from '../support/inline-replica'
import { quiet } from '../support/manual-clock'
import { randomFrom } from '../support/random'
import { unplaced } from '../support/sim-network'
import { ManualNetwork } from '../unit/sync/world'

const { bytes: random } = randomFrom(fuzzSeed)
const environment = { ...systemEnvironment, random }
const wholeStore = { gte: Buffer.of(0), lt: Buffer.of(0xff) }

/** A profile at work, on a disk and with nobody there unless the test connects them. */
class Profile {
  readonly workspace: Workspace
  readonly network = new ManualNetwork(random(32))
  readonly notices: string[] = []
  private readonly replicas = new InlineReplicas(() => Date.now())

  constructor(directory: string) {
    const masterKey = new MasterKey({ directory, random })
    this.workspace = new Workspace({
      store: new LevelStore(join(directory, 'store')),
      network: this.network,
      environment,
      startReplica: this.replicas.start,
      masterKey: (begun) => masterKey.open(begun),
      name: 'Zoë',
    })
    this.workspace.on('notice', ({ message }) => this.notices.push(message))
  }

  async close(): Promise<void> {
    await this.workspace.close()
    this.replicas.freeAll()
  }
}

const unforeseen: unknown[] = []
const note = (error: unknown) => unforeseen.push(error)
let folder: string
let sound: string
/** The texts of the documents by their ids, as they were when the profile was closed. */
const texts = new Map<string, string>()
/** The database as it was at the end of each round. */
const older: string[] = []
let notes: Buffer
let rows: [key: Buffer, value: Buffer][]

beforeAll(async () => {
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-databases-'))
  sound = join(folder, 'sound')
  // Opened twice, so that the database has both a log and a table.
  for (const round of [1, 2]) {
    const mine = new Profile(sound)
    const other = new Profile(join(folder, `other ${round}`))
    await Promise.all([mine.workspace.open(), other.workspace.open()])
    const documents: SharedDocument[] = []
    if (round === 1)
      for (const name of ['one', 'two', 'three'])
        documents.push(await mine.workspace.createDocument({ text: `# ${name}\n\n${name.repeat(900)}\n` }))
    else for (const { id } of mine.workspace.summaries()) documents.push(await mine.workspace.document(id))
    for (const document of documents) {
      await document.edit([{ from: 0, to: 0, insert: `round ${round}: ` }])
      await document.saved()
    }
    const [first] = documents
    if (!first) throw new Error('no document')
    const theirs = await other.workspace.openDocument(await first.link('write'))
    const ends = duplexPair()
    const handshakeHash = random(64)
    for (const [index, { network }] of [mine, other].entries())
      network.emit('connection', {
        stream: ends[index] ?? ends[0],
        isInitiator: index === 0,
        remotePublicKey: (index === 0 ? other : mine).network.publicKey,
        handshakeHash,
        ...unplaced,
      })
    await theirs.whenSynced({ timeout: 120_000 })
    for (let n = 0; n < 3; n++) {
      await theirs.edit([{ from: 0, to: 0, insert: `theirs ${round}.${n} ` }])
      await theirs.saved()
    }
    await theirs.whenSynced({ timeout: 120_000 })
    await first.settled()
    for (const document of documents) texts.set(document.id, await document.text())
    await Promise.all([other.close(), mine.close()])
    const copy = join(folder, `older ${round}`)
    await cp(join(sound, 'store'), copy, { recursive: true })
    older.push(copy)
  }
  notes = await readFile(join(sound, 'store.notes'))
  rows = await readRows(sound)
})
afterEach(() => expect(unforeseen).toEqual([]))
afterAll(async () => {
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
  await rm(folder, { recursive: true })
})

async function readRows(directory: string): Promise<[Buffer, Buffer][]> {
  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const found: [Buffer, Buffer][] = []
  for await (const [key, value] of store.entries(wholeStore))
    found.push([Buffer.from(key), Buffer.from(value)])
  await store.close()
  return found
}

let copies = 0
/** A copy of the profile that is changed before it is used, and removed after. */
async function withCopy<T>(
  change: (directory: string) => Promise<void>,
  use: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = join(folder, `copy ${++copies}`)
  await cp(sound, directory, { recursive: true })
  try {
    await change(directory)
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** Result of opening a profile and each of its documents. */
interface Found {
  /** Why the profile was not opened. */
  readonly refused: SwarmpadError | null
  /** By document: its text, or the message shown in its place. */
  readonly documents: ReadonlyMap<string, { text: string; told: string | null }>
  readonly notices: readonly string[]
}

/** Opens a profile with the real code, reads all documents, and closes it. Anything but a SwarmpadError is thrown on. */
async function open(directory: string): Promise<Found> {
  const profile = new Profile(directory)
  const documents = new Map<string, { text: string; told: string | null }>()
  try {
    await profile.workspace.open()
  } catch (error) {
    if (!(error instanceof SwarmpadError)) throw error
    return { refused: error, documents, notices: [] }
  }
  for (const { id } of profile.workspace.summaries())
    try {
      const document = await profile.workspace.document(id)
      const problem = () => document.opened().status.problem
      const until = performance.now() + 20_000
      while (document.opened().status.loading && !problem() && performance.now() < until) await quiet(1)
      expect(document.opened().status.loading && !problem(), 'neither read nor told of').toBe(false)
      documents.set(id, { text: await document.text(), told: problem() })
    } catch (error) {
      if (!(error instanceof SwarmpadError)) throw error
      documents.set(id, { text: '', told: error.message })
    }
  await profile.close()
  return { refused: null, documents, notices: profile.notices }
}

/** True if a message tells a layperson that something is damaged, and what to do. */
const saysSo = (message: string): boolean =>
  /damaged|cannot be read|missing|changed/.test(message) && /backup|newer/.test(message)

describe('a profile whose database was changed', () => {
  it('as it was is read', async () => {
    const found = await withCopy(async () => undefined, open)
    expect([found.refused, found.notices]).toEqual([null, []])
    for (const [id, text] of texts) expect(found.documents.get(id)).toEqual({ text, told: null })
    expect(texts.size).toBe(3)
  })

  it('row by row: opens or says what is damaged, and the other documents are read', async () => {
    const place = fc.nat()
    const ways = fc.constantFrom('changed', 'changed', 'gone', 'swapped', 'put over')
    const all = rows.map(([, value]) => value)
    const tally = { read: 0, told: 0, refused: 0, silent: 0 }
    const silent = new Set<string>()
    await fuzzSlowly(110, fc.tuple(ways, place, place, mutated(all)), async ([way, a, b, { bytes, of }]) => {
      const [first, second] = [rows[way === 'changed' ? of : a % rows.length], rows[b % rows.length]]
      if (!first || !second) return
      const touched = way === 'swapped' ? [first, second] : [first]
      const found = await withCopy(async (directory) => {
        const store = new LevelStore(join(directory, 'store'))
        await store.open()
        const value = way === 'changed' ? bytes : way === 'gone' ? null : second[1]
        await store.write([
          { key: first[0], value },
          ...(way === 'swapped' ? [{ key: second[0], value: first[1] }] : []),
        ])
        await store.close()
      }, open)
      if (found.refused) {
        tally.refused++
        expect(found.refused.code).toBe('STORE_DAMAGED')
        expect(saysSo(found.refused.message), found.refused.message).toBe(true)
        return
      }
      // If the record of the person is damaged, a notice says so, and the documents still open.
      if (touched.some(([key]) => key[0] === 'p'.charCodeAt(0)))
        expect(found.notices.some((notice) => notice.includes('your name and key were in it'))).toBe(true)
      for (const [id, text] of texts) {
        const document = found.documents.get(id)
        const concerns = touched.filter(([key]) => hex(key.subarray(1, 33)) === id)
        if (concerns.length === 0)
          expect(document, `of another document: ${way}`).toEqual({ text, told: null })
        else if (document?.text === text && document.told === null) tally.read++
        else if (!document || document.told !== null) {
          tally.told++
          const told = document?.told ?? found.notices.find((notice) => notice.includes('cannot be shown'))
          // A record of the library that is gone as a whole leaves nothing that could be told of.
          if (!(way === 'gone' && first[0][0] === 'r'.charCodeAt(0)))
            expect(saysSo(told ?? ''), told ?? 'nothing').toBe(true)
        } else {
          tally.silent++
          for (const [key] of concerns) silent.add(`${way} ${String.fromCharCode(key[0] ?? 0)}`)
        }
      }
    })
    expect([...silent]).toEqual([])
    expect(tally.read).toBeGreaterThan(20)
    expect(tally.told).toBeGreaterThan(20)
  })

  it('file by file: opens or says what is damaged', async () => {
    const files = (await readdir(join(sound, 'store'))).filter((name) => !/^LOG|^LOCK$|^guard$/.test(name))
    const contents = await Promise.all(files.map((name) => readFile(join(sound, 'store', name))))
    expect(files.some((name) => name.endsWith('.ldb')) && files.some((name) => name.endsWith('.log'))).toBe(
      true,
    )
    const tally = { opened: 0, refused: 0 }
    await fuzzSlowly(
      60,
      fc.tuple(mutated(contents), fc.integer({ min: 0, max: 9 })),
      async ([{ bytes, of }, way]) => {
        const found = await withCopy(async (directory) => {
          const path = join(directory, 'store', files[of] ?? '')
          if (way === 0) await rm(path)
          else await writeFile(path, bytes)
        }, open)
        tally[found.refused ? 'refused' : 'opened']++
        // A damaged file costs only its unreadable rows, never the profile; a missing file may cost it.
        if (way !== 0) expect(found.refused).toBeNull()
        if (found.refused) {
          expect(found.refused.code).toBe('STORE_DAMAGED')
          expect(saysSo(found.refused.message), found.refused.message).toBe(true)
        }
        for (const { text, told } of found.documents.values())
          if (told !== null) expect(saysSo(told), told).toBe(true)
          else expect(text.length).toBeLessThan(10_000)
      },
    )
    expect(tally.opened).toBeGreaterThan(10)
    expect(tally.refused).toBeGreaterThan(2)
  })

  it('with the end of its log cut or zeroed: says so, or has all of it', async () => {
    const inside = older[1] ?? expect.fail()
    const name = (await readdir(inside)).find((one) => one.endsWith('.log')) ?? expect.fail()
    const log = await readFile(join(inside, name))
    const tally = { whole: 0, told: 0 }
    const cases = fc.tuple(fc.nat(log.length), fc.constantFrom('cut', 'zeroed', 'gone'), mutated([notes]))
    await fuzzSlowly(
      60,
      fc.tuple(cases, fc.integer({ min: 0, max: 4 })),
      async ([[at, way, changed], also]) => {
        const found = await withCopy(async (directory) => {
          await rm(join(directory, 'store'), { recursive: true })
          await cp(inside, join(directory, 'store'), { recursive: true })
          const path = join(directory, 'store', name)
          if (way === 'gone') await rm(path)
          else await writeFile(path, way === 'cut' ? log.subarray(0, at) : Buffer.from(log).fill(0, at))
          if (also === 0) await writeFile(join(directory, 'store.notes'), changed.bytes)
        }, open)
        expect(found.refused).toBeNull()
        // Without whole notes nothing is known of what is gone.
        if (also === 0) return
        const isWhole = [...texts].every(([id, text]) => {
          const { text: mine, told } = found.documents.get(id) ?? { text: null, told: null }
          return mine === text && told === null
        })
        tally[isWhole ? 'whole' : 'told']++
        if (isWhole) return
        for (const [id, text] of texts) {
          const document = found.documents.get(id)
          if (document?.told === null) expect(document.text).toBe(text)
        }
        expect(found.notices.some((notice) => /any more/.test(notice) && /backup/.test(notice))).toBe(true)
      },
    )
    expect(tally.told).toBeGreaterThan(10)
  })

  it('with an older list of its files: has all of it', async () => {
    const lists = await Promise.all(
      older.map(async (directory) => {
        const names = (await readdir(directory)).filter((name) => /^MANIFEST|^CURRENT/.test(name))
        return Promise.all(
          names.map(async (name) => ({ name, bytes: await readFile(join(directory, name)) })),
        )
      }),
    )
    for (const list of lists) {
      const found = await withCopy(async (directory) => {
        const inside = join(directory, 'store')
        for (const name of await readdir(inside))
          if (/^MANIFEST|^CURRENT/.test(name)) await rm(join(inside, name))
        for (const { name, bytes } of list) await writeFile(join(inside, name), bytes)
      }, open)
      expect(found.refused).toBeNull()
      for (const [id, text] of texts) expect(found.documents.get(id)).toEqual({ text, told: null })
    }
    expect(lists.length).toBe(2)
  })

  it('with the file of its key changed: says what is damaged, and leaves it as it is', async () => {
    const key = await readFile(join(sound, 'key'))
    await fuzzSlowly(20, mutated([key]), async ({ bytes }) => {
      await withCopy(
        (directory) => writeFile(join(directory, 'key'), bytes),
        async (directory) => {
          const { refused } = await open(directory)
          expect(refused === null).toBe(bytes.equals(key))
          if (refused) expect(saysSo(refused.message), refused.message).toBe(true)
          expect((await readFile(join(directory, 'key'))).equals(bytes)).toBe(true)
        },
      )
    })
  })
})
