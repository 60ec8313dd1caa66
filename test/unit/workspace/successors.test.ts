import { expect, it } from 'vitest'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import type { KeptSuccessor, OwnSuccessor } from '../../../main/library/library-entry'
import { makeSuccessor } from '../../../main/log/format/successor'
import type { KeyedRecord } from '../../../main/replica/parts/part'
import { keyOf, Successors } from '../../../main/workspace/successors'
import { setUp } from '../log/open-log'

async function begin(role: 'write' | 'read' = 'write') {
  const { log, session, change, keys, identity, random } = await setUp()
  await log.append(session('Ada'), [change()])
  const next = keysFromWrite(random.bytes(32))
  const record = makeSuccessor({
    from: keys.documentId,
    to: next,
    identity,
    receivers: [],
    random: (size) => random.bytes(size),
  })
  let kept: readonly KeptSuccessor[] = []
  const posted: KeyedRecord[] = []
  const open = () =>
    new Successors({
      log,
      contentKey: keys.content ?? expect.fail(),
      identity: () => identity,
      canWrite: () => role === 'write',
      channel: { onRecords: () => () => undefined, put: async (note) => void posted.push(note) },
      isEnded: () => false,
      kept: () => kept,
      keep: async (successors) => {
        kept = successors
      },
      holds: () => true,
      onChange: () => undefined,
      onFailure: (error) => expect.fail(String(error)),
    })
  const own: KeptSuccessor & { own: OwnSuccessor } = {
    key: keyOf(record),
    author: hex(identity.publicKey),
    name: 'Ada',
    documentId: hex(next.documentId),
    secret: null,
    own: { record: hex(record), posted: false, leaving: false, untold: [] },
  }
  return { open, own, record, posted, kept: () => kept }
}

it('a record that was made here stands in the document, and is put in again when it went missing (R5)', async () => {
  const { open, own, record, posted, kept } = await begin()
  const first = open()
  await first.add(own)
  expect(posted).toEqual([{ key: own.key.slice(0, 32), bytes: Buffer.from(record) }])
  expect(kept()).toMatchObject([{ own: { posted: true } }])
  await first.take(posted)
  // Taken away while the document is open, it is not fought about.
  await first.take([])
  expect(posted).toHaveLength(1)
  const second = open()
  await second.take(posted)
  expect(posted).toHaveLength(1)
  await second.take([])
  await second.take([])
  expect(posted).toHaveLength(2)
  expect(posted[1]).toEqual(posted[0])
  expect(second.list()).toMatchObject([{ own: true, held: true }])
  expect(kept()).toHaveLength(1)
})

it('who may only read posts nothing, and a record that is kept is taken once', async () => {
  const { open, own, record, posted, kept } = await begin('read')
  const successors = open()
  await successors.add(own)
  expect([posted, kept()]).toMatchObject([[], [{ own: { posted: false } }]])
  const note = { key: 'ab'.repeat(16), bytes: record }
  await successors.take([note, { ...note, key: 'cd'.repeat(16) }])
  expect(kept()).toHaveLength(1)
})
