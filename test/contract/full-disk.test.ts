import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LevelStore } from '../../main/storage/level-store'
import type { Store } from '../../main/storage/store'
import { contentOf, everything, keyOf, numberOf } from './store-content'

/** Why no disk of a fixed size can be made here; null when it can. */
const obstacle =
  process.platform !== 'linux' ? 'only Linux has tmpfs' : process.getuid?.() === 0 ? tryMount() : 'needs root'

function tryMount(): string | null {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()], { stdio: 'pipe' })
    return null
  } catch {
    return 'mounting is not allowed'
  }
}

describe.skipIf(obstacle !== null)(`a full disk${obstacle ? ` (skipped: ${obstacle})` : ''}`, () => {
  let disk: string
  let stores: Store[]
  let next: number

  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), 'swarmpad-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk])
    await writeFile(join(disk, 'ballast'), Buffer.alloc(1_200_000))
    stores = []
    next = 0
  })

  afterEach(async () => {
    for (const store of stores) await store.close()
    execFileSync('umount', [disk])
    await rm(disk, { recursive: true })
  })

  async function open(): Promise<Store> {
    const store = new LevelStore(join(disk, 'store'))
    stores.push(store)
    await store.open()
    return store
  }

  const write = (store: Store, first: number, count = 10): Promise<void> =>
    store.write(
      Array.from({ length: count }, (_, index) => ({
        key: keyOf(first + index, 0),
        value: contentOf(first + index),
      })),
    )

  /** Writes until the disk refuses; returns the error. */
  async function fill(store: Store): Promise<unknown> {
    for (; next < 10_000; next += 10)
      try {
        await write(store, next)
      } catch (error) {
        return error
      }
    return null
  }

  async function numbersIn(store: Store): Promise<number[]> {
    const numbers: number[] = []
    for await (const [key, value] of store.entries(everything)) {
      expect(contentOf(numberOf(key)).equals(value)).toBe(true)
      numbers.push(numberOf(key))
    }
    return numbers
  }

  const upTo = (end: number): number[] => Array.from({ length: end }, (_, index) => index)

  it('refuses writes, serves reads meanwhile, and takes writes again once there is room', async () => {
    const store = await open()
    expect(await fill(store)).toMatchObject({ code: 'STORE_WRITE_FAILED' })
    expect(next).toBeGreaterThan(100)
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(write(store, next)).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
      expect(await numbersIn(store)).toEqual(upTo(next))
      expect(contentOf(0).equals((await store.get(keyOf(0, 0))) ?? keyOf(0, 0))).toBe(true)
    }
    const iteration = store.entries({ ...everything, limit: next })[Symbol.asyncIterator]()
    const seen = [await iteration.next(), await iteration.next()]

    await rm(join(disk, 'ballast'))
    await write(store, next)
    expect(await numbersIn(store)).toEqual(upTo(next + 10))
    // The iteration started before the database was reopened underneath it.
    for (let step = await iteration.next(); !step.done; step = await iteration.next()) seen.push(step)
    expect(seen.map(({ value }) => numberOf(value[0]))).toEqual(upTo(next))

    await write(store, next + 10, 1)
    await store.close()
    expect(await numbersIn(await open())).toEqual(upTo(next + 11))
  })

  it('keeps what was durable when it is closed while the disk is full', async () => {
    const store = await open()
    expect(await fill(store)).toMatchObject({ code: 'STORE_WRITE_FAILED' })
    await store.close()
    const full = new LevelStore(join(disk, 'store'))
    stores.push(full)
    await expect(full.open()).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
    await rm(join(disk, 'ballast'))
    await full.open()
    expect(await numbersIn(full)).toEqual(upTo(next))
    await write(full, next)
  })

  it('reads and writes while it is opened anew, all in one instant', async () => {
    const store = await open()
    expect(await fill(store)).toMatchObject({ code: 'STORE_WRITE_FAILED' })
    await rm(join(disk, 'ballast'))
    const writes = [write(store, next), write(store, next + 10), write(store, next + 20)]
    const reads = Array.from({ length: 20 }, (_, number) => store.get(keyOf(number, 0)))
    const [first] = await Promise.all([numbersIn(store), ...writes])
    expect(first.slice(0, next)).toEqual(upTo(next))
    for (const [number, read] of reads.entries())
      expect(contentOf(number).equals((await read) ?? keyOf(0, 0))).toBe(true)
    expect(await numbersIn(store)).toEqual(upTo(next + 30))
  })

  it('says that the disk refuses, not that the profile is damaged, when there is no room to begin', async () => {
    await writeFile(join(disk, 'more ballast'), Buffer.alloc(2_000_000)).catch(() => undefined)
    await mkdir(join(disk, 'store'), { recursive: true }).catch(() => undefined)
    await expect(open()).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' })
  })
})
