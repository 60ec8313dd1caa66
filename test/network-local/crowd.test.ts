import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { SharedDocument, Workspace } from '../../main/headless'
import { type Child, ChildProgram } from '../support/child-program'
import { Asked } from '../support/lab/asked'
import { waitFor } from '../support/lab/wait-for'

const limit = 300_000
const soak = process.env.SWARMPAD_SOAK === '1'
/** Those who write, and those who keep what they write, in so many processes. */
const writers = 4
const keepers = soak ? 46 : 20
const processes = 2

interface State {
  readonly changes: number
  readonly peers: number
}

let testnet: Testnet
let folder: string
let program: ChildProgram
const children: Child[] = []
const workspaces: Workspace[] = []
beforeAll(async () => {
  testnet = await createTestnet(6)
  folder = await mkdtemp(join(tmpdir(), 'swarmpad-crowd-'))
  program = await ChildProgram.from('test/network-local/crowd-child.ts')
})
afterAll(async () => {
  await Promise.all(workspaces.map((workspace) => workspace.close()))
  await Promise.all(children.map((child) => child.kill()))
  await program.remove()
  await testnet.destroy()
  await rm(folder, { recursive: true, force: true })
})

async function write(name: string, link: string | null): Promise<SharedDocument> {
  const built = pathToFileURL(resolve('out/main/headless.js')).href
  const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
  const directory = join(folder, name)
  const workspace = await openWorkspace({ directory, bootstrap: testnet.bootstrap, name })
  workspaces.push(workspace)
  return link === null ? workspace.createDocument() : workspace.openDocument(link)
}

it(`${writers + keepers} who share a document come to hold the same, with a bounded number of connections (W16)`, async () => {
  const first = await write('writer-0', null)
  const link = await first.link('write')
  const each = keepers / processes
  const asked: Asked[] = []
  for (let index = 0; index < processes; index++) {
    const port = testnet.bootstrap[0]?.port
    const options = { folder, first: index * each, count: each, port, link: await first.link('keep') }
    const child = program.start(JSON.stringify(options))
    children.push(child)
    asked.push(await Asked.when(child))
  }
  const others: SharedDocument[] = []
  for (let index = 1; index < writers; index++) others.push(await write(`writer-${index}`, link))
  const documents = [first, ...others]
  const states = async () => (await Promise.all(asked.map((child) => child.ask<State[]>('states')))).flat()

  const begun = performance.now()
  const words: string[] = []
  const rounds = soak ? 10 : 4
  for (let round = 0; round < rounds; round++) {
    for (const [index, document] of documents.entries()) {
      words.push(`⟦${index}.${round}⟧`)
      await document.edit([{ from: 0, to: 0, insert: words.at(-1) ?? '' }])
    }
    await Promise.all(documents.map((document) => document.saved()))
  }
  const typed = performance.now()
  await waitFor(limit, async () => {
    const texts = await Promise.all(documents.map((document) => document.text()))
    return new Set(texts).size === 1 && words.every((word) => texts[0]?.includes(word))
  })
  const wrote = performance.now()
  await waitFor(limit, async () => {
    const changes = (await states()).map((state) => state.changes)
    return new Set(changes).size === 1 && (changes[0] ?? 0) >= rounds
  })
  const kept = performance.now()
  const peers = (await states()).map((state) => state.peers)
  const costs = await Promise.all(
    asked.map((child) => child.ask<{ memory: number; cpu: { user: number; system: number } }>('cost')),
  )
  console.log({
    'typing, ms': Math.round(typed - begun),
    'then until the writers agree, ms': Math.round(wrote - typed),
    'then until all keepers have it, ms': Math.round(kept - wrote),
    'connections of a keeper, least and most': [Math.min(...peers), Math.max(...peers)],
    'memory of a keeper, MB': Math.round(
      costs.reduce((sum, { memory }) => sum + memory, 0) / keepers / 1024 ** 2,
    ),
    'cpu of a keeper in all, ms': Math.round(
      costs.reduce((sum, { cpu }) => sum + cpu.user + cpu.system, 0) / keepers / 1_000,
    ),
  })
  expect(Math.min(...peers)).toBeGreaterThan(0)
  expect(Math.max(...peers)).toBeLessThanOrEqual(48 + 64)
})
