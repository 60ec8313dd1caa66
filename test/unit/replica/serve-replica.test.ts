import { createHash, randomBytes } from 'node:crypto'
import { ChangeSet } from '@codemirror/state'
import { expect, it } from 'vitest'
import { type DocumentKeys, keysFromWrite } from '../../../main/keys/derive'
import type { FromReplica } from '../../../main/replica/replica-protocol'
import { serveReplica } from '../../../main/replica/serve-replica'
import { Author, typed } from '../../support/author'

/** A replica that is served here, with what it said and what it will do later. */
function serve(keys: DocumentKeys) {
  const heard: FromReplica[] = []
  const later: (() => void)[] = []
  const replica = serveReplica(
    (message) => heard.push(message),
    () => 0,
    (work) => later.push(work),
  )
  replica.take({
    type: 'start',
    documentId: keys.documentId,
    contentKey: keys.content ?? expect.fail(),
    actor: 'ab'.repeat(32),
    leftOut: new Map(),
    careful: false,
    asked: [],
    snapshot: null,
    tail: Number.POSITIVE_INFINITY,
    entries: { name: 'a'.repeat(16), active: new Int32Array(1), earlier: [] },
    parts: ['notes'],
  })
  return { replica, heard, later }
}

const keys = keysFromWrite(Buffer.alloc(32, 11))

it('an edit that comes to nothing, as others made it too, is answered like any other', () => {
  const ada = new Author(keys, 0)
  ada.write([{ from: 0, to: 0, insert: 'both delete this' }])
  ada.write([{ from: 0, to: 5, insert: '' }])
  const { replica, heard } = serve(keys)
  replica.take({ type: 'load', segments: ada.sealed(0, 1), last: true })
  replica.take({ type: 'segments', segments: ada.sealed(1, 2) })
  // Made before the news of the other's came.
  const changes = ChangeSet.of({ from: 0, to: 5 }, 16).toJSON()
  replica.take({ type: 'edit', remotes: 0, changes })
  replica.take({ type: 'commit' })
  expect(heard.at(-1)).toEqual({ type: 'change', changes: [], edits: 1, recorded: [], named: 0 })
  const before = heard.length
  replica.take({ type: 'commit' })
  expect(heard).toHaveLength(before)
  replica.free()
})

it("others' changes are applied in slices, and what is written here goes between them", () => {
  const ada = new Author(keys, 0)
  ada.write(typed(0, 'x'.repeat(70_000)))
  const { replica, heard, later } = serve(keys)
  replica.take({ type: 'load', segments: [], last: true })
  replica.take({ type: 'segments', segments: ada.sealed(0, 1) })
  replica.take({ type: 'edit', remotes: 0, changes: ChangeSet.of({ from: 0, insert: 'own' }, 0).toJSON() })
  while (later.length > 0) later.shift()?.()
  const order = heard.flatMap((message) => {
    if (message.type === 'applied') return [message.last ? 'last slice' : 'slice']
    return message.type === 'change' && message.edits > 0 ? ['own'] : []
  })
  expect(order.slice(0, 2)).toEqual(['slice', 'own'])
  expect(order.slice(2)).toEqual(['slice', 'slice', 'last slice'])
  replica.free()
})

it('a large batch is looked at in parts', () => {
  const ada = new Author(keys, 0)
  // One operation each, and incompressible.
  for (let count = 0; count < 20; count++) {
    const bytes = randomBytes(25_000)
    const key = createHash('sha256').update(bytes).digest('hex').slice(0, 32)
    ada.replica.put({ part: 'notes', key, bytes })
    ada.write([])
  }
  const { replica, heard, later } = serve(keys)
  replica.take({ type: 'load', segments: [], last: true })
  replica.take({ type: 'segments', segments: ada.sealed(0, 20) })
  while (later.length > 0) later.shift()?.()
  const applied = heard.flatMap((message) => (message.type === 'applied' ? [message.last] : []))
  expect(applied).toEqual([false, true])
  expect(heard.filter(({ type }) => type === 'records').length).toBeGreaterThan(0)
  replica.free()
})
