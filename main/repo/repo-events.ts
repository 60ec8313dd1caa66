import type { SwarmpadError } from '../base/errors'
import type { Segment } from '../log/format/segment'
import type { MendedBy } from '../log/log-events'
import type { Shortage } from '../log/quota'
import type { Reachability } from '../network/network'
import type { RepoDocument } from './repo-document'

/** Events of a repo. Listeners must not throw. */
export interface RepoEvents {
  /** A log was opened, and nobody who asked for it has it yet. */
  opened: RepoDocument
  /** A log is about to be closed for want of anything to do; 'opened' follows when it is opened again. */
  rested: RepoDocument
  /** A log that was closed cannot be opened again, and is tried again; each time that this begins. */
  unopened: { id: string; error: unknown }
  /** Less was found in a log that was opened again than was noted (S20); its peers are met as on the first time. */
  short: RepoDocument
  /** Segments, own and others', are durable; none where there is only room again. */
  stored: { document: RepoDocument; segments: readonly Segment[] }
  /** Less is held than was announced: the repo is about to reconnect to the peers. */
  damaged: RepoDocument
  /** All damage is repaired. */
  repaired: { document: RepoDocument; by: MendedBy }
  /** The disk refuses writes; null when it works again. */
  problem: { document: RepoDocument; problem: SwarmpadError | null }
  /** There is no room left for others' edits, or the cause of that changed; null when there is room again. */
  shortage: { document: RepoDocument; shortage: Shortage | null }
  /** The present peers, or what they hold, changed. */
  peers: RepoDocument
  /** The peers were connected again: `peers` is another object. */
  reconnected: RepoDocument
  /** A sound manifest arrived where there was none. */
  manifest: { document: RepoDocument; manifest: Uint8Array }
  reachability: Reachability
}
