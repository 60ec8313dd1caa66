import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { hex } from '../../../main/base/hex'
import { TextRecords } from '../../../main/library/text-records'
import { Vault } from '../../../main/profile/vault'
import { DocumentSearch } from '../../../main/search/document-search'
import type { FromSearch, ListedDocument, ToSearch } from '../../../main/search/search-protocol'
import { SearchService } from '../../../main/search/search-service'
import type { SearchListener, StartSearch } from '../../../main/search/search-thread'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import type { SearchState } from '../../../preload/contract/search'
import { toText } from '../../../preload/text'
import { inlineSearch } from '../../support/inline-search'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const random = randomFrom(5)
let clock: ManualClock
let texts: TextRecords
let documents: ListedDocument[]
let threads: { posted: ToSearch[]; listener: SearchListener; stopped: boolean }[]
let search: DocumentSearch

/** Threads that work in the test's own, and of which the test sees what they are sent. */
const startSearch: StartSearch = (listener) => {
  const thread = { posted: [] as ToSearch[], listener, stopped: false }
  threads.push(thread)
  const inner = inlineSearch(listener)
  return {
    post: (message) => {
      thread.posted.push(message)
      inner.post(message)
    },
    stop: () => {
      thread.stopped = true
      inner.stop()
    },
  }
}

/** Threads that never answer. */
const startStuck: StartSearch = (listener) => {
  const thread = { posted: [] as ToSearch[], listener, stopped: false }
  threads.push(thread)
  return {
    post: (message) => thread.posted.push(message),
    stop: () => {
      thread.stopped = true
    },
  }
}

const make = (start: StartSearch) =>
  new DocumentSearch({
    clock,
    startSearch: start,
    documents: () => documents,
    texts: () => texts,
    storeTyped: async () => undefined,
  })

beforeEach(async () => {
  clock = new ManualClock()
  threads = []
  documents = []
  const store = new MemoryStore(new MemoryDisk())
  await store.open()
  texts = new TextRecords({
    vault: new Vault({ store, key: random.bytes(32), random: (size) => random.bytes(size) }),
    store,
  })
  search = make(startSearch)
})
afterEach(() => search.close())

async function write(title: string, text: string): Promise<string> {
  const id = hex(random.bytes(32))
  await (await texts.open(id)).store(toText(text), null)
  documents.push({ id, title, editedAt: documents.length })
  return id
}

const run = (text: string, kind: 'words' | 'regexp' = 'words'): Promise<SearchState> =>
  new Promise((resolve) => {
    search.search({ text, kind }, (state) => state.done && resolve(state))
  })
const titles = async (text: string) => (await run(text)).hits.map(({ title }) => title)
const memoryOf = (posted: readonly ToSearch[]) =>
  posted.flatMap((message) => (message.type === 'open' ? message.memory : []))[0] ?? expect.fail()

describe('searching', () => {
  it('reads the texts that were edited last before all others, and each once', async () => {
    for (let count = 0; count < 260; count++) await write(`Document ${count}`, `text ${count} apple`)
    expect((await run('apple')).searched).toBe(260)
    const sent = (threads[0]?.posted ?? []).flatMap((message) =>
      message.type === 'texts' ? message.texts.map(({ id }) => hex(id)) : [],
    )
    const latest = documents.map(({ id }) => id).reverse()
    expect(sent.slice(0, 200)).toEqual(latest.slice(0, 200))
    expect(sent.slice(200).sort()).toEqual(latest.slice(200).sort())
  })

  it('reads all texts once, and afterwards those that changed', async () => {
    for (let count = 0; count < 150; count++) await write(`Document ${count}`, `text ${count} apple`)
    expect((await run('apple')).hits).toHaveLength(150)
    const [thread = expect.fail()] = threads
    const sent = () =>
      thread.posted.flatMap((message) => (message.type === 'texts' ? message.texts : [])).length
    expect(sent()).toBe(150)
    const { id } = documents[7] ?? expect.fail()
    await (await texts.open(id)).store(toText('a pear'), null)
    search.stored(id)
    expect(await titles('pear')).toEqual(['Document 7'])
    expect((await run('apple')).hits).toHaveLength(149)
    expect(sent()).toBe(151)
    for (const { id } of documents) {
      await (await texts.open(id)).store(toText('a plum'), null)
      search.stored(id)
    }
    expect(await titles('plum')).toHaveLength(150)
    const sizes = thread.posted.map((message) => (message.type === 'texts' ? message.texts.length : 0))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64)
    expect(threads).toHaveLength(1)
  })

  it('applies the edits that follow a text, and takes a new title', async () => {
    const id = await write('Old', 'apple')
    const seen = await texts.open(id)
    const { ChangeSet } = await import('@codemirror/state')
    await seen.store(toText('apple pie'), ChangeSet.of({ from: 5, insert: ' pie' }, 5))
    expect(await titles('apple pie')).toEqual(['Old'])
    documents = [{ id, title: 'New', editedAt: 5 }]
    expect(await titles('pie')).toEqual(['New'])
    documents = []
    expect(await run('pie')).toMatchObject({ hits: [], documents: 0, searched: 0 })
  })

  it('finds nothing without words, and says where an expression is invalid', async () => {
    await write('A', 'apple')
    const nothing = { hits: [], done: true, searched: 0 }
    expect(await run(' "')).toMatchObject({ ...nothing, failure: null })
    expect(await run('(', 'regexp')).toMatchObject({ ...nothing, failure: 'invalid' })
  })

  it('tells nothing of a search that was ended', async () => {
    await write('A', 'apple')
    const onState = vi.fn()
    search.search({ text: 'apple', kind: 'words' }, onState).end()
    await run('apple')
    expect(onState).not.toHaveBeenCalled()
  })

  it('ends its thread and wipes its key after five minutes without a search, and begins again', async () => {
    const id = await write('A', 'apple')
    await run('apple')
    const [thread = expect.fail()] = threads
    const { key } = memoryOf(thread.posted)
    expect(Buffer.from(key)).toEqual(texts.key)
    await clock.advance(4 * 60_000)
    await run('apple')
    await clock.advance(4 * 60_000)
    expect(thread.stopped).toBe(false)
    // While somebody writes, tags and links are read again and again.
    await search.facts(id)
    await clock.advance(61_000)
    expect(thread.stopped).toBe(true)
    expect(Buffer.from(key)).toEqual(Buffer.alloc(32))
    expect(await titles('apple')).toEqual(['A'])
    expect(threads).toHaveLength(2)
  })

  it('says that a search broke off where a thread crashes, and begins again with the next search', async () => {
    await write('A', 'apple')
    let start = startStuck
    search = make((listener) => start(listener))
    const ended = run('apple')
    await vi.waitFor(() => expect(threads).toHaveLength(1))
    start = startSearch
    threads[0]?.listener.onEnd()
    expect(await ended).toMatchObject({ done: true, searched: 0, failure: 'stopped' })
    expect(Buffer.from(memoryOf(threads[0]?.posted ?? []).key)).toEqual(Buffer.alloc(32))
    expect(await titles('apple')).toEqual(['A'])
  })
})

