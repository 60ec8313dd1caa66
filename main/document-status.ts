import type { DocumentStatus, LeftOut } from '../preload/contract'
import { damageWords } from './damage-words'
import type { SwarmpadError } from './errors'
import { type Shortage, shortageWords } from './log/quota'
import type { Reachability } from './network/network'
import type { PeerState } from './sync/document-peers'

/** What a document's status is made from. */
export interface StatusParts {
  /** Edits up to this version are durable here. */
  readonly savedVersion: number
  readonly loading: boolean
  /** Everything that is stored is in the text. */
  readonly isCurrent: boolean
  readonly reachability: Reachability
  readonly peers: readonly PeerState[]
  /** Edits made here that nobody else has confirmed. */
  readonly unshared: boolean
  /** Why the disk refused the last write. */
  readonly diskProblem: SwarmpadError | null
  /** Why others' edits have no more room here. */
  readonly shortage: Shortage | null
  readonly leftOut: LeftOut[]
  /** A part of what was stored is damaged, and not mended yet. */
  readonly damaged: boolean
  /** What keeps the document from being read or saved, in plain words. */
  readonly trouble: string | null
}

/** What the window is told of a document. Pure. */
export function documentStatus(parts: StatusParts): DocumentStatus {
  const { savedVersion, loading, peers, unshared, leftOut } = parts
  return {
    savedVersion,
    loading,
    connection: connectionOf(parts),
    inSyncWith: inSyncWith(parts).length,
    keepers: keepersOf(peers),
    unshared,
    outdated: peers.filter((peer) => peer.outdated).map((peer) => peer.name),
    problem: problemOf(parts),
    shortage: parts.shortage && {
      text: shortageWords(parts.shortage),
      canTakeMore: parts.shortage.cause !== 'disk',
    },
    leftOut,
  }
}

/** The peers who can exchange edits and read them. */
export const companyOf = (peers: readonly PeerState[]): PeerState[] =>
  peers.filter((peer) => peer.connected && !peer.outdated && peer.role !== 'keep')

function keepersOf(peers: readonly PeerState[]): DocumentStatus['keepers'] {
  const keepers = peers.filter((peer) => peer.connected && !peer.outdated && peer.role === 'keep')
  return { all: keepers.length, withMine: keepers.filter(({ coversMine }) => coversMine).length }
}

/** The company that holds all that is here, and of whom all that they have is here. */
export function inSyncWith({ isCurrent, peers }: Pick<StatusParts, 'isCurrent' | 'peers'>): PeerState[] {
  // What is stored and not in the text yet nobody here has seen.
  if (!isCurrent) return []
  return companyOf(peers).filter((peer) => peer.coversAll && peer.upToDate)
}

function connectionOf({ reachability, peers }: StatusParts): DocumentStatus['connection'] {
  if (reachability === 'off') return 'off'
  if (companyOf(peers).length > 0) return 'connected'
  return reachability === 'unreachable' ? 'unreachable' : 'looking'
}

function problemOf({ diskProblem, damaged, loading, peers, trouble }: StatusParts): string | null {
  const alone = !peers.some(({ connected, outdated }) => connected && !outdated)
  if (!diskProblem) return damaged ? damageWords({ loading, alone }) : trouble
  return `${diskProblem.message} What you type is kept here and saved as soon as it works again.`
}
