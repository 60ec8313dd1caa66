import { createHash } from 'node:crypto'
import { ChangeSet, type Text } from '@codemirror/state'
import { beforeEach, describe, expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import type { JournalKeep } from '../../../main/document/edit-journal'
import { ReplicaClient } from '../../../main/document/replica-client'
import type { StartReplica } from '../../../main/document/replica-thread'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { SessionLog } from '../../../main/log/session-log'
import { readChangeHeader } from '../../../main/replica/change-header'
import { createHandle, genesisChange } from '../../../main/replica/genesis'
import type { SealedSegment } from '../../../main/replica/intake'
import { Replica } from '../../../main/replica/replica'
import type { FromReplica } from '../../../main/replica/replica-protocol'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { toText } from '../../../preload/text'
import { Author } from '../../support/author'
import { noCallbacks } from '../../support/document-callbacks'
import { InlineReplicas } from '../../support/inline-replica'
import { openJournal } from '../../support/journal'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

const keys = keysFromWrite(Buffer.alloc(32, 9))
const { documentId } = keys
const contentKey = keys.content ?? expect.fail()
const identity = identityFromSeed(Buffer.alloc(32, 3))

/** A document's log and the replica on it, under a clock that is moved by hand. */
class Bench {
  readonly clock = new ManualClock()
  readonly replicas = new InlineReplicas(() => 0)
  private readonly random = randomFrom(1)
  private readonly environment = { clock: this.clock, random: (size: number) => this.random.bytes(size) }
  readonly store = new MemoryStore(new MemoryDisk())
  readonly log = new DocumentLog({
    store: this.store,
    environment: this.environment,
    documentId,
    verify: keys.verify,
  })
  text: Text = toText('')
  journal: JournalKeep | null = null
  starts = 0

  async open(): Promise<void> {
    await this.log.open()
    const { store } = this
    this.journal = (await openJournal({ store, documentId, random: (size) => this.random.bytes(size) })).keep
  }

  session(): SessionLog {
    return new SessionLog({ documentId, keys, identity, name: 'Ben', environment: this.environment })
  }

  /** Puts segments into the log, as if a peer had sent them. */
  async arrive(segments: readonly SealedSegment[]): Promise<void> {
    for (const { segment, certificate } of segments)
      expect(this.log.accept(segment, certificate)).toBe('accepted')
    await quiet()
  }

  start(startReplica: StartReplica = this.replicas.start): ReplicaClient {
    return new ReplicaClient({
      parts: ['notes'],
      ...noCallbacks,
      log: this.log,
      contentKey,
      documentId,
      newSession: () => this.session(),
      startReplica: (listener) => {
        this.starts++
        return startReplica(listener)
      },
      clock: this.clock,
      text: this.text,
      journal: this.journal ?? expect.fail(),
      onRemote: (changes) => {
        this.text = changes.apply(this.text)
      },
      onLost: () => undefined,
      onPlaces: () => undefined,
      onSaved: () => undefined,
      onRecords: () => undefined,
    })
  }

  /** Types at the start of the text. */
  type(client: ReplicaClient, words: string): void {
    const edit = ChangeSet.of({ from: 0, insert: words }, this.text.length)
    this.text = edit.apply(this.text)
    client.edit(edit)
  }

  /** Lets replicas start and die until one has everything. */
  async rest(client: ReplicaClient): Promise<void> {
    for (let turn = 0; !client.isCurrent && turn < 200; turn++) {
      await quiet()
      await this.clock.advance(1_000)
    }
    expect(client.isCurrent).toBe(true)
    const settled = client.settled()
    await quiet()
    await settled
  }
}

let bench: Bench
beforeEach(async () => {
  bench = new Bench()
  await bench.open()
})

describe('a change that ends every thread that reads it (rule D5)', () => {
  it('without a word is found by loading with care, and left out', async () => {
    const ada = new Author(keys, 0)
    const mallory = new Author(keys, 1)
    ada.write([{ from: 0, to: 0, insert: 'Ada. ' }])
    mallory.take(ada, 1)
    mallory.write([{ from: 5, to: 5, insert: 'Before. ' }])
    mallory.write([{ from: 13, to: 13, insert: 'Deadly. ' }])
    await bench.arrive([...ada.sealed(0, 1), ...mallory.sealed(0, 2)])
    const deadly = { session: mallory.id, seq: 2 }

    // Whatever thread gets as far as to apply it is gone.
    const client = bench.start((listener) => {
      let spared = false
      const thread = bench.replicas.start({
        ...listener,
        onMessage: (message) => {
          listener.onMessage(message)
          if (
            message.type === 'taking' &&
            message.change?.session === deadly.session &&
            message.change.seq === deadly.seq
          )
            die()
        },
      })
      const die = () => {
        thread.stop()
        listener.onEnd(new Error('gone'))
      }
      return {
        ...thread,
        post: (message) => {
          if (message.type === 'start')
            spared = message.careful || message.leftOut.get(deadly.session) === deadly.seq
          if (message.type === 'load' && !spared) setImmediate(die)
          else thread.post(message)
        },
      }
    })
    bench.type(client, 'Typed meanwhile. ')
    await bench.rest(client)
    // One dies at once, two with care, for once may be chance; the fourth leaves it out.
    expect(bench.starts).toBe(4)
    expect(client.faults).toMatchObject([deadly])
    expect(bench.text.toString()).toContain('Typed meanwhile. ')
    expect(bench.text.toString()).toContain('Ada. Before. ')
    expect(bench.text.toString()).not.toContain('Deadly')
    client.close()
  })

  it('is not the last one that was loaded, when the thread ends after all were', async () => {
    const ada = new Author(keys, 0)
    ada.write([{ from: 0, to: 0, insert: 'Ada.' }])
    await bench.arrive(ada.sealed(0, 1))
    let lives = 3
    const client = bench.start((listener) => {
      const thread = bench.replicas.start({
        ...listener,
        onMessage: (message) => {
          listener.onMessage(message)
          if (message.type === 'taking' && message.change === null && lives-- > 1) die()
        },
      })
      const die = () => {
        thread.stop()
        listener.onEnd(new Error('gone'))
      }
      let careful = false
      return {
        ...thread,
        post: (message) => {
          if (message.type === 'start') careful = message.careful
          if (message.type === 'load' && !careful) setImmediate(die)
          else thread.post(message)
        },
      }
    })
    await bench.rest(client)
    expect(bench.starts).toBe(4)
    expect(client.faults).toEqual([])
    expect(bench.text.toString()).toBe('Ada.')
    client.close()
  })

  it.each(['while it is loaded', 'when it arrives'])(
    'by a panic of Automerge %s is left out at once',
    async (when) => {
      const ada = new Author(keys, 0)
      ada.write([{ from: 0, to: 0, insert: 'Ada. ' }])
      const { session, segments } = panicking()
      const early = when === 'while it is loaded'
      await bench.arrive(ada.sealed(0, 1))
      if (early) await bench.arrive(segments)
      const client = bench.start()
      await bench.rest(client)
      if (!early) await bench.arrive(segments)
      bench.type(client, 'Typed meanwhile. ')
      await bench.rest(client)
      expect(client.faults).toMatchObject([{ session, seq: 2 }])
      expect(bench.text.toString()).toContain('Typed meanwhile. ')
      expect(bench.text.toString()).toContain('Ada. ')
      expect(bench.text.toString()).toContain('sound')
      expect(bench.starts).toBeLessThanOrEqual(3)
      client.close()
    },
  )
})

describe('a replica that sends what its phase does not have', () => {
  const stray: FromReplica[] = [
    { type: 'loaded', text: 'forged', faults: [], reach: new Map(), entered: [] },
    { type: 'authored', runs: [] },
    { type: 'taking', change: null },
    { type: 'checked', sound: true },
    { type: 'salvaged', changes: null },
  ]

  it.each(stray)('as $type while it runs, is replaced', async (message) => {
    let say: (message: FromReplica) => void = () => undefined
    const client = bench.start((listener) => {
      say = listener.onMessage
      return bench.replicas.start(listener)
    })
    bench.type(client, 'Typed before. ')
    await bench.rest(client)
    say(message)
    expect([client.loading, bench.text.toString()]).toEqual([true, 'Typed before. '])
    await bench.rest(client)
    expect([bench.starts, bench.text.toString()]).toEqual([2, 'Typed before. '])
    client.close()
  })

  it('as a change while it loads, writes nothing', async () => {
    let say: (message: FromReplica) => void = () => undefined
    bench.replicas.hold()
    const client = bench.start((listener) => {
      say = listener.onMessage
      return bench.replicas.start(listener)
    })
    const change = { bytes: new Uint8Array(10), hash: new Uint8Array(32) }
    say({ type: 'change', changes: [change], edits: 0, recorded: [], named: 0 })
    bench.replicas.release()
    await bench.rest(client)
    expect([bench.starts, bench.log.ownSessions()]).toEqual([2, []])
    client.close()
  })
})

/** A session of one sound change and one that passes every check and makes Automerge panic. */
function panicking(): { session: string; segments: SealedSegment[] } {
  const log = bench.session()
  const actor = hex(log.session)
  const replica = new Replica({ documentId, contentKey, actor, now: () => 0 })
  const make = (text: string): Uint8Array => {
    replica.edit(ChangeSet.of({ from: 0, insert: text }, replica.text.length))
    return replica.commit()[0]?.bytes ?? expect.fail()
  }
  const sound = make('sound ')
  const changes = [sound, broken(make('and not '), [genesisChange(documentId), sound])]
  const segments = changes.map((bytes) => {
    const hash = createHash('sha256').update(bytes.subarray(8)).digest()
    return { segment: log.seal([{ bytes, hash }]).bytes, certificate: log.certificate }
  })
  return { session: actor, segments }
}

/** The first of many ways to spoil a change's columns that only Automerge notices, and does not survive. */
function broken(sound: Uint8Array, before: readonly Uint8Array[]): Uint8Array {
  const random = randomFrom(2)
  const header = headerOf(sound)
  for (let attempt = 0; attempt < 5_000; attempt++) {
    const bytes = Buffer.from(sound)
    for (let times = 1 + random.below(3); times > 0; times--)
      bytes[80 + random.below(bytes.length - 80)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
    createHash('sha256').update(bytes.subarray(8)).digest().copy(bytes, 4, 0, 4)
    if (headerOf(bytes) === header && panics([...before, bytes])) return bytes
  }
  throw new Error('no way was found to make Automerge panic')
}

function headerOf(bytes: Uint8Array): string {
  try {
    return JSON.stringify({ ...readChangeHeader(bytes), hash: '' })
  } catch {
    return ''
  }
}

function panics(changes: Uint8Array[]): boolean {
  try {
    createHandle('cd'.repeat(32)).applyChanges(changes)
    return false
  } catch (error) {
    return error instanceof Error && error.name === 'PanicError'
  }
}

describe('a client that is closed', () => {
  it('reads no more of the log for a replica that still loads', async () => {
    const ada = new Author(keys, 0)
    ada.write([{ from: 0, to: 0, insert: 'Ada.' }])
    await bench.arrive(ada.sealed(0, 1))
    const posted: string[] = []
    const client = bench.start(() => ({
      post: ({ type }) => posted.push(type),
      stop: () => undefined,
      leave: () => undefined,
    }))
    client.close()
    await quiet()
    expect(posted).toEqual([])
  })
})

describe('an edit that the log did not write for a reason that nobody foresaw', () => {
  it('does not count as saved', async () => {
    const client = bench.start()
    await bench.rest(client)
    const unforeseen: unknown[] = []
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (error) => unforeseen.push(error))
    bench.log.append = () => Promise.reject(new TypeError('broken'))
    bench.type(client, 'Typed. ')
    let outcome = 'waits'
    client.saved().then(
      () => (outcome = 'saved'),
      () => (outcome = 'not saved'),
    )
    await quiet()
    await bench.clock.advance(100)
    await quiet()
    process.removeAllListeners('unhandledRejection')
    for (const other of others) process.on('unhandledRejection', other)
    expect(unforeseen).toMatchObject([{ message: 'broken' }])
    expect(outcome).toBe('waits')
    client.close()
    await quiet()
    expect(outcome).toBe('not saved')
  })
})
