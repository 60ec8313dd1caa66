import { ChangeSet } from '@codemirror/state'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EditJournal } from '../../../main/document/edit-journal'
import { OpenDocument } from '../../../main/document/open-document'
import { PendingEdits } from '../../../main/document/pending-edits'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { SessionLog } from '../../../main/log/session-log'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import type { Write } from '../../../main/storage/store'
import { toText } from '../../../preload/text'
import { Author } from '../../support/author'
import { noCallbacks } from '../../support/document-callbacks'
import { InlineReplicas } from '../../support/inline-replica'
import { openJournal } from '../../support/journal'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const keys = keysFromWrite(Buffer.alloc(32, 9))
const { documentId, verify } = keys
const contentKey = keys.content ?? expect.fail()

/** Remembers how many bytes were asked to be written under a letter. */
class CountedStore extends MemoryStore {
  readonly sizes = new Map<string, number[]>()

  override write(writes: readonly Write[]): Promise<void> {
    for (const { key, value } of writes) {
      const kind = String.fromCharCode(key[0] ?? 0)
      this.sizes.set(kind, [...(this.sizes.get(kind) ?? []), value?.length ?? 0])
    }
    return super.write(writes)
  }
}

/** One run of a document in a profile, under a clock that is moved by hand. */
class Run {
  readonly clock = new ManualClock()
  readonly replicas = new InlineReplicas(() => 0)
  readonly store: CountedStore
  private log: DocumentLog | null = null
  private opened: OpenDocument | null = null

  constructor(
    private readonly disk: MemoryDisk,
    private readonly seed: number,
  ) {
    this.store = new CountedStore(disk)
  }

  async start(lastSeen = ''): Promise<'sound' | 'near' | 'unreadable'> {
    const { store, clock } = this
    const random = randomFrom(this.seed).bytes
    const environment = { clock, random }
    const log = new DocumentLog({ store, environment, documentId, verify })
    await log.open()
    const { keep, state } = await openJournal({ store, documentId, random, lastSeen })
    const identity = identityFromSeed(Buffer.alloc(32, 3))
    this.log = log
    this.opened = new OpenDocument({
      parts: ['notes'],
      documentId,
      contentKey,
      log,
      journal: keep,
      newSession: () => new SessionLog({ documentId, keys, identity, name: 'Ada', environment }),
      canWrite: true,
      startReplica: this.replicas.start,
      clock,
      text: toText(lastSeen),
      hasCompany: () => false,
      ...noCallbacks,
    })
    return state
  }

  get document(): OpenDocument {
    return this.opened ?? expect.fail()
  }

  get isSaved(): boolean {
    return this.document.savedVersion === this.document.version
  }

  get problem(): string | null {
    return this.log?.problem?.code ?? null
  }

  /** The names of the records on the disk that begin with a letter. */
  stored(kind: string): string[] {
    return [...this.disk.values.keys()].filter((name) => name.startsWith(kind))
  }

  type(words: string, from = this.document.length): void {
    this.document.edit([{ from, to: from, insert: words }], 'test')
  }

  async arrive(author: Author, from: number, to: number): Promise<void> {
    for (const { segment, certificate } of author.sealed(from, to))
      expect(this.log?.accept(segment, certificate)).toBe('accepted')
    await quiet()
  }

  /** As kill -9. */
  crash(): void {
    this.store.crash()
    this.clock.drop(this.clock)
    this.replicas.freeAll()
  }

  /** Resolves to true if a promise is settled by now. */
  async isDone(promise: Promise<void>): Promise<boolean> {
    let done = false
    void promise.then(() => {
      done = true
    })
    await quiet()
    return done
  }
}

let disk: MemoryDisk
let run: Run
beforeEach(async () => {
  disk = new MemoryDisk()
  run = new Run(disk, 1)
  await run.start()
})

const later: Run[] = []
afterEach(() => {
  for (const one of [run, ...later.splice(0)]) one.crash()
})

/** Another run on the same disk. */
async function again(lastSeen = ''): Promise<{ next: Run; state: string }> {
  const next = new Run(disk, 2)
  later.push(next)
  return { next, state: await next.start(lastSeen) }
}

