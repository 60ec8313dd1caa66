import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ChangeSet } from '@codemirror/state'
import createTestnet, { type Testnet } from 'hyperdht/testnet.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SealedSegment } from '../../main/document/intake'
import { Replica } from '../../main/document/replica'
import type { LocalChange } from '../../main/document/replica-protocol'
import { systemEnvironment } from '../../main/environment'
import { hex } from '../../main/hex'
import { type DocumentKeys, keysFromWrite } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { SessionLog } from '../../main/log/session-log'
import {
  type ConcurrentTrace,
  type Edit,
  isConcurrent,
  makeConcurrentTrace,
  makeTrace,
  type Patch,
  readTrace,
  TracedText,
} from '../support/trace'

/** How long anything may take that two programs on one machine do together, in ms. */
const limit = 30_000
/** Edits that one writes before the other takes over. */
const turn = 250

const soak = process.env.SWARMPAD_SOAK === '1'
/** Sessions to replay instead of made ones; each file is of one kind or the other. */
const given = [process.env.SWARMPAD_TRACE, process.env.SWARMPAD_TRACE_CONCURRENT].flatMap((file) =>
  file ? [readTrace(file)] : [],
)
const trace = given.find((one) => !isConcurrent(one)) ?? makeTrace(1, soak ? 50_000 : 5_000)
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
        await reader.saved()
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
        author.take(other, needs[index] ?? 0)
      })
      author.write(patches)
    }
    for (const author of authors) for (const other of authors) author.take(other, other.written)
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

/** A replica that writes a trace, entry by entry, and the log that it would keep. */
class Author {
  readonly replica: Replica
  private readonly session: SessionLog
  private readonly keys: DocumentKeys
  private readonly content: Uint8Array
  /** The changes of each entry: one with much text is several. */
  private readonly entries: LocalChange[][] = []
  private readonly log: SealedSegment[][] = []
  private readonly taken = new Map<Author, number>()

  constructor(keys: DocumentKeys, index: number) {
    if (!keys.content) throw new Error('these keys cannot write')
    this.keys = keys
    this.content = keys.content
    this.session = new SessionLog({
      documentId: keys.documentId,
      keys,
      identity: identityFromSeed(Buffer.alloc(32, index + 1)),
      name: `author ${index}`,
      environment: systemEnvironment,
    })
    this.replica = this.start(hex(this.session.session))
  }

  get text(): string {
    return this.replica.text.toString()
  }

  /** How many entries it wrote. */
  get written(): number {
    return this.entries.length
  }

  /** Writes an entry and closes it into a change. */
  write(patches: readonly Patch[]): void {
    const traced = new TracedText(this.text)
    for (const patch of patches) this.edit(traced.apply(patch))
    this.entries.push(this.replica.commit())
  }

  /** Takes the first `count` entries of another. */
  take(other: Author, count: number): void {
    const from = this.taken.get(other) ?? 0
    if (other === this || count <= from) return
    this.taken.set(other, count)
    const segments = other.sealed(from, count)
    const before = this.replica.text
    const { changes, faults } = this.replica.receive(segments)
    expect(faults).toEqual([])
    if (changes) expect(changes.apply(before).eq(this.replica.text)).toBe(true)
  }

  /** The text as a fresh replica loads it from both logs. */
  reread(): string {
    const replica = this.start('ff'.repeat(32))
    const own = this.sealed(0, this.written)
    const taken = [...this.taken].flatMap(([other, count]) => other.sealed(0, count))
    expect(replica.load([...own, ...taken])).toEqual([])
    const text = replica.text.toString()
    replica.free()
    return text
  }

  private start(actor: string): Replica {
    const { documentId } = this.keys
    return new Replica({ documentId, contentKey: this.content, actor, now: Date.now })
  }

  private edit({ from, to, insert }: Edit): void {
    this.replica.edit(ChangeSet.of({ from, to, insert }, this.replica.text.length, '\n'))
  }

  /** Entries as segments: each is sealed alone and once, so that anyone may take any number of them. */
  private sealed(from: number, to: number): SealedSegment[] {
    const { certificate } = this.session
    for (const changes of this.entries.slice(this.log.length, to))
      this.log.push(this.session.sealAll(changes).map((segment) => ({ segment: segment.bytes, certificate })))
    return this.log.slice(from, to).flat()
  }
}
