import { join } from 'node:path'
import type { SealedSegment } from '../../main/document/intake'
import { Replica } from '../../main/document/replica'
import { systemEnvironment } from '../../main/environment'
import { hex } from '../../main/hex'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { DocumentLog } from '../../main/log/document-log'
import { LevelStore } from '../../main/storage/level-store'

/**
 * The text that a profile, a keeper's too, has of a document on its disk, as it would give it to others. No program
 * may run in the profile. Rejects when what is stored is damaged.
 */
export async function storedText(profile: string, link: string): Promise<string> {
  const { documentId, content, verify } = keysFromLink(parseLink(link))
  if (!content) throw new Error('this link cannot read')
  const store = new LevelStore(join(profile, 'store'))
  await store.open()
  const log = new DocumentLog({ store, environment: systemEnvironment, documentId, verify })
  const replica = new Replica({ documentId, contentKey: content, actor: hex(documentId), now: Date.now })
  try {
    await log.open()
    const segments: SealedSegment[] = []
    for await (const { bytes, session } of log.all()) {
      const certificate = log.certificate(hex(session))
      if (!certificate) throw new Error('a stored segment has no certificate')
      segments.push({ segment: bytes, certificate })
    }
    const [fault] = replica.load(segments)
    if (fault) throw new Error(fault.reason)
    return replica.text.toString()
  } finally {
    replica.free()
    await log.close()
    await store.close()
  }
}
