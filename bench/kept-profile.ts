import { join } from 'node:path'
import { ChangeSet } from '@codemirror/state'
import { Replica } from '../main/document/replica'
import { systemEnvironment } from '../main/environment'
import { openWorkspace } from '../main/headless'
import { hex } from '../main/hex'
import type { DocumentKeys } from '../main/keys/derive'
import { identityFromSeed } from '../main/keys/identity'
import { formatLink } from '../main/keys/link'
import { DocumentLog } from '../main/log/document-log'
import { SessionLog } from '../main/log/session-log'
import { LevelStore } from '../main/storage/level-store'
import { randomFrom } from '../test/support/random'
import type { Place } from './place'
import { prose } from './text'

/** Makes a profile that keeps documents, each with a session of 200 changes in its log. */
export async function keepMany(directory: string, place: Place, all: readonly DocumentKeys[]): Promise<void> {
  const workspace = await openWorkspace({ directory, bootstrap: place.bootstrap })
  await workspace.setOffline(true)
  for (const keys of all) await workspace.keepDocument(formatLink(keys, 'write'))
  await workspace.close()
  const environment = systemEnvironment
  const store = new LevelStore(join(directory, 'store'))
  await store.open()
  const identity = identityFromSeed(environment.random(32))
  for (const [index, keys] of all.entries()) {
    const { documentId, content, verify } = keys
    if (!content) throw new Error('a write link holds all keys')
    const log = new DocumentLog({ store, environment, documentId, verify })
    await log.open()
    const session = new SessionLog({ documentId, keys, identity, name: 'Author', environment })
    const replica = new Replica({
      documentId,
      contentKey: content,
      actor: hex(session.session),
      now: Date.now,
    })
    const text = prose(randomFrom(index), 200)
    const writes: Promise<void>[] = []
    for (const [place, insert] of [...text].entries()) {
      replica.edit(ChangeSet.of({ from: place, insert }, replica.text.length, '\n'))
      writes.push(log.append(session, replica.commit()))
    }
    await Promise.all(writes)
    replica.free()
    await log.close()
  }
  await store.close()
}
