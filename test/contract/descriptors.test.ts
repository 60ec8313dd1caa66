import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LevelStore } from '../../main/storage/level-store'
import { ChildProgram } from '../support/child-program'
import { makeDatabase } from '../unit/storage/leveldb-repair/fixture'

let folder: string
let program: ChildProgram
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-descriptors-'))
  program = await ChildProgram.from('test/contract/descriptors-child.ts')
})
afterAll(async () => {
  await program?.remove()
  await rm(folder, { recursive: true, force: true })
})

it.skipIf(process.platform === 'win32')(
  'a store is not called damaged where the process has no file descriptors left, and is read when it has some',
  async () => {
    const directory = join(folder, 'store')
    await makeDatabase(directory, 300)
    // All of it is in tables then.
    const store = new LevelStore(directory)
    await store.open()
    await store.close()
    await cp(directory, `${directory} 2`, { recursive: true })
    const child = program.startIn(['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh'], directory)
    expect(await child.end()).toBe(0)
    expect(child.lines.map((line) => JSON.parse(line))).toEqual([
      'STORE_WRITE_FAILED',
      'STORE_WRITE_FAILED',
      [600, 120],
      'open',
      [600, 120],
    ])
  },
)
