import { ChangeSet } from '@codemirror/state'
import { systemEnvironment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import type { DocumentKeys } from '../../main/keys/derive'
import { identityFromSeed } from '../../main/keys/identity'
import { DocumentLog } from '../../main/log/document-log'
import { SessionLog } from '../../main/log/session-log'
import { Replica } from '../../main/replica/replica'
import type { Store } from '../../main/storage/store'

/** Writes a text into the log of a document in a store, in one session and with a change for each character. */
export async function typeLog(store: Store, keys: DocumentKeys, text: string): Promise<void> {
  const { documentId, content, verify } = keys
  if (!content) throw new Error('these keys cannot write')
  const environment = systemEnvironment
  const log = new DocumentLog({ store, environment, documentId, verify })
  await log.open()
  const identity = identityFromSeed(environment.random(32))
  const session = new SessionLog({ documentId, keys, identity, name: 'Author', environment })
  const actor = hex(session.session)
  const replica = new Replica({ documentId, contentKey: content, actor, now: Date.now })
  const writes: Promise<void>[] = []
  for (const [place, insert] of [...text].entries()) {
    replica.edit(ChangeSet.of({ from: place, insert }, replica.text.length, '\n'))
    writes.push(log.append(session, replica.commit()))
  }
  await Promise.all(writes)
  replica.free()
  await log.close()
}
