import type { Environment } from '../base/environment'
import type { DocumentKeys } from '../keys/derive'
import { nonceSize } from '../keys/seal'
import type { DocumentLog } from '../log/document-log'
import { type SettledSession, sealSnapshot } from '../log/format/snapshot'
import type { DocumentContent } from '../replica/replica-protocol'
import type { StartReplica } from './replica-thread'
import { isSoundInside } from './snapshot-checker'

/**
 * Makes a snapshot of a replica's loaded content and keeps it in the log. Resolves to false when that is not
 * possible: the content does not end where segments end, the snapshot would be too large or does not pass the
 * check that others make, or a part of the log was discarded meanwhile.
 * Rejects with ROLE_TOO_LOW, STORE_DAMAGED, STORE_WRITE_FAILED or CLOSED. Rules T1 to T5.
 */
export async function makeSnapshot(options: {
  content: DocumentContent
  keys: DocumentKeys
  log: DocumentLog
  startReplica: StartReplica
  environment: Environment
}): Promise<boolean> {
  const { content, keys, log, startReplica, environment } = options
  const sessions: SettledSession[] = []
  for (const [session, seq] of content.tips) {
    const settled = await log.snapshots.settled(session, seq)
    if (!settled) return false
    sessions.push(settled)
  }
  const { clock, random } = environment
  const nonce = random(nonceSize)
  const snapshot = sealSnapshot({ keys, sessions, packed: content.packed, nonce, madeAt: clock.now() })
  if (!snapshot || !keys.content) return false
  if (!(await isSoundInside({ snapshot, log, contentKey: keys.content, startReplica, clock }))) return false
  return log.snapshots.renew(snapshot)
}
