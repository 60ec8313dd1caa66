import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LevelStore } from '../../main/storage/level-store'
import { type Child, ChildProgram } from '../support/child-program'
import { type Random, randomFrom } from '../support/random'
import { contentOf, everything, keyOf, numberOf } from './store-content'

let program: ChildProgram
let folder: string
const children: Child[] = []

beforeAll(async () => {
  program = await ChildProgram.from('test/contract/store-child.ts')
})
afterAll(() => program.remove())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-store-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) await child.kill()
  await rm(folder, { recursive: true })
})

function start(...parameters: string[]): Child {
  const child = program.start(...parameters)
  children.push(child)
  return child
}

describe('a store whose process is killed', () => {
  it('holds all that was durable, and each batch whole or not at all', async () => {
    const random = randomFrom(3)
    const durable = new Set<number>()
    for (let round = 0; round < 6; round++) {
      const child = start('write', folder)
      await child.until(1 + random.below(120))
      await child.kill()
      for (const line of child.lines) durable.add(Number(line))
      const store = new LevelStore(folder)
      await store.open()
      // An interrupted write does not count as damage.
      expect(store.isSuspect).toBe(false)
      const parts = new Map<number, number>()
      for await (const [key, value] of store.entries(everything)) {
        const number = numberOf(key)
        expect(contentOf(number).equals(value), `value of ${number}`).toBe(true)
        parts.set(number, (parts.get(number) ?? 0) + 1)
      }
      await store.close()
      expect([...durable].filter((number) => parts.get(number) !== 3)).toEqual([])
      expect([...parts.values()].every((count) => count === 3)).toBe(true)
    }
    expect(durable.size).toBeGreaterThan(30)
  })
})

describe('a store that another one has open', () => {
  it('cannot be opened from a second process, and can once the first is gone', async () => {
    const first = start('hold', folder)
    await first.until(1)
    const store = new LevelStore(folder)
    await expect(store.open()).rejects.toMatchObject({ code: 'PROFILE_BUSY' })
    await expect(store.get(keyOf(0, 0))).rejects.toMatchObject({ code: 'CLOSED' })
    await first.kill()
    await store.open()
    const second = start('use', folder)
    expect([await second.end(), second.lines]).toEqual([0, ['PROFILE_BUSY']])
    await store.close()
  })

  it('cannot be opened twice in one process either', async () => {
    const [first, second] = [new LevelStore(folder), new LevelStore(folder)]
    await first.open()
    await expect(second.open()).rejects.toMatchObject({ code: 'PROFILE_BUSY' })
    await second.close()
    await first.write([{ key: keyOf(0, 0), value: contentOf(0) }])
    await first.close()
  })
})

/** Harm that comes to a file, by its name. */
const harms: Record<string, (path: string, random: Random) => Promise<void>> = {
  async 'flipped bytes'(path, random) {
    const bytes = await readFile(path)
    for (let count = 1 + random.below(4); count > 0 && bytes.length > 0; count--) {
      const at = random.below(bytes.length)
      bytes[at] = (bytes[at] ?? 0) ^ (1 + random.below(255))
    }
    await writeFile(path, bytes)
  },
  async 'a wrong block'(path, random) {
    const bytes = await readFile(path)
    const from = random.below(bytes.length)
    random.bytes(Math.min(4_096, bytes.length - from)).forEach((byte, index) => {
      bytes[from + index] = byte
    })
    await writeFile(path, bytes)
  },
  async 'a lost end'(path, random) {
    await truncate(path, random.below((await readFile(path)).length))
  },
  'a lost file': (path) => rm(path),
  'an empty file': (path) => truncate(path, 0),
}

const kinds: Record<string, RegExp> = {
  CURRENT: /^CURRENT$/,
  MANIFEST: /^MANIFEST-/,
  log: /\.log$/,
  table: /\.ldb$/,
  'LOCK and LOG': /^LO/,
}

describe('a damaged store', () => {
  let sound: string

  beforeAll(async () => {
    sound = await mkdtemp(join(tmpdir(), 'swarmpad-sound-'))
    // LevelDB makes a table of its log when it opens: so there are two tables and a log at the end.
    for (const first of [0, 200, 400]) {
      const store = new LevelStore(sound)
      await store.open()
      const numbers = Array.from({ length: 200 }, (_, index) => first + index)
      await store.write(numbers.map((number) => ({ key: keyOf(number, 0), value: contentOf(number) })))
      await store.close()
    }
  })
  afterAll(() => rm(sound, { recursive: true }))

  it.each(Object.entries(kinds))('in its %s works or says so, and nothing crashes', async (kind, pattern) => {
    const random = randomFrom(5)
    const cases: { directory: string; harm: string }[] = []
    const names = (await readdir(sound)).filter((name) => pattern.test(name)).sort()
    expect(names).not.toEqual([])
    for (const [harm, apply] of Object.entries(harms))
      for (const name of names)
        for (let run = harm.startsWith('a lost f') || harm.startsWith('an') ? 1 : 12; run > 0; run--) {
          const directory = join(folder, String(cases.length))
          await mkdir(directory)
          await cp(sound, directory, { recursive: true })
          await apply(join(directory, name), random)
          cases.push({ directory, harm: `${kind}, ${harm}` })
        }
    const child = start('use', ...cases.map(({ directory }) => directory))
    expect([await child.end(), child.lines.length]).toEqual([0, cases.length])
    const odd = child.lines.flatMap((line, index) =>
      line === 'works' || line === 'STORE_DAMAGED' ? [] : [`${cases[index]?.harm}: ${line}`],
    )
    expect(odd).toEqual([])
  })

  it('says so when a file that is in its list is gone, rather than going on without', async () => {
    const name = (await readdir(sound)).find((file) => file.endsWith('.ldb')) ?? expect.fail()
    await rm(join(sound, name))
    const store = new LevelStore(sound)
    await expect(store.open()).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await store.close()
  })
})
