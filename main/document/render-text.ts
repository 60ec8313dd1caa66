import type { Clock } from '../base/environment'
import { hex } from '../base/hex'
import type { DocumentLog } from '../log/document-log'
import { entryNameSize } from '../replica/entry-names'
import { LogFeeder } from './log-feeder'
import type { StartReplica } from './replica-thread'

/** Longest time for reading a document, in ms. */
const timeLimit = 120_000

/**
 * Resolves to the text of a document that is not open, read by a replica in a thread that then ends; null if it cannot
 * be read, or takes too long. Writes nothing, and says nothing to peers.
 */
export function renderText(options: {
  log: DocumentLog
  contentKey: Uint8Array
  startReplica: StartReplica
  clock: Clock
}): Promise<string | null> {
  const { log, contentKey, startReplica, clock } = options
  const { documentId } = log
  return new Promise((resolve) => {
    const feeder = new LogFeeder(log)
    const end = (text: string | null) => {
      clock.clear(timer)
      feeder.stop()
      if (text === null) thread.stop()
      else thread.leave()
      resolve(text)
    }
    const thread = startReplica({
      onMessage: (message) => {
        if (message.type === 'loaded') end(message.text)
        else if (message.type === 'trapped') end(null)
      },
      onEnd: () => end(null),
    })
    const timer = clock.set(timeLimit, () => end(null))
    const start = (snapshot: Uint8Array | null) =>
      ({
        type: 'start',
        documentId,
        contentKey,
        // It makes no change, so nobody sees the name.
        actor: hex(documentId),
        leftOut: new Map(),
        careful: false,
        asked: [],
        snapshot,
        tail: Number.POSITIVE_INFINITY,
        entries: {
          name: Buffer.alloc(entryNameSize).toString('base64url'),
          active: new Int32Array(new SharedArrayBuffer(4)),
          earlier: [],
        },
        parts: [],
      }) as const
    void feeder.load({ thread, session: null }, start).then((outcome) => {
      if (outcome !== 'sent') end(null)
    })
  })
}
