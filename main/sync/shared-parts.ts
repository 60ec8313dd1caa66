import type { Environment } from '../base/environment'
import type { DocumentLog } from '../log/document-log'
import type { Network } from '../network/network'
import type { LocalPeer } from './local-peer'
import type { PresenceBoard } from './presence/presence-board'
import type { ReplicationStatus } from './replicas/replication-status'
import type { LocalState } from './state/local-state'
import type { SyncedPart } from './synced-part'
import type { SegmentScheduler } from './transfer/segment-scheduler'
import type { SnapshotFetcher } from './transfer/snapshot-fetcher'

/** The network's part that takes peers' relay offers and has this side's one. */
export type RelayOffers = Pick<Network, 'relayKey' | 'offerRelay'>

/** The parts of a document's sync that all its peers share. */
export interface SharedParts {
  readonly environment: Environment
  readonly log: DocumentLog
  readonly parts: readonly SyncedPart[]
  readonly relays: RelayOffers
  readonly localPeer: LocalPeer
  readonly local: LocalState
  readonly scheduler: SegmentScheduler
  readonly fetcher: SnapshotFetcher
  readonly replication: ReplicationStatus
  readonly board: PresenceBoard
}
