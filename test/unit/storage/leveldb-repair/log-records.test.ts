import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LevelStore } from '../../../../main/storage/level-store'
import { isLogDamaged, recordsIn } from '../../../../main/storage/leveldb-repair/log-records'
import { tablesOf } from '../../../../main/storage/leveldb-repair/manifest'
import { randomFrom } from '../../../support/random'

const everything = { gte: Buffer.of(0), lt: Buffer.of(255) }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-logs-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('the tables that a manifest lists are those that are there', async () => {
  const directory = join(folder, 'manifest')
  for (let round = 0; round < 12; round++) {
    const store = new LevelStore(directory)
    await store.open()
    await store.write([{ key: Buffer.alloc(3_000, 97 + (round % 5)), value: Buffer.alloc(round) }])
    if (round % 4 === 3) await store.compact(everything)
    await store.close()
    const listed = (await tablesOf(directory)) ?? expect.fail()
    const found = new Map<number, number>()
    for (const name of await readdir(directory))
      if (name.endsWith('.ldb'))
        found.set(Number.parseInt(name, 10), (await readFile(join(directory, name))).length)
    const sizes = [...listed].map(([number, { size }]) => [number, size] as const)
    expect(new Map(sizes.sort())).toEqual(new Map([...found].sort()))
  }
})

it('a log is damaged where something follows what cannot be read, and not where it ends', async () => {
  const directory = join(folder, 'log')
  const random = randomFrom(7)
  const writing = new LevelStore(directory)
  await writing.open()
  // In parts of a block, and over many blocks.
  for (let n = 0; n <= 40; n++)
    await writing.write([{ key: Buffer.of(n), value: random.bytes(n % 10 === 9 ? 90_000 : 300) }])
  const name = (await readdir(directory)).find((file) => file.endsWith('.log')) ?? expect.fail()
  const log = await readFile(join(directory, name))
  expect([...recordsIn(log)].length).toBe(41)
  expect(isLogDamaged(log)).toBe(false)
  for (let round = 0; round < 300; round++) {
    expect(isLogDamaged(log.subarray(0, random.below(log.length)))).toBe(false)
    const changed = Buffer.from(log)
    // The last record is of 320 bytes: damage in it is an end.
    const at = random.below(log.length - 400)
    changed[at] = (log[at] ?? 0) ^ (1 << random.below(8))
    expect(isLogDamaged(changed), `byte ${at}`).toBe(true)
  }
  expect(isLogDamaged(Buffer.concat([log, random.bytes(70_000)]))).toBe(false)
  expect(isLogDamaged(Buffer.concat([log, Buffer.alloc(70_000)]))).toBe(false)
  await writing.close()

  log[5_000] = (log[5_000] ?? 0) ^ 1
  await writeFile(join(directory, name), log)
  const store = new LevelStore(directory)
  await store.open()
  expect(store.isSuspect).toBe(true)
  await store.close()
})
