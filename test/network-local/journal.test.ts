import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { LevelStore } from '../../main/storage/level-store'
import { ChildProgram } from '../support/child-program'
import { randomFrom } from '../support/random'
import { storedDocument } from '../support/stored-text'
import { typeLog } from '../support/typed-log'

/** How long anything may take, in ms. */
const limit = 60_000
const seed = Number(process.env.SWARMPAD_SEED ?? 13)
const kills = Number(process.env.SWARMPAD_KILLS ?? 6)
/** A document of so many changes takes its replica a second and more to load. */
const changes = 8_000

let testnet: Testnet
let folder: string
let program: ChildProgram
beforeAll(async () => {
  testnet = await createTestnet(2)
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-journal-'))
  program = await ChildProgram.from('test/network-local/writer-child.ts')
})
afterAll(async () => {
  await program.remove()
  await testnet.destroy()
  await rm(folder, { recursive: true, force: true })
})

const open = async () => {
  const built = pathToFileURL(resolve('out/main/headless.js')).href
  const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
  return openWorkspace({ directory: folder, bootstrap: testnet.bootstrap, name: 'Ada' })
}

it(`words typed while a long document loads are each there once after ${kills} times kill -9 (S19)`, {
  timeout: 2 * limit + kills * 20_000,
}, async () => {
  const random = randomFrom(seed)
  const first = await open()
  const made = await first.createDocument()
  const link = await made.link('write')
  await first.close()
  const store = new LevelStore(join(folder, 'store'))
  await store.open()
  await typeLog(store, keysFromLink(parseLink(link)), 'a long line of words\n'.repeat(changes / 21))
  await store.close()

  const saved: number[] = []
  let inJournal = 0
  let next = 0
  for (let round = 0; round < kills; round++) {
    const child = program.start(folder, String(testnet.bootstrap[0]?.port), link, String(next))
    await child.until(1)
    // Not a wait: the instant of the kill is what is drawn.
    await new Promise((done) => setTimeout(done, random.below(random.chance(0.3) ? 4_000 : 400)))
    await child.kill()
    saved.push(...child.lines.map(Number))
    // The one after may be saved without having been called so.
    next = Number(child.lines.at(-1)) + 2
    const { text, journaled } = await storedDocument(folder, link)
    for (const word of saved) expect(text + journaled, `round ${round}`).toContain(`⟦${word}⟧`)
    inJournal += saved.filter((word) => !text.includes(`⟦${word}⟧`)).length
  }
  expect(inJournal).toBeGreaterThan(0)

  const last = await open()
  const document = await last.openDocument(link)
  await vi.waitFor(() => expect(document.opened().status.loading).toBe(false), {
    timeout: limit,
    interval: 50,
  })
  await document.drained()
  const text = await document.text()
  await last.close()
  const stored = await storedDocument(folder, link)
  expect([stored.text, stored.journaled]).toEqual([text, ''])
  for (const word of saved) expect(text.split(`⟦${word}⟧`).length, `⟦${word}⟧`).toBe(2)
  expect(new Set(text.match(/⟦\d+⟧/g)).size).toBe(text.match(/⟦\d+⟧/g)?.length)
  console.log({ kills, saved: saved.length, 'found in the journal alone, summed over all kills': inJournal })
})