it('an expression that needs too much memory is ended, and nothing else', async () => {
  await write('Long', 'ab'.repeat(500_000))
  await write('A', 'apple')
  const needy = run('^((((((((a|b))))))))*c', 'regexp')
  const state = await run('apple')
  expect(await needy).toMatchObject({ done: true, failure: 'slow' })
  expect(state).toMatchObject({ failure: null, searched: 2, hits: [{ title: 'A' }] })
  expect((await run('app.e', 'regexp')).hits).toHaveLength(1)
  expect(threads).toHaveLength(1)
})

it('a large text that waits is not opened after a newer one', async () => {
  const id = await write('A', hex(random.bytes(600_000)))
  const old = (await texts.sealed(id)) ?? expect.fail()
  await (await texts.open(id)).store(toText('apple'), null)
  const newer = (await texts.sealed(id)) ?? expect.fail()
  const works: (() => void)[] = []
  const answers: FromSearch[] = []
  const service = new SearchService({
    answer: (message) => answers.push(message),
    uptime: () => performance.now(),
    later: (work) => works.push(work),
  })
  service.take({ type: 'open', memory: { key: texts.key, beat: new Int32Array(2) } })
  service.take({ type: 'documents', changed: documents, gone: [] })
  service.take({ type: 'texts', texts: [old], last: false })
  service.take({ type: 'texts', texts: [newer], last: true })
  service.take({ type: 'search', search: 1, query: { text: 'apple', kind: 'words' } })
  for (let work = works.shift(); work; work = works.shift()) work()
  expect(answers.at(-1)).toMatchObject({ type: 'hits', done: true, hits: [{ id }] })
})

describe('an expression that stays in one text', () => {
  beforeEach(() => {
    search = make(startStuck)
  })

  /** Moves the beat as a thread does that enters a text for a search, or leaves it. */
  const step = (posted: readonly ToSearch[], number: number) => {
    const { beat } = memoryOf(posted)
    Atomics.store(beat, 1, number)
    Atomics.add(beat, 0, 1)
  }

  it('is ended after a quarter of a second; other searches begin again', async () => {
    const states: SearchState[] = []
    const others: SearchState[] = []
    const { search: number } = search.search({ text: '(a+)+b', kind: 'regexp' }, (state) =>
      states.push(state),
    )
    search.search({ text: 'apple', kind: 'words' }, (state) => others.push(state))
    await vi.waitFor(() => expect(threads[0]?.posted.some(({ type }) => type === 'search')).toBe(true))
    const first = threads[0] ?? expect.fail()
    step(first.posted, number)
    const found: FromSearch = {
      type: 'hits',
      search: number,
      hits: [],
      done: false,
      searched: 3,
      documents: 9,
      failure: null,
    }
    first.listener.onMessage(found)
    await clock.advance(600)
    expect(first.stopped).toBe(true)
    expect(states.at(-1)).toMatchObject({ done: true, failure: 'slow', searched: 3, documents: 9 })
    await vi.waitFor(() => expect(threads[1]?.posted.some(({ type }) => type === 'search')).toBe(true))
    const begun = threads[1]?.posted.flatMap((message) =>
      message.type === 'search' ? message.query.text : [],
    )
    expect(begun).toEqual(['apple'])
    expect(others).toEqual([])
  })

  it('is not ended while it goes from text to text', async () => {
    const { search: number } = search.search({ text: 'a', kind: 'regexp' }, () => undefined)
    await vi.waitFor(() => expect(threads[0]?.posted.some(({ type }) => type === 'search')).toBe(true))
    const { posted } = threads[0] ?? expect.fail()
    step(posted, number)
    for (let time = 0; time < 20; time++) {
      await clock.advance(200)
      step(posted, number)
      step(posted, number)
    }
    step(posted, number)
    await clock.advance(2_000)
    expect(threads[0]?.stopped).toBe(false)
  })
})
