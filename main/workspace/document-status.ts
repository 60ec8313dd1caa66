import type { DocumentStatus, Holder } from '../../preload/contract/document'
import type { LeftOut } from '../../preload/contract/quarantine'
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

/** Maximum number of storage replicas reported to the window. */
const maxHolders = 50

/** Inputs of a document's status. Each is read only for the parts that need it. */
export interface StatusInputs {
  /** The newest version of the text. */
  readonly version: number
  /** Edits up to this version are durable on this computer. */
  readonly savedVersion: number
  /** True if the oldest edit that is not durable has waited for more than 10 s. */
  readonly late: boolean
  readonly loading: boolean
  /** True if everything that is stored is in the text. */
  readonly isCurrent: boolean
  readonly reachability: Reachability
  readonly peers: readonly PeerState[]
  /** True if some local edits are confirmed by nobody else. */
  readonly unshared: boolean
  /** True if some local edits are in the journal, and in no segment yet. */
  readonly journaled: boolean
  /** True if someone else has the document, or was given a link to it. */
  readonly shared: boolean
  /** Storage replicas that confirmed local edits, and the connected ones among them, by hex key. */
  readonly holders: readonly StorageReplica[]
  readonly holdersHere: ReadonlySet<string>
  /** This person. */
  readonly self: Identity
  /** Error of the last write, if the disk refused it. */
  readonly diskProblem: SwarmpadError | null
  /** Reason why others' edits are not accepted; null while there is room. */
  readonly shortage: Shortage | null
  readonly leftOut: LeftOut[]
  /** True while a stored part is damaged and not repaired. */
  readonly damaged: boolean
  /** Reason the document cannot be read or saved, in plain words; or null. */
  readonly trouble: string | null
}

/** Parts of a status whose fields depend on the same inputs, and how each is computed from them. Pure. */
export const statusParts = {
  /** Costs the same in every document. */
  saving: (inputs: StatusInputs) => ({
    savedVersion: inputs.savedVersion,
    loading: inputs.loading,
    ...troubleOf(inputs),
    shortage: inputs.shortage && {
      text: shortageWords(inputs.shortage),
      canTakeMore: inputs.shortage.cause !== 'disk',
    },
    damaged: inputs.damaged && inputs.loading,
    shared: inputs.shared,
  }),
  peers: (inputs: StatusInputs) => {
    // Read once: the list is built for each reader.
    const { peers, isCurrent, journaled, reachability } = inputs
    return {
      connection: connectionOf({ reachability, peers }),
      inSyncWith: inSyncWith({ isCurrent, peers }).length,
      keepers: keepersOf({ peers, journaled }),
      full: peers.filter((peer) => peer.connected && peer.full).map((peer) => peer.name),
      outdated: peers.filter((peer) => peer.outdated).map((peer) => peer.name),
    }
  },
  holders: (inputs: StatusInputs) => {
    const { holdersHere, self, journaled } = inputs
    return {
      unshared: inputs.unshared || journaled,
      holders: inputs.holders
        .slice(0, maxHolders)
        .map((holder) => holderOf(holder, { holdersHere, self, journaled })),
    }
  },
  leftOut: ({ leftOut }: StatusInputs) => ({ leftOut }),
} satisfies Record<string, (inputs: StatusInputs) => Partial<DocumentStatus>>

/** Name of a part of a status. */
export type StatusPart = keyof typeof statusParts

function holderOf(
  { key, name, isKeeper, author, coversMine, confirmedAt, deniedAt }: StorageReplica,
  { holdersHere, self, journaled }: Pick<StatusInputs, 'holdersHere' | 'self' | 'journaled'>,
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

/** Returns the connected peers that can read and exchange edits. */
export const companyOf = (peers: readonly PeerState[]): PeerState[] =>
  peers.filter((peer) => peer.connected && !peer.outdated && peer.role !== 'keep')

function keepersOf({
  peers,
  journaled,
}: Pick<StatusInputs, 'peers' | 'journaled'>): DocumentStatus['keepers'] {
  const keepers = peers.filter((peer) => peer.connected && !peer.outdated && peer.role === 'keep')
  const withMine = keepers.filter(({ coversMine }) => coversMine && !journaled)
  return { all: keepers.length, withMine: withMine.length }
}

/** Returns the connected readers and writers that hold the same as this computer. */
export function inSyncWith({ isCurrent, peers }: Pick<StatusInputs, 'isCurrent' | 'peers'>): PeerState[] {
  // Stored edits that are not in the text yet are not shown to this person.
  if (!isCurrent) return []
  return companyOf(peers).filter((peer) => peer.coversAll && peer.upToDate)
}

function connectionOf({
  reachability,
  peers,
}: Pick<StatusInputs, 'reachability' | 'peers'>): DocumentStatus['connection'] {
  if (reachability === 'off') return 'off'
  if (companyOf(peers).length > 0) return 'connected'
  return reachability === 'unreachable' ? 'unreachable' : 'looking'
}

/** Message for an edit that stays unsaved without a known reason. */
const lateWords = 'Saving takes unusually long: the disk does not answer, or this computer is very busy.'

/** Reports a fault once: as the reason why edits are not saved if it is that, otherwise as a problem. */
function troubleOf(inputs: StatusInputs): Pick<DocumentStatus, 'problem' | 'unsaved'> {
  const { diskProblem, damaged, loading, trouble, late } = inputs
  const disk =
    diskProblem && `${errorWords(diskProblem)} Swarmpad keeps trying, and saves as soon as that works again.`
  const damage = damaged ? damageWords({ loading, alone: isAlone(inputs) }) : null
  // A document that was loaded before the damage was found can still be saved.
  const reason = disk ?? (loading ? damage : null) ?? trouble ?? (late ? lateWords : null)
  const unsaved = isSaved(inputs) ? null : reason
  const problem = [disk, damage ?? trouble].find((words) => words !== null && words !== unsaved)
  return { problem: problem ?? null, unsaved }
}

const isAlone = ({ peers }: Pick<StatusInputs, 'peers'>): boolean =>
  !peers.some(({ connected, outdated }) => connected && !outdated)
