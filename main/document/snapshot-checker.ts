import type { Clock } from '../base/environment'
import type { DocumentLog } from '../log/document-log'
import { decodeTipProof } from '../log/format/segment'
import type { Snapshot } from '../log/format/snapshot'
import type { HeldChain } from '../replica/snapshot-check'
import type { StartReplica } from './replica-thread'

/** Longest time for checking a snapshot, in ms: a hundred times the usual. */
const timeLimit = 60_000

/**
 * Resolves to true if a snapshot is sound inside and shares the history of the log. It is untrusted until
 * then, so a separate thread checks it; a crash or a timeout counts as unsound. Rule T7.
 */
export function isSoundInside(options: {
  snapshot: Snapshot
  log: DocumentLog
  contentKey: Uint8Array
  startReplica: StartReplica
  clock: Clock
}): Promise<boolean> {
  const { snapshot, log, contentKey, startReplica, clock } = options
  const held = new Map<string, HeldChain>()
  for (const { session, seq } of snapshot.sessions) {
    const tipProof = log.tipProof(session)
    // Where more is held, the log compares the tip itself.
    if (tipProof && log.tip(session) <= seq)
      held.set(session, { seq: log.tip(session), chain: decodeTipProof(tipProof).chain })
  }
  return new Promise((resolve) => {
    const end = (sound: boolean) => {
      clock.clear(timer)
      thread.stop()
      resolve(sound)
    }
    const thread = startReplica({
      onMessage: (message) => end(message.type === 'checked' && message.sound),
      onEnd: () => end(false),
    })
    const timer = clock.set(timeLimit, () => end(false))
    thread.post({ type: 'check', documentId: log.documentId, contentKey, snapshot: snapshot.bytes, held })
  })
}
