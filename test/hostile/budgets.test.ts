import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Child, ChildProgram } from '../support/child-program'
import { watchSlowness } from '../support/process-cost'

/** The built program, with real threads and files. */
const { openWorkspace }: typeof import('../../main/headless') = await import(
  pathToFileURL('out/main/headless.js').href
)

/** How long anything here may take, in ms. */
const limit = 120_000
/** A round of words there and back that takes less than this counts as this, in ms: nobody notices ten times as much. */
const quick = 50
/** How long each flood goes on, in ms. */
const span = process.env.SWARMPAD_SOAK === '1' ? 60_000 : 6_000
/** How much more memory the victim may hold after a flood, in bytes. */
const budget = 200 * 1024 * 1024

let testnet: Testnet
let flooder: ChildProgram
let honest: ChildProgram
const folders: string[] = []
const closers: (() => Promise<unknown>)[] = []
const unforeseen: unknown[] = []
const note = (error: unknown) => unforeseen.push(error)

beforeAll(async () => {
  testnet = await createTestnet(4)
  flooder = await ChildProgram.from('test/hostile/flood-child.ts')
  honest = await ChildProgram.from('test/hostile/answering-child.ts')
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  expect(unforeseen).toEqual([])
})
afterAll(async () => {
  process.off('uncaughtException', note)
  process.off('unhandledRejection', note)
  await flooder.remove()
  await honest.remove()
  await testnet.destroy()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'swarmpad-budgets-'))
  folders.push(directory)
  return directory
}

const port = () => String(testnet.bootstrap[0]?.port)

function run(program: ChildProgram, ...parameters: string[]): Child {
  const child = program.start(...parameters)
  closers.push(() => child.kill())
  return child
}

describe('a flood from three peers with the write link', () => {
  it.each(['proofs', 'duplicates', 'sessions', 'questions', 'comparisons'])(
    'of %s leaves time and memory to two people who type',
    async (kind) => {
      const ada = await openWorkspace({ directory: folder(), bootstrap: testnet.bootstrap, name: 'Ada' })
      closers.push(() => ada.close())
      const document = await ada.createDocument({ title: 'Flooded' })
      const link = await document.link('write')
      const ben = run(honest, folder(), port(), link)
      await ben.until(1)
      const before = process.memoryUsage().rss

      /** Words go there and an answer comes back, round after round; how long each took, in ms. */
      const type = async (time: number): Promise<number> => {
        const waits: number[] = []
        const began = performance.now()
        while (performance.now() - began < time) {
          const typed = performance.now()
          const round = rounds++
          await document.edit([{ from: 0, to: 0, insert: `⟦${round}⟧` }])
          await document.saved()
          await expect
            .poll(async () => (await document.text()).includes(`⟨${round}⟩`), { timeout: limit, interval: 5 })
            .toBe(true)
          waits.push(performance.now() - typed)
        }
        waits.sort((a, b) => a - b)
        return waits[waits.length >> 1] ?? limit
      }
      let rounds = 0
      const undisturbed = await type(span / 3)

      const flooders = [1, 2, 3].map(() => run(flooder, kind, port(), link))
      // Each of them floods both.
      await Promise.all(flooders.map((child) => child.until(2)))
      const watched = watchSlowness()
      const flooded = await type(span)
      // Slowness caused by other programs on this machine does not count against the flood.
      const slowness = watched()
      const grown = process.memoryUsage().rss - before
      console.log(kind, { undisturbed, flooded, slowness, grown: `${grown >> 20} MiB`, rounds })
      expect(flooded / slowness).toBeLessThan(10 * Math.max(undisturbed, quick))
      expect(grown).toBeLessThan(budget)
    },
  )
})
