import { join } from 'node:path'
import type { SealedSegment } from '../../main/document/intake'
import { Replica } from '../../main/document/replica'
import { systemEnvironment } from '../../main/environment'
import { hex } from '../../main/hex'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { DocumentLog } from '../../main/log/document-log'
import { LevelStore } from '../../main/storage/level-store'

/** What a profile has of a document on its disk. */
export interface StoredDocument {
  readonly text: string
  readonly sessions: number
  /** All that were ever made. */
  readonly changes: number
  /** Those that are not in the snapshot alone. */
  readonly segments: number
  /** Bytes of the segments, and of the snapshot; 0 for none. */
  readonly segmentSize: number
  readonly snapshotSize: number
  /** Bytes of Automerge's own save() of it. */
  readonly saved: number
}

/**
 * Looks what a profile, a keeper's too, has of a document on its disk, as it would give it to others. No program may
 * run in the profile. Rejects when what is stored is damaged.
 */
export async function storedDocument(profile: string, link: string): Promise<StoredDocument> {
  const { documentId, content, verify } = keysFromLink(parseLink(link))
  if (!content) throw new Error('this link cannot read')
  const store = new LevelStore(join(profile, 'store'))
  await store.open()
  const log = new DocumentLog({ store, environment: systemEnvironment, documentId, verify })
  let replica: Replica | null = null
  try {
    await log.open()
    const snapshot = (await log.snapshots.read())?.bytes ?? null
    const actor = hex(documentId)
    replica = new Replica({ documentId, contentKey: content, actor, now: Date.now, snapshot })
    const segments: SealedSegment[] = []
    for await (const { bytes, session } of log.all()) {
      const certificate = log.certificate(hex(session))
      if (!certificate) throw new Error('a stored segment has no certificate')
      segments.push({ segment: bytes, certificate })
    }
    const [fault] = replica.load(segments)
    if (fault) throw new Error(fault.reason)
    return {
      text: replica.text.toString(),
      sessions: log.vector.size,
      changes: [...log.vector.values()].reduce((sum, { tip }) => sum + tip, 0),
      segments: segments.length,
      segmentSize: segments.reduce((sum, { segment }) => sum + segment.length, 0),
      snapshotSize: snapshot?.length ?? 0,
      saved: replica.savedSize(),
    }
  } finally {
    replica?.free()
    await log.close()
    await store.close()
  }
}
