import { ChangeSet } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { fromHex, hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { SessionLog } from '../../../main/log/session-log'
import { maxDependencies, readChangeHeader } from '../../../main/replica/change-header'
import { encodeJoin, genesisChange, genesisOperations } from '../../../main/replica/genesis'
import type { SealedSegment } from '../../../main/replica/intake'
import { Replica } from '../../../main/replica/replica'

const keys = keysFromWrite(Buffer.alloc(32, 21))
const { documentId } = keys
const contentKey = keys.content ?? expect.fail()
const genesis = readChangeHeader(genesisChange(documentId)).hash

/** Sessions that each made one change without operations, built on the first change alone: as many heads. */
function heads(count: number): SealedSegment[] {
  return Array.from({ length: count }, (_, number) => {
    const identity = identityFromSeed(Buffer.alloc(32, 1))
    const session = new SessionLog({ documentId, keys, identity, name: '', environment: systemEnvironment })
    const actor = hex(session.session)
    const startOp = genesisOperations + 1
    const bytes = encodeJoin({ actor, seq: 1, startOp, time: number, dependencies: [genesis] })
    const { hash } = readChangeHeader(bytes)
    const sealed = session.seal([{ bytes, hash: fromHex(hash) }])
    return { segment: sealed.bytes, certificate: session.certificate }
  })
}

describe('writing in a document with many heads (D2)', () => {
  it.each([255, 256, 600])('goes on with %i, in changes that others take', (count) => {
    const identity = identityFromSeed(Buffer.alloc(32, 2))
    const session = new SessionLog({
      documentId,
      keys,
      identity,
      name: 'Ada',
      environment: systemEnvironment,
    })
    const begin = (actor: string) => new Replica({ documentId, contentKey, actor, now: () => 0 })
    const [ada, ben] = [begin(hex(session.session)), begin('ff'.repeat(32))]
    const log = heads(count)
    expect(ada.load(log)).toEqual([])
    const changes: { bytes: Uint8Array; hash: Uint8Array }[] = []
    for (const insert of ['world', 'Hello ']) {
      ada.edit(ChangeSet.of({ from: 0, insert }, ada.text.length))
      changes.push(...ada.commit())
    }
    for (const { bytes } of changes)
      expect(readChangeHeader(bytes).dependencies.length).toBeLessThanOrEqual(maxDependencies)
    // The last one is built on the one before and nothing else: all heads are joined.
    expect(readChangeHeader(changes.at(-1)?.bytes ?? expect.fail()).dependencies).toHaveLength(1)
    const own = session.sealAll(changes).map(({ bytes }) => ({
      segment: bytes,
      certificate: session.certificate,
    }))
    expect(ben.load([...own, ...log])).toEqual([])
    expect(ben.text.toString()).toBe('Hello world')
    for (const replica of [ada, ben]) replica.free()
  })
})
