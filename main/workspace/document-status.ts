import type { DocumentStatus, Holder, LeftOut } from '../../preload/contract'
import { damageWords } from '../../preload/messages/damage'
import { errorWords } from '../../preload/messages/errors'
import { shortageWords } from '../../preload/messages/shortage'
import type { SwarmpadError } from '../base/errors'
import { fromHex } from '../base/hex'
import { isOwnDevice } from '../keys/devices'
import { fingerprint, type Identity } from '../keys/identity'
import type { Shortage } from '../log/quota'
import type { Reachability } from '../network/network'
import type { StorageReplica } from '../sync/replicas/storage-replicas'
import type { PeerState } from '../sync/state/peer-state'
import { isSaved } from './saving-watch'

/** Most holders that are reported to the window. */
const maxHolders = 50

/** Inputs of a document's status. */
export interface StatusParts {
  /** The newest version of the text. */
  readonly version: number
  /** Edits up to this version are durable here. */
  readonly savedVersion: number
  /** The oldest edit that is not durable has waited for long. */
  readonly late: boolean
  readonly loading: boolean
  /** Everything that is stored is in the text. */
  readonly isCurrent: boolean
  readonly reachability: Reachability
  readonly peers: readonly PeerState[]
  /** Edits made here that nobody else has confirmed. */
  readonly unshared: boolean
  /** Edits made here are durable here and in nothing yet that others can get. */
  readonly journaled: boolean
  /** Someone else has the document, or was given a link to it. */
  readonly shared: boolean
  /** Holders that confirmed edits made here, and the connected ones among them, by hex key. */
  readonly holders: readonly StorageReplica[]
  readonly holdersHere: ReadonlySet<string>
  /** This person. */
  readonly self: Identity
  /** Why the disk refused the last write. */
  readonly diskProblem: SwarmpadError | null
  /** Why others' edits have no more room here. */
  readonly shortage: Shortage | null
  readonly leftOut: LeftOut[]
  /** A part of what was stored is damaged, and not mended yet. */
  readonly damaged: boolean
  /** Reason the document cannot be read or saved, in plain words; or null. */
  readonly trouble: string | null
}

/** Returns a document's status for the window. Pure. */
export function documentStatus(parts: StatusParts): DocumentStatus {
  const { savedVersion, loading, peers, unshared, leftOut } = parts
  return {
    savedVersion,
    loading,
    connection: connectionOf(parts),
    inSyncWith: inSyncWith(parts).length,
    keepers: keepersOf(parts),
    unshared: unshared || parts.journaled,
    shared: parts.shared,
    holders: parts.holders.slice(0, maxHolders).map((holder) => holderOf(holder, parts)),
    full: peers.filter((peer) => peer.connected && peer.full).map((peer) => peer.name),
    outdated: peers.filter((peer) => peer.outdated).map((peer) => peer.name),
    ...troubleOf(parts),
    shortage: parts.shortage && {
      text: shortageWords(parts.shortage),
      canTakeMore: parts.shortage.cause !== 'disk',
    },
    leftOut,
    damaged: parts.damaged && loading,
  }
}

function holderOf(
  { key, name, isKeeper, author, coversMine, confirmedAt, deniedAt }: StorageReplica,
  { holdersHere, self, journaled }: Pick<StatusParts, 'holdersHere' | 'self' | 'journaled'>,
): Holder {
  return {
    key,
    kind: isKeeper ? 'keeper' : isOwnDevice({ authorKey: author }, self) ? 'own' : 'person',
    name,
    fingerprint: fingerprint(author ?? fromHex(key)),
    here: holdersHere.has(key),
    hasMine: coversMine && !journaled,
    confirmedAt,
    deniedAt,
  }
}

/** The peers who can exchange edits and read them. */
export const companyOf = (peers: readonly PeerState[]): PeerState[] =>
  peers.filter((peer) => peer.connected && !peer.outdated && peer.role !== 'keep')

function keepersOf({
  peers,
  journaled,
}: Pick<StatusParts, 'peers' | 'journaled'>): DocumentStatus['keepers'] {
  const keepers = peers.filter((peer) => peer.connected && !peer.outdated && peer.role === 'keep')
  const withMine = keepers.filter(({ coversMine }) => coversMine && !journaled)
  return { all: keepers.length, withMine: withMine.length }
}

/** The company that holds all that is here, and of whom all that they have is here. */
export function inSyncWith({ isCurrent, peers }: Pick<StatusParts, 'isCurrent' | 'peers'>): PeerState[] {
  // Nobody here has seen edits that are stored but not in the text yet.
  if (!isCurrent) return []
  return companyOf(peers).filter((peer) => peer.coversAll && peer.upToDate)
}

function connectionOf({ reachability, peers }: StatusParts): DocumentStatus['connection'] {
  if (reachability === 'off') return 'off'
  if (companyOf(peers).length > 0) return 'connected'
  return reachability === 'unreachable' ? 'unreachable' : 'looking'
}

/** Message for an edit that stays unsaved without a known reason. */
const lateWords = 'Saving takes unusually long: the disk does not answer, or this computer is very busy.'

/** Reports a fault once: as the reason why edits are not saved if it is that, otherwise as a problem. */
function troubleOf(parts: StatusParts): Pick<DocumentStatus, 'problem' | 'unsaved'> {
  const { diskProblem, damaged, loading, peers, trouble, late } = parts
  const alone = !peers.some(({ connected, outdated }) => connected && !outdated)
  const disk =
    diskProblem && `${errorWords(diskProblem)} Swarmpad keeps trying, and saves as soon as that works again.`
  const damage = damaged ? damageWords({ loading, alone }) : null
  // A document that was read before it was found damaged is saved as ever.
  const reason = disk ?? (loading ? damage : null) ?? trouble ?? (late ? lateWords : null)
  const unsaved = isSaved(parts) ? null : reason
  const problem = [disk, damage ?? trouble].find((words) => words !== null && words !== unsaved)
  return { problem: problem ?? null, unsaved }
}