describe('the journal of own edits (S19)', () => {
  it('has nothing to write while the replica answers', async () => {
    for (let key = 0; key < 50; key++) {
      run.type('k')
      await run.clock.advance(100)
    }
    await run.clock.advance(2_000)
    expect(run.isSaved).toBe(true)
    expect(run.store.sizes.get('j')).toBeUndefined()
  })

  it('makes edits durable before the next of what others wrote is applied, and lets nobody be in sync', async () => {
    const ben = new Author(keys, 0)
    ben.write([{ from: 0, to: 0, insert: 'one ' }])
    ben.write([{ from: 4, to: 4, insert: 'two ' }])
    await run.clock.advance(10)
    await run.arrive(ben, 0, 1)
    await run.clock.advance(10)
    expect(run.document.text).toBe('one ')
    run.replicas.hold()
    await run.arrive(ben, 1, 2)
    run.type('mine')
    await run.clock.advance(200)
    expect(run.isSaved).toBe(false)
    await run.clock.advance(60)
    expect([run.isSaved, run.document.text]).toEqual([true, 'one mine'])
    expect(run.stored('j')).toHaveLength(1)
    expect([run.document.isCurrent, run.document.isJournaled]).toEqual([false, true])
    run.replicas.release()
    await run.clock.advance(10)
    expect(run.document.text).toContain('two ')
    expect([run.document.isCurrent, run.document.isJournaled]).toEqual([true, false])
    expect(run.stored('j')).toEqual([])
    // Where nothing of others waits either.
    run.replicas.hold()
    run.type('more')
    await run.clock.advance(2_000)
    expect([run.isSaved, run.document.isCurrent, run.document.isJournaled]).toEqual([true, false, true])
  })

  it('stores its text once while the replica falls behind again and again, and gives back each word after a crash', async () => {
    const ben = new Author(keys, 0)
    const rounds = 8
    for (let round = 0; round < rounds; round++) ben.write([{ from: 0, to: 0, insert: `theirs ${round} ` }])
    run.type('a long text '.repeat(5_000))
    await run.clock.advance(1_000)
    for (let round = 0; round < rounds; round++) {
      run.replicas.hold()
      await run.arrive(ben, round, round + 1)
      run.type(`mine ${round} `, round % 2 === 0 ? 0 : undefined)
      await run.clock.advance(1_000)
      expect([run.isSaved, run.document.isJournaled]).toEqual([true, true])
      if (round === rounds - 1) break
      run.replicas.release()
      await run.clock.advance(1_000)
      expect(run.document.isJournaled).toBe(false)
    }
    const sizes = run.store.sizes.get('i')?.filter((size) => size > 0) ?? []
    expect(sizes).toHaveLength(1)
    expect(Math.max(...(run.store.sizes.get('j') ?? []))).toBeLessThan(2_000)
    run.crash()
    const { next, state } = await again()
    expect(state).toBe('sound')
    await next.clock.advance(2_000)
    const { text } = next.document
    const words = Array.from({ length: rounds }, (_, round) => [`mine ${round} `, `theirs ${round} `]).flat()
    expect(words.filter((word) => text.split(word).length !== 2)).toEqual([])
    expect(text.split('a long text ').length).toBe(5_001)
    expect(next.stored('j')).toEqual([])
    // The stored text goes when the document is opened again without need of it.
    next.crash()
    const { next: last } = await again()
    expect(last.stored('i')).toEqual([])
  })

  it('is left where the replica dies, waited for where it loads', async () => {
    run.replicas.hold()
    run.type('mine')
    const drained = run.document.drained()
    await run.clock.advance(10)
    expect([run.isSaved, await run.isDone(drained)]).toEqual([true, false])
    for (let death = 0; death < 2; death++) {
      run.replicas.killAll()
      await run.clock.advance(2_000)
    }
    expect(await run.isDone(drained)).toBe(true)
    run.crash()
    const { next, state } = await again()
    expect([state, next.document.text, next.isSaved]).toEqual(['sound', 'mine', true])
    await quiet(50)
    expect(next.stored('j')).toEqual([])
    expect(next.document.text).toBe('mine')
  })

  it('that a full disk refuses is written when there is room again, and the log says why it is not', async () => {
    run.replicas.hold()
    run.type('one ')
    await run.clock.advance(300)
    disk.full = true
    run.type('two ')
    await run.clock.advance(1_000)
    expect([run.isSaved, run.problem]).toEqual([false, 'STORE_WRITE_FAILED'])
    run.type('three')
    disk.full = false
    await run.clock.advance(12_000)
    expect([run.isSaved, run.problem]).toEqual([true, null])
    run.crash()
    expect((await again()).next.document.text).toBe('one two three')
  })

  it('of hours with no replica is one record, written no faster than the disk likes it', async () => {
    run.replicas.hold()
    run.type('x'.repeat(1_000_000))
    await run.clock.advance(300)
    const before = run.store.sizes.get('j')?.length ?? 0
    for (let key = 0; key < 300; key++) {
      run.type('k', key % 2 === 0 ? run.document.length : 0)
      await run.clock.advance(100)
    }
    // 30 s, each second of them one of a megabyte.
    const written = (run.store.sizes.get('j')?.length ?? 0) - before
    expect(written).toBeGreaterThan(15)
    expect(written).toBeLessThanOrEqual(31)
    await run.clock.advance(1_500)
    expect(run.isSaved).toBe(true)
    expect(run.stored('j')).toHaveLength(1)
    expect(run.store.sizes.get('j')?.at(-1)).toBeLessThan(1_010_000)
    const { text } = run.document
    run.crash()
    const next = new Run(disk, 2)
    next.replicas.hold()
    await next.start()
    expect(next.document.text).toBe(text)
    next.crash()
  })

  describe('whose base is not what it was', () => {
    const base = `${'a line that was there before\n'.repeat(20)}end`

    const leave = async () => {
      await run.clock.advance(10)
      run.type(base)
      await run.clock.advance(2_000)
      run.replicas.hold()
      run.type('mine ', base.indexOf('end'))
      await run.clock.advance(2_000)
      run.crash()
    }

    it('takes the text last seen if that is the same', async () => {
      await leave()
      for (const name of run.stored('i')) disk.values.delete(name)
      expect((await again(base)).state).toBe('sound')
    })

    it('is put in near its place where the text it fits is gone, once, and says so', async () => {
      await leave()
      for (const name of run.stored('i')) disk.values.set(name, Buffer.alloc(60))
      const { next, state } = await again(base.replaceAll('line', 'LINE'))
      expect(state).toBe('near')
      await next.clock.advance(2_000)
      expect(next.document.text).toBe(`${base.slice(0, -3)}mine end`)
      expect(next.stored('j')).toEqual([])
    })

    it('is kept aside as it is where it cannot be read, also with a disk that is full then', async () => {
      for (const full of [false, true]) {
        await leave()
        const [name = ''] = run.stored('j')
        const damaged = Buffer.from(disk.values.get(name) ?? []).fill(7, 30)
        disk.values.set(name, damaged)
        disk.full = full
        const { next, state } = await again(base)
        disk.full = false
        expect(state).toBe('unreadable')
        next.replicas.hold()
        next.type('other')
        await next.clock.advance(500)
        expect(next.isSaved).toBe(true)
        const aside = run.stored('!was j').map((key) => disk.values.get(key))
        expect(aside).toContainEqual(Uint8Array.from(damaged))
        expect(aside).toHaveLength(full ? 2 : 1)
        next.crash()
        run = (await again(base)).next
      }
    })
  })
})

