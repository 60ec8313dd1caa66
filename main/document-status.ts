import type { DocumentStatus, Holder, LeftOut } from '../preload/contract'
import { damageWords } from './damage-words'
import type { SwarmpadError } from './errors'
import { fromHex } from './hex'
import { sameBytes } from './keys/bytes'
import { fingerprint, type Identity } from './keys/identity'
import { type Shortage, shortageWords } from './log/quota'
import type { Reachability } from './network/network'
import type { HolderState } from './sync/holders'
import type { PeerState } from './sync/peer-state'

/** Holders that the window is told of. */
const maxHolders = 50

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
  /** Someone else has the document, or was given a link to it. */
  readonly shared: boolean
  /** Who confirmed what was made here, and which of them are connected, by hex key. */
  readonly holders: readonly HolderState[]
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
    shared: parts.shared,
    holders: parts.holders.slice(0, maxHolders).map((holder) => holderOf(holder, parts)),
    full: peers.filter((peer) => peer.connected && peer.full).map((peer) => peer.name),
    outdated: peers.filter((peer) => peer.outdated).map((peer) => peer.name),
    problem: problemOf(parts),
    shortage: parts.shortage && {
      text: shortageWords(parts.shortage),
      canTakeMore: parts.shortage.cause !== 'disk',
    },
    leftOut,
    damaged: parts.damaged && loading,
  }
}

function holderOf(
  { key, name, isKeeper, author, coversMine, confirmedAt, deniedAt }: HolderState,
  { holdersHere, self }: Pick<StatusParts, 'holdersHere' | 'self'>,
): Holder {
  return {
    key,
    kind: isKeeper ? 'keeper' : isOwnDevice({ authorKey: author }, self) ? 'own' : 'person',
    name,
    fingerprint: fingerprint(author ?? fromHex(key)),
    here: holdersHere.has(key),
    hasMine: coversMine,
    confirmedAt,
    deniedAt,
  }
}

/** Whether a peer is this person themselves, on another computer: it vouches for itself with their key. */
export const isOwnDevice = ({ authorKey }: Pick<PeerState, 'authorKey'>, self: Identity): boolean =>
  authorKey !== null && sameBytes(authorKey, self.publicKey)

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
