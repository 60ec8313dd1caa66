import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SwarmpadError } from '../../main/base/errors'
import { hex } from '../../main/base/hex'
import { LevelStore } from '../../main/storage/level-store'
import { errorWords } from '../../preload/messages/errors'
import { fuzzSlowly, mutated } from '../support/fuzz'
import { type Found, openAndRead, SoundProfile, saysSo } from './sound-profile'

const wholeStore = { gte: Buffer.of(0), lt: Buffer.of(0xff) }

const unforeseen: unknown[] = []
const note = (error: unknown) => unforeseen.push(error)
let profile: SoundProfile
let notes: Buffer
let rows: [key: Buffer, value: Buffer][]

beforeAll(async () => {
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
  profile = await SoundProfile.create()
  notes = await readFile(join(profile.directory, 'store.notes'))
  rows = await readRows(profile.directory)
})
afterEach(() => expect(unforeseen).toEqual([]))
afterAll(async () => {
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
  await profile.remove()
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

const rowWays = ['changed', 'changed', 'gone', 'swapped', 'put over'] as const

/** A way to change rows, and the values written for it by key; null deletes. */
interface RowChange {
  readonly way: (typeof rowWays)[number]
  readonly written: readonly (readonly [key: Buffer, value: Buffer | null])[]
}

/** Documents concerned by a change: those read all the same, those reported, and changes not noticed. */
interface Counts {
  read: number
  told: number
  readonly silent: Set<string>
}

const startsWith = (key: Buffer, letter: string): boolean => key[0] === letter.charCodeAt(0)

function expectRefusal(error: SwarmpadError): void {
  expect(error.code).toBe('STORE_DAMAGED')
  expect(saysSo(errorWords(error)), errorWords(error)).toBe(true)
}

function expectReadOrTold({ text, told }: { text: string; told: string | null }): void {
  if (told !== null) expect(saysSo(told), told).toBe(true)
  else expect(text.length).toBeLessThan(10_000)
}

/** Opens a profile with changed rows: damage is reported, and documents that have none of the rows are read. */
async function checkRows(change: RowChange, counts: Counts): Promise<void> {
  const { way, written } = change
  const found = await profile.withCopy(async (directory) => {
    const store = new LevelStore(join(directory, 'store'))
    await store.open()
    await store.write(written.map(([key, value]) => ({ key, value })))
    await store.close()
  }, openAndRead)
  if (found.refused) {
    expectRefusal(found.refused)
    return
  }
  // If the record of the person is damaged, a notice says so, and the documents still open.
  if (written.some(([key]) => startsWith(key, 'p')))
    expect(found.notices.some((notice) => notice.includes('your name and key were in it'))).toBe(true)
  for (const [id, text] of profile.texts) {
    const concerned = written.map(([key]) => key).filter((key) => hex(key.subarray(1, 33)) === id)
    if (concerned.length === 0)
      expect(found.documents.get(id), `of another document: ${way}`).toEqual({ text, told: null })
    else checkConcerned({ id, text, concerned }, change, found, counts)
  }
}

/** A document with changed rows is read in full, or says what is damaged. */
function checkConcerned(
  { id, text, concerned }: { id: string; text: string; concerned: readonly Buffer[] },
  { way, written }: RowChange,
  found: Found,
  counts: Counts,
): void {
  const document = found.documents.get(id)
  if (document?.told === null) {
    if (document.text === text) counts.read++
    else for (const key of concerned) counts.silent.add(`${way} ${String.fromCharCode(key[0] ?? 0)}`)
    return
  }
  counts.told++
  // A record of the library that is gone as a whole leaves nothing that could be told of.
  if (way === 'gone' && written.some(([key]) => startsWith(key, 'r'))) return
  const told = document?.told ?? found.notices.find((notice) => notice.includes('cannot be shown'))
  expect(saysSo(told ?? ''), told ?? 'nothing').toBe(true)
}

describe('a profile whose database was changed', () => {
  it('as it was is read', async () => {
    const found = await profile.withCopy(async () => undefined, openAndRead)
    expect([found.refused, found.notices]).toEqual([null, []])
    for (const [id, text] of profile.texts) expect(found.documents.get(id)).toEqual({ text, told: null })
    expect(profile.texts.size).toBe(3)
  })

  it('row by row: opens or says what is damaged, and the other documents are read', async () => {
    const place = fc.nat()
    const all = rows.map(([, value]) => value)
    const counts: Counts = { read: 0, told: 0, silent: new Set() }
    await fuzzSlowly(
      110,
      fc.tuple(fc.constantFrom(...rowWays), place, place, mutated(all)),
      async ([way, a, b, { bytes, of }]) => {
        const [first, second] = [rows[way === 'changed' ? of : a % rows.length], rows[b % rows.length]]
        if (!first || !second) return
        const written: RowChange['written'] = [
          [first[0], way === 'changed' ? bytes : way === 'gone' ? null : second[1]],
          ...(way === 'swapped' ? ([[second[0], first[1]]] as const) : []),
        ]
        await checkRows({ way, written }, counts)
      },
    )
    expect([...counts.silent]).toEqual([])
    expect(counts.read).toBeGreaterThan(20)
    expect(counts.told).toBeGreaterThan(20)
  })

  it('file by file: opens or says what is damaged', async () => {
    const files = (await readdir(join(profile.directory, 'store'))).filter(
      (name) => !/^LOG|^LOCK$|^guard$/.test(name),
    )
    const contents = await Promise.all(files.map((name) => readFile(join(profile.directory, 'store', name))))
    expect(files.some((name) => name.endsWith('.ldb')) && files.some((name) => name.endsWith('.log'))).toBe(
      true,
    )
    const tally = { opened: 0, refused: 0 }
    await fuzzSlowly(
      60,
      fc.tuple(mutated(contents), fc.integer({ min: 0, max: 9 })),
      async ([{ bytes, of }, way]) => {
        const found = await profile.withCopy(async (directory) => {
          const path = join(directory, 'store', files[of] ?? '')
          if (way === 0) await rm(path)
          else await writeFile(path, bytes)
        }, openAndRead)
        tally[found.refused ? 'refused' : 'opened']++
        // A damaged file costs only its unreadable rows, never the profile; a missing file may cost it.
        if (way !== 0) expect(found.refused).toBeNull()
        if (found.refused) expectRefusal(found.refused)
        for (const document of found.documents.values()) expectReadOrTold(document)
      },
    )
    expect(tally.opened).toBeGreaterThan(10)
    expect(tally.refused).toBeGreaterThan(2)
  })

  it('with the end of its log cut or zeroed: says so, or has all of it', async () => {
    const inside = profile.older[1] ?? expect.fail()
    const name = (await readdir(inside)).find((one) => one.endsWith('.log')) ?? expect.fail()
    const log = await readFile(join(inside, name))
    const tally = { whole: 0, told: 0 }
    const cases = fc.tuple(fc.nat(log.length), fc.constantFrom('cut', 'zeroed', 'gone'), mutated([notes]))
    await fuzzSlowly(
      60,
      fc.tuple(cases, fc.integer({ min: 0, max: 4 })),
      async ([[at, way, changed], also]) => {
        const found = await profile.withCopy(async (directory) => {
          await rm(join(directory, 'store'), { recursive: true })
          await cp(inside, join(directory, 'store'), { recursive: true })
          const path = join(directory, 'store', name)
          if (way === 'gone') await rm(path)
          else await writeFile(path, way === 'cut' ? log.subarray(0, at) : Buffer.from(log).fill(0, at))
          if (also === 0) await writeFile(join(directory, 'store.notes'), changed.bytes)
        }, openAndRead)
        expect(found.refused).toBeNull()
        // Without whole notes nothing is known of what is gone.
        if (also === 0) return
        const isWhole = [...profile.texts].every(([id, text]) => {
          const { text: mine, told } = found.documents.get(id) ?? { text: null, told: null }
          return mine === text && told === null
        })
        tally[isWhole ? 'whole' : 'told']++
        if (isWhole) return
        for (const [id, text] of profile.texts) {
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
      profile.older.map(async (directory) => {
        const names = (await readdir(directory)).filter((name) => /^MANIFEST|^CURRENT/.test(name))
        return Promise.all(
          names.map(async (name) => ({ name, bytes: await readFile(join(directory, name)) })),
        )
      }),
    )
    for (const list of lists) {
      const found = await profile.withCopy(async (directory) => {
        const inside = join(directory, 'store')
        for (const name of await readdir(inside))
          if (/^MANIFEST|^CURRENT/.test(name)) await rm(join(inside, name))
        for (const { name, bytes } of list) await writeFile(join(inside, name), bytes)
      }, openAndRead)
      expect(found.refused).toBeNull()
      for (const [id, text] of profile.texts) expect(found.documents.get(id)).toEqual({ text, told: null })
    }
    expect(lists.length).toBe(2)
  })

  it('with the file of its key changed: says what is damaged, and leaves it as it is', async () => {
    const key = await readFile(join(profile.directory, 'key'))
    await fuzzSlowly(20, mutated([key]), async ({ bytes }) => {
      await profile.withCopy(
        (directory) => writeFile(join(directory, 'key'), bytes),
        async (directory) => {
          const { refused } = await openAndRead(directory)
          expect(refused === null).toBe(bytes.equals(key))
          if (refused) expect(saysSo(errorWords(refused)), errorWords(refused)).toBe(true)
          expect((await readFile(join(directory, 'key'))).equals(bytes)).toBe(true)
        },
      )
    })
  })
})
