import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keysFromWrite } from '../../main/keys/derive'
import { Author } from '../support/author'
import {
  type ConcurrentTrace,
  isConcurrent,
  makeConcurrentTrace,
  makeTrace,
  type Patch,
  readTrace,
  type Trace,
  TracedText,
} from '../support/trace'

/** How long anything may take that two programs on one machine do together, in ms. */
const limit = 120_000
/** Edits that one writes before the other takes over. */
const turn = 250

const soak = process.env.SWARMPAD_SOAK === '1'
/** Sessions to replay instead of made ones; each file is of one kind or the other. */
const given = [process.env.SWARMPAD_TRACE, process.env.SWARMPAD_TRACE_CONCURRENT].flatMap((file) =>
  file ? [readTrace(file)] : [],
)
const trace = given.find((one): one is Trace => !isConcurrent(one)) ?? makeTrace(1, soak ? 50_000 : 5_000)
const concurrent = given.find(isConcurrent) ?? makeConcurrentTrace(2, soak ? 50_000 : 5_000)

describe('an editing session', () => {
  let testnet: Testnet
  const folders: string[] = []
  beforeAll(async () => {
    testnet = await createTestnet(4)
  })
  afterAll(async () => {
    await testnet.destroy()
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  const open = async (name: string) => {
    // As it is shipped: the built program with its real threads, not the sources under the test's own loader.
    const built = pathToFileURL(resolve('out/main/headless.js')).href
    const { openWorkspace } = (await import(built)) as typeof import('../../main/headless')
    const directory = await mkdtemp(join(tmpdir(), 'swarmpad-trace-'))
    folders.push(directory)
    return openWorkspace({ directory, bootstrap: testnet.bootstrap, name })
  }

  it('is written by two workspaces in turns, and both end in its text', { timeout: 1_800_000 }, async () => {
    const [ada, bo] = await Promise.all([open('Ada'), open('Bo')])
    try {
      const here = await ada.createDocument({ text: trace.startContent })
      const there = await bo.openDocument(await here.link('write'))
      await there.whenSynced({ timeout: limit })
      const documents = [here, there] as const
      const traced = new TracedText(trace.startContent)
      const edits = trace.txns.flatMap(({ patches }) => patches.map((patch) => traced.apply(patch)))
      expect(traced.text).toBe(trace.endContent)
      for (let start = 0, turns = 0; start < edits.length; start += turn, turns++) {
        const [writer, reader] = turns % 2 === 0 ? documents : [there, here]
        for (const edit of edits.slice(start, start + turn)) await writer.edit([edit])
        await writer.whenSynced({ timeout: limit })
        await reader.whenSynced({ timeout: limit })
        expect(await reader.text()).toBe(await writer.text())
      }
      await Promise.all(documents.map((document) => document.whenSynced({ timeout: limit })))
      for (const document of documents) expect(await document.text()).toBe(trace.endContent)
    } finally {
      await Promise.all([ada.close(), bo.close()])
    }
  })
})

describe('an editing session of two people at once', () => {
  it('ends in one text on the replicas of both', { timeout: 1_800_000 }, () => {
    const keys = keysFromWrite(Buffer.alloc(32, 5))
    const authors = Array.from({ length: concurrent.numAgents }, (_, index) => new Author(keys, index))
    for (const { agent, patches, needs } of plan(concurrent)) {
      const author = authors[agent]
      if (!author) throw new Error('the trace has more authors than it says')
      authors.forEach((other, index) => {
        take(author, other, needs[index] ?? 0)
      })
      const traced = new TracedText(author.text)
      author.write(patches.map((patch) => traced.apply(patch)))
    }
    for (const author of authors) for (const other of authors) take(author, other, other.written)
    const texts = authors.map((author) => author.text)
    const longest = Math.max(...authors.map((author) => author.reread().length))
    for (const author of authors) {
      expect(author.text).toBe(texts[0])
      expect(author.reread()).toBe(author.text)
      author.replica.free()
    }
    expect(longest).toBeGreaterThan(100)
  })
})

/** Takes what another wrote, and sees that the steps told are what happened to the text. */
function take(author: Author, other: Author, count: number): void {
  const before = author.replica.text
  const { changes, faults } = author.take(other, count)
  expect(faults).toEqual([])
  if (changes) expect(changes.apply(before).eq(author.replica.text)).toBe(true)
}

/** Says how much of each author's work every entry of a trace builds on, counted in entries. */
function plan(trace: ConcurrentTrace): { agent: number; patches: readonly Patch[]; needs: number[] }[] {
  const before: number[][] = []
  const written = Array.from({ length: trace.numAgents }, () => 0)
  return trace.txns.map(({ parents, agent, patches }) => {
    const needs = written.map((_, author) =>
      Math.max(0, ...parents.map((parent) => before[parent]?.[author] ?? 0)),
    )
    // One replica cannot write beside itself.
    if (needs[agent] !== written[agent]) throw new Error('an author of this trace works in two places')
    written[agent] = (written[agent] ?? 0) + 1
    before.push(needs.map((count, author) => (author === agent ? count + 1 : count)))
    return { agent, patches, needs }
  })
}
