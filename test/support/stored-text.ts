import { join } from 'node:path'
import { Text } from '@codemirror/state'
import { systemEnvironment } from '../../main/base/environment'
import { hex } from '../../main/base/hex'
import { keysFromLink, parseLink } from '../../main/keys/link'
import { JournalRecords } from '../../main/library/journal-records'
import { DocumentLog } from '../../main/log/document-log'
import { MasterKey } from '../../main/profile/master-key'
import { Vault, vaultKinds } from '../../main/profile/vault'
import type { SealedSegment } from '../../main/replica/intake'
import { Replica } from '../../main/replica/replica'
import { LevelStore } from '../../main/storage/level-store'
import type { Store } from '../../main/storage/store'

/** State of a document on a profile's disk. */
export interface StoredDocument {
  readonly text: string
  /** The text as its journal has it, with own edits that are in no segment; '' where it has none. */
  readonly journaled: string
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
    if (fault) throw new Error(fault.why)
    return {
      text: replica.text.toString(),
      journaled: await journaledText(profile, store, documentId),
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

async function journaledText(directory: string, store: Store, documentId: Uint8Array): Promise<string> {
  const key = Buffer.concat([Buffer.from(vaultKinds.journal), documentId])
  if (!(await store.get(key))) return ''
  const { random } = systemEnvironment
  const vault = new Vault({ store, key: await new MasterKey({ directory, random }).open(true), random })
  const { keep } = await new JournalRecords({ vault, store }).open(hex(documentId), Text.empty)
  return (
    keep.left?.entries.reduce((text, { changes }) => changes.apply(text), keep.left.text).toString() ?? ''
  )
}
