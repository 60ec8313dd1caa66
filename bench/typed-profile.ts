import { join } from 'node:path'
import { ChangeSet } from '@codemirror/state'
import { systemEnvironment } from '../main/base/environment'
import { hex } from '../main/base/hex'
import { openWorkspace } from '../main/headless'
import { identityFromSeed } from '../main/keys/identity'
import { keysFromLink, parseLink } from '../main/keys/link'
import { DocumentLog } from '../main/log/document-log'
import { SessionLog } from '../main/log/session-log'
import { Replica } from '../main/replica/replica'
import { LevelStore } from '../main/storage/level-store'
import { isConcurrent, makeTrace, readTrace, TracedText } from '../test/support/trace'
import type { Place } from './place'
import { traceFile } from './report'

/** A document that was typed in a profile. */
export interface Typed {
  readonly id: string
  /** Its write link. */
  readonly link: string
  readonly text: string
  /** Bytes of Automerge's own save() of it. */
  readonly saved: number
}

/** Makes a profile with a document of so many edits, so many of them in each change and each change in a segment. */
export async function typeProfile(options: {
  directory: string
  place: Place
  edits: number
  editsPerChange: number
}): Promise<Typed> {
  const { directory, place, editsPerChange } = options
  const first = await openWorkspace({ directory, bootstrap: place.bootstrap })
  const document = await first.createDocument()
  const link = await document.link('write')
  const keys = keysFromLink(parseLink(link))
  await first.close()

  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const { documentId, content, verify } = keys
  if (!content) throw new Error('a write link holds all keys')
  const environment = systemEnvironment
  const log = new DocumentLog({ store, environment, documentId, verify })
  await log.open()
  const identity = identityFromSeed(environment.random(32))
  const session = new SessionLog({ documentId, keys, identity, name: 'Author', environment })
  const replica = new Replica({
    documentId,
    contentKey: content,
    actor: hex(session.session),
    now: Date.now,
  })
  const writes: Promise<void>[] = []
  let count = 0
  for (const { from, to, insert } of edits(options.edits)) {
    replica.edit(ChangeSet.of({ from, to, insert }, replica.text.length, '\n'))
    if (++count % editsPerChange > 0 && count < options.edits) continue
    writes.push(log.append(session, replica.commit()))
    // The disk gets its turn now and then, or all would wait in memory.
    if (writes.length % 1_000 === 0) await Promise.all(writes.splice(0))
  }
  await log.close()
  const text = replica.text.toString()
  const saved = replica.savedSize()
  replica.free()
  await store.close()
  return { id: hex(documentId), link, text, saved }
}

function* edits(changes: number): Generator<{ from: number; to: number; insert: string }> {
  const file = traceFile()
  const trace = file ? readTrace(file) : makeTrace(6, changes)
  if (isConcurrent(trace)) throw new Error('opening is measured on the session of one person')
  let count = 0
  const traced = new TracedText('')
  while (count < changes) {
    for (const { patches } of trace.txns)
      for (const [position, deleted, insert] of patches) {
        if (count++ === changes) return
        // A session that is too short is typed again, above the last one.
        yield traced.apply([position, deleted, insert])
      }
  }
}
