import { ChangeSet } from '@codemirror/state'
import { expect, it } from 'vitest'
import type { FromReplica } from '../../../main/document/replica-protocol'
import { serveReplica } from '../../../main/document/serve-replica'
import { keysFromWrite } from '../../../main/keys/derive'
import { Author } from '../../support/author'

it('an edit that comes to nothing, as others made it too, is answered like any other', () => {
  const keys = keysFromWrite(Buffer.alloc(32, 11))
  const ada = new Author(keys, 0)
  ada.write([{ from: 0, to: 0, insert: 'both delete this' }])
  ada.write([{ from: 0, to: 5, insert: '' }])
  const heard: FromReplica[] = []
  const replica = serveReplica(
    (message) => heard.push(message),
    () => 0,
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
  })
  replica.take({ type: 'load', segments: ada.sealed(0, 1), last: true })
  replica.take({ type: 'segments', segments: ada.sealed(1, 2) })
  // Made before the news of the other's came.
  const changes = ChangeSet.of({ from: 0, to: 5 }, 16).toJSON()
  replica.take({ type: 'edit', remotes: 0, changes })
  replica.take({ type: 'commit' })
  expect(heard.at(-1)).toEqual({ type: 'change', changes: [], edits: 1, noted: [], named: 0 })
  const before = heard.length
  replica.take({ type: 'commit' })
  expect(heard).toHaveLength(before)
  replica.free()
})
