import { expect, it } from 'vitest'
import { systemEnvironment } from '../../../main/base/environment'
import { hex } from '../../../main/base/hex'
import { keysFromWrite } from '../../../main/keys/derive'
import { identityFromSeed } from '../../../main/keys/identity'
import { DocumentLog } from '../../../main/log/document-log'
import { Arrangement } from '../../../main/personal/arrangement'
import { OpenedPersonal } from '../../../main/personal/opened-personal'
import type { Register } from '../../../main/personal/registers'
import { Vault } from '../../../main/profile/vault'
import { MemoryStore } from '../../../main/storage/memory-store'
import { InlineReplicas } from '../../support/inline-replica'

/** An arrangement with a word that readers of the private document skip. */
class Unsound extends Arrangement {
  override beyond(): Register[] {
    return [{ kind: 'word', subject: 'two words', stamp: 1, value: true }]
  }
}

it('a private document that does not take a record ends the attempt', async () => {
  const store = new MemoryStore()
  const environment = systemEnvironment
  const { random, clock } = environment
  const keys = keysFromWrite(Buffer.alloc(32, 4))
  const { documentId, verify } = keys
  const arrangement = new Unsound({ vault: new Vault({ store, key: random(32), random }), store, clock })
  await arrangement.open()
  const log = new DocumentLog({ store, environment, documentId, verify })
  await log.open()
  const replicas = new InlineReplicas(() => clock.now())
  const self = { name: 'Ada', identity: identityFromSeed(random(32)) }
  const opened = new OpenedPersonal({
    environment,
    startReplica: replicas.start,
    arrangement,
    id: hex(documentId),
    keys,
    log,
    self: () => self,
    onFailure: (error) => expect.fail(String(error)),
  })
  await expect(opened.agree()).rejects.toMatchObject({ code: 'INTERNAL' })
  await opened.close()
  await log.close()
  replicas.freeAll()
})
