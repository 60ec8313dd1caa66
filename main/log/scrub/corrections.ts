import type { Clock } from '../../base/environment'
import type { Store, Write } from '../../storage/store'
import type { Segment } from '../format/segment'
import type { SessionId } from '../format/version-vector'
import type { RecentSegments } from '../recent-segments'
import type { Session } from '../session'
import type { SessionTable } from '../session-table'
import type { SnapshotStore } from '../snapshots/snapshot-store'
import type { DamagedSessions } from './damaged-sessions'
import { continuation, type Position, type Scan, startOf } from './session-scan'

/** Bytes of adopted segments that are reported at a time. */
const reportSize = 256 * 1024

/** Parts of a log that scrubbing and repair work with. */
export interface ScrubHost {
  readonly store: Store
  readonly documentId: Uint8Array
  readonly clock: Clock
  /** Returns W.publicKey; null while a reader waits for the manifest. */
  readonly verifyKey: () => Uint8Array | null
  readonly sessions: SessionTable
  readonly damaged: DamagedSessions
  /** Latest segments of this process. */
  readonly recent: RecentSegments
  readonly snapshots: SnapshotStore
  /** Queues records; none while the log closes. */
  readonly write: (records: readonly Write[]) => void
  /** Resolves when all that was queued before is durable. */
  readonly idle: () => Promise<void>
  /** Called with bytes of others' segments that are no longer held. */
  readonly onReleased: (size: number) => void
  /** Called before a session loses a part: nothing more may be signed in it. */
  readonly onLoss: (session: SessionId) => void
  /** Called with segments of a session that lay on the disk and are held. */
  readonly onAdopted: (session: Session, segments: readonly Segment[]) => void
  /** Called when less is held than was announced to peers, or another mark. */
  readonly onDamaged: () => void
}

/** Takes the segments on the disk that continue a session, up to the first that does not. */
export async function adoptSegments(host: ScrubHost, id: SessionId): Promise<void> {
  const { store, documentId, sessions } = host
  const session = sessions.get(id)
  if (!session || sessions.durableTip(id) !== session.tip) return
  const { key, tip: seq, tipProof, mark, certificate } = session
  const from = startOf(documentId, id, certificate, { seq, tipProof, mark })
  let found: Segment[] = []
  let size = 0
  const report = () => {
    if (found.length > 0) host.onAdopted(session, found)
    found = []
    size = 0
  }
  for await (const segment of continuation({ store, documentId, session: key, from })) {
    // The session changed meanwhile; new segments go through the write queue.
    if (!sessions.adopt(session, segment)) break
    found.push(segment)
    size += segment.bytes.length
    if (size >= reportSize) report()
  }
  report()
}

/** Holds a session only up to the end of what a scan found sound, and notes it as damaged. */
export function loseUnsound(
  host: ScrubHost,
  session: Session,
  { end, signed, beyond }: Pick<Scan, 'end' | 'signed' | 'beyond'>,
): void {
  const { sessions, damaged } = host
  const { id, own } = session
  host.onLoss(id)
  sessions.lose(session, endOf(end))
  if (end.tip === 0) damaged.keepLost(id, session)
  if (!damaged.has(id) && !own && beyond > 0) host.onReleased(beyond)
  host.write(damaged.add(id, Math.max(session.tip, signed, damaged.target(id))))
  host.onDamaged()
}

/** Position of a session of which nothing is sound. */
export const nowhere: Position = { tip: 0, chain: null, tipProof: null, mark: new Uint8Array(0) }

const endOf = ({ tip, tipProof, mark }: Position) => (tip > 0 && tipProof ? { tip, tipProof, mark } : null)
