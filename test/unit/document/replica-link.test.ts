import { ChangeSet } from '@codemirror/state'
import { expect, it } from 'vitest'
import { ReplicaLink } from '../../../main/document/replica-link'
import type { StartReplica } from '../../../main/document/replica-thread'
import { toText } from '../../../main/document/text'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { SessionLog } from '../../../main/log/session-log'
import { MemoryDisk, MemoryStore } from '../../../main/storage/memory-store'
import { Author } from '../../support/author'
import { InlineReplicas } from '../../support/inline-replica'
import { ManualClock, quiet } from '../../support/manual-clock'
import { randomFrom } from '../../support/random'

it('a change that ends every thread that reads it is found and left out (rule D5)', async () => {
  const keys = keysFromWrite(Buffer.alloc(32, 9))
  if (!keys.content) throw new Error('these keys read nothing')
  const clock = new ManualClock()
  const random = randomFrom(1)
  const environment = { clock, random: (size: number) => random.bytes(size) }
  const { documentId } = keys
  const log = new DocumentLog({
    store: new MemoryStore(new MemoryDisk()),
    environment,
    documentId,
    verify: keys.verify,
  })
  await log.open()

  const ada = new Author(keys, 0)
  const mallory = new Author(keys, 1)
  ada.write([{ from: 0, to: 0, insert: 'Ada. ' }])
  mallory.take(ada, 1)
  mallory.write([{ from: 5, to: 5, insert: 'Before. ' }])
  mallory.write([{ from: 13, to: 13, insert: 'Deadly. ' }])
  const deadly = { session: mallory.id, seq: 2 }
  for (const { segment, certificate } of [...ada.sealed(0, 1), ...mallory.sealed(0, 2)])
    expect(log.accept(segment, certificate)).toBe('accepted')
  await quiet()

  const replicas = new InlineReplicas(() => 0)
  let deaths = 0
  // The worst that a change can do: whatever thread gets as far as to apply it is gone without a word.
  const start: StartReplica = (listener) => {
    let spared = false
    const die = () => {
      deaths++
      thread.stop()
      listener.onEnd(new Error('gone'))
    }
    const thread = replicas.start({
      ...listener,
      onMessage: (message) => {
        listener.onMessage(message)
        if (message.type === 'taking' && message.session === deadly.session && message.seq === deadly.seq)
          die()
      },
    })
    return {
      ...thread,
      post: (message) => {
        if (message.type === 'start')
          spared = message.careful || message.leftOut.get(deadly.session) === deadly.seq
        if (message.type === 'load' && !spared) setImmediate(die)
        else thread.post(message)
      },
    }
  }
  let text = toText('')
  const identity = identityFromSeed(Buffer.alloc(32, 3))
  const link = new ReplicaLink({
    log,
    contentKey: keys.content,
    documentId,
    newSession: () => new SessionLog({ documentId, keys, identity, name: 'Ben', environment }),
    startReplica: start,
    clock,
    text,
    onRemote: (changes) => {
      text = changes.apply(text)
    },
    onSaved: () => undefined,
    onState: () => undefined,
    onSelected: () => undefined,
    onPlaces: () => undefined,
  })
  const edit = ChangeSet.of({ from: 0, insert: 'Typed meanwhile. ' }, 0)
  text = edit.apply(text)
  link.edit(edit)
  for (let turn = 0; link.loading && turn < 100; turn++) {
    await quiet()
    await clock.advance(1_000)
  }
  expect(link.loading).toBe(false)
  expect(deaths).toBe(3)
  expect(link.faults).toMatchObject([deadly])
  const settled = link.settled()
  await quiet()
  await settled
  expect(text.toString()).toContain('Typed meanwhile. ')
  expect(text.toString()).toContain('Ada. Before. ')
  expect(text.toString()).not.toContain('Deadly')
  link.close()
  replicas.freeAll()
  await log.close()
})
