import { ChangeSet, Text } from '@codemirror/state'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OpenDocument, type OpenDocumentOptions } from '../../../main/document/open-document'
import type { StartReplica } from '../../../main/document/replica-thread'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { SessionLog } from '../../../main/log/session-log'
import type { FromReplica, ToReplica } from '../../../main/replica/replica-protocol'
import { MemoryStore } from '../../../main/storage/memory-store'
import type { Update } from '../../../preload/contract/updates'
import { noCallbacks } from '../../support/document-callbacks'
import { InlineReplicas } from '../../support/inline-replica'
import { openJournal } from '../../support/journal'
import { ManualClock } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const keys = keysFromWrite(Buffer.alloc(32, 9))
const { documentId, verify } = keys
const contentKey = keys.content ?? expect.fail()
const identity = identityFromSeed(Buffer.alloc(32, 3))

const clock = new ManualClock()
const replicas = new InlineReplicas(() => 0)
let log: DocumentLog
let open: OpenDocument | null = null
/** Records of the journal, as they were handed over to be stored. */
let journaled: unknown[]
beforeEach(() => {
  journaled = []
})
afterEach(() => {
  vi.restoreAllMocks()
  open?.close()
  replicas.release()
  replicas.freeAll()
})

async function openDocument(options: Partial<OpenDocumentOptions> = {}): Promise<OpenDocument> {
  const store = new MemoryStore()
  const random = randomFrom(1).bytes
  const environment = { clock, random }
  log = new DocumentLog({ store, environment, documentId, verify })
  await log.open()
  const { keep } = await openJournal({ store, documentId, random })
  const journal: typeof keep = {
    ...keep,
    store: (record, base) => {
      journaled.push(...record.entries.map(({ changes }) => changes))
      return keep.store(record, base)
    },
  }
  const newSession = () => new SessionLog({ documentId, keys, identity, name: 'Ada', environment })
  open = new OpenDocument({
    parts: ['notes'],
    ...noCallbacks,
    documentId,
    contentKey,
    log,
    newSession,
    canWrite: true,
    startReplica: replicas.start,
    clock,
    text: Text.empty,
    journal,
    hasCompany: () => false,
    ...options,
  })
  return open
}

describe('an edit on its way', () => {
  const posted: ToReplica[] = []
  let answer: (message: FromReplica) => void
  /** A thread that loads an empty document, and then takes edits and closes none. */
  const silent: StartReplica = (listener) => {
    answer = (message) => listener.onMessage(message)
    return {
      post: (message) => {
        posted.push(message)
        if (message.type === 'load' && message.last)
          answer({ type: 'loaded', text: '', faults: [], reach: new Map(), entered: [] })
      },
      stop: () => undefined,
      leave: () => undefined,
    }
  }
  let shown: Update[]
  let parsed: { mock: { calls: unknown[] } }
  let serialised: { mock: { calls: unknown[] } }
  let document: OpenDocument
  beforeEach(async () => {
    posted.length = 0
    shown = []
    document = await openDocument({ startReplica: silent, onUpdates: (_, updates) => shown.push(...updates) })
    await clock.advance(10)
    expect(document.loading).toBe(false)
    parsed = vi.spyOn(ChangeSet, 'fromJSON')
    serialised = vi.spyOn(ChangeSet.prototype, 'toJSON')
  })

  const sentToReplica = () => posted.flatMap((message) => (message.type === 'edit' ? [message.changes] : []))

  it('from a window is parsed once, and serialised once for windows, replica and journal', async () => {
    document.push(0, [{ clientID: 'window', changes: [[0, 'word']] }])
    await clock.advance(2_000)
    const [update] = shown
    expect([shown, sentToReplica(), journaled]).toEqual([
      [{ clientID: 'window', changes: [[0, 'word']] }],
      [update?.changes],
      [update?.changes],
    ])
    expect([parsed.mock.calls.length, serialised.mock.calls.length]).toEqual([1, 1])
  })

  it('of the program itself is serialised once and never parsed', () => {
    document.edit([{ from: 0, to: 0, insert: 'word' }], 'program')
    expect([shown.length, sentToReplica().length]).toEqual([1, 1])
    expect([parsed.mock.calls.length, serialised.mock.calls.length]).toEqual([0, 1])
  })

  it('from elsewhere is parsed once, and not serialised again', () => {
    answer({ type: 'applied', edits: 0, changes: [[0, 'theirs']], faults: [], last: true })
    expect([document.text, shown]).toEqual(['theirs', [{ clientID: 'peer', changes: [[0, 'theirs']] }]])
    expect([parsed.mock.calls.length, serialised.mock.calls.length]).toEqual([1, 0])
  })
})

describe('a selection', () => {
  const carets: Uint8Array[] = []
  const places: { anchor: number; head: number }[] = []
  let document: OpenDocument
  beforeEach(async () => {
    carets.length = places.length = 0
    replicas.hold()
    document = await openDocument({
      onSelected: (caret) => carets.push(caret),
      onCarets: () => places.push(...document.carets.map(({ anchor, head }) => ({ anchor, head }))),
    })
    document.edit([{ from: 0, to: 0, insert: 'some words' }], 'test')
    await clock.advance(10)
    expect(document.loading).toBe(true)
  })

  it('that is made while the replica loads is named once it has, where it stands by then', async () => {
    document.select({ version: 1, anchor: 0, head: 0 })
    document.select({ version: 1, anchor: 5, head: 10 })
    document.edit([{ from: 0, to: 0, insert: 'And ' }], 'test')
    await clock.advance(1_000)
    expect(carets).toEqual([])
    replicas.release()
    await clock.advance(1_000)
    expect(carets).toHaveLength(1)
    document.setCarets(carets.map((caret) => ({ key: 'mine', caret })))
    await clock.advance(10)
    expect(places).toEqual([{ anchor: 9, head: 14 }])
  })

  it('is named again by the replica that follows one that died', async () => {
    replicas.release()
    await clock.advance(1_000)
    replicas.hold()
    document.select({ version: 1, anchor: 5, head: 5 })
    replicas.killAll()
    replicas.release()
    await vi.waitFor(async () => {
      await clock.advance(1_000)
      expect(document.loading).toBe(false)
    })
    await clock.advance(10)
    expect(carets).toHaveLength(1)
  })

  it('past the end of the text is one at its end', async () => {
    document.select({ version: 1, anchor: 99, head: 99 })
    document.edit([{ from: 10, to: 10, insert: '!' }], 'test')
    replicas.release()
    await clock.advance(1_000)
    document.setCarets(carets.map((caret) => ({ key: 'mine', caret })))
    await clock.advance(10)
    expect(places).toEqual([{ anchor: 11, head: 11 }])
  })

  it('that ended before the replica answers is not named', async () => {
    replicas.release()
    await clock.advance(1_000)
    document.select({ version: 1, anchor: 5, head: 10 })
    document.select(null)
    await clock.advance(10)
    expect([document.loading, carets]).toEqual([false, []])
  })

  it('that ended while the replica loads is never named', async () => {
    document.select({ version: 1, anchor: 5, head: 10 })
    document.select(null)
    replicas.release()
    await clock.advance(1_000)
    expect([document.loading, carets]).toEqual([false, []])
  })
})

describe('a reader', () => {
  it('may not edit until the link is upgraded', async () => {
    const document = await openDocument({ canWrite: false })
    const edit = () => document.edit([{ from: 0, to: 0, insert: 'x' }], 'test')
    expect(edit).toThrow(expect.objectContaining({ code: 'ROLE_TOO_LOW' }))
    document.changeRole(true)
    edit()
    expect(document.text).toBe('x')
  })
})