it('edits that an earlier run left, and that are in the text last seen, leave its next edits to be stored alone', async () => {
  run.replicas.hold()
  run.type('Left behind.')
  await run.clock.advance(1_000)
  run.crash()
  for (const [lastSeen, isKnown] of [
    ['Left behind.', true],
    ['Left', false],
  ] as const) {
    const again = new Run(disk, 2)
    later.push(again)
    again.replicas.hold()
    expect(await again.start(lastSeen)).toBe('sound')
    again.type(' And on.')
    const { text, changes } = again.document.takeText()
    expect(text.toString()).toBe('Left behind. And on.')
    expect(changes?.apply(toText(lastSeen)).toString()).toBe(isKnown ? text.toString() : undefined)
    again.type(' Known.')
    expect(again.document.takeText().changes?.apply(text).toString()).toBe('Left behind. And on. Known.')
    again.crash()
  }
})

it('a record never refers to a base text that the disk refused', async () => {
  const base = 'a text that was there before. '
  const random = randomFrom(4).bytes
  const store = new MemoryStore(disk)
  const { keep } = await openJournal({ store, documentId, random })
  const edits = new PendingEdits(toText(base), [])
  const journal = new EditJournal({
    log: { keep: (records) => store.write(records) },
    clock: new ManualClock(),
    keep,
    edits,
    isLogging: () => false,
    onKept: () => undefined,
  })
  const type = (words: string, length: number) =>
    edits.add(ChangeSet.of({ from: length, insert: words }, length))
  type('one ', base.length)
  type('two ', base.length + 4)
  disk.full = true
  journal.write()
  // The replica closes the first edit while that write is under way.
  edits.close(1)
  const { records, onDurable } = journal.removeClosed(1)
  await quiet()
  expect(run.stored('i')).toEqual([])
  disk.full = false
  await store.write(records)
  onDurable()

  const read = await openJournal({ store: new MemoryStore(disk), documentId, random })
  expect(read.state).toBe('sound')
  const { text, entries } = read.keep.left ?? expect.fail()
  expect(entries.reduce((sum, { changes }) => changes.apply(sum), text).toString()).toBe(`${base}one two `)
})
