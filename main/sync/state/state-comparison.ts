import { sameBytes } from '../../keys/bytes'
import {
  bucketCount,
  bucketDigestSize,
  bucketOf,
  type Extent,
  type SessionId,
} from '../../log/format/version-vector'
import type { Port } from '../wire/channel'
import { type Entry, encodeHave, encodeVector, pagesOf, type VectorPage } from '../wire/messages'
import type { LocalState } from './local-state'
import { RemoteState } from './remote-state'

/** Compares the local state with one peer's by exchanging digests and vectors. Rules W21 to W24, W38. */
export class StateComparison {
  /** The peer's claims, by session. */
  readonly remote: RemoteState
  private readonly local: LocalState
  private readonly port: () => Port | null
  private announced = false
  /** Buckets of which the peer has listed all sessions. */
  private readonly listed = new Set<number>()
  /** Buckets in the pages of a vector whose last page has not arrived. */
  private readonly arriving = new Set<number>()
  /** Encoded pages of the local vector that are still to be sent. */
  private pages: Uint8Array[] = []

  constructor(options: { local: LocalState; port: () => Port | null }) {
    this.local = options.local
    this.port = options.port
    this.remote = new RemoteState(options.local)
  }

  /** True once the peer has announced everything that it holds. */
  get hasAnnounced(): boolean {
    return this.announced
  }

  /** True if the peer claims, not necessarily with proof, everything that is durable here. */
  get coversAll(): boolean {
    return this.announced && this.remote.coversAll
  }

  /** True if the peer claims, not necessarily with proof, everything that was made in this profile. */
  get coversOwn(): boolean {
    if (!this.announced) return false
    for (const session of this.local.ownSessions) if (!this.remote.covers(session)) return false
    return true
  }

  /** True if everything that the peer claims is durable here. */
  get upToDate(): boolean {
    return this.announced && this.remote.isMatched
  }

  /** Returns the tip to which the peer's segments can extend a session from here; 0 where they do not follow. */
  reach(session: SessionId): number {
    return this.remote.reach(session, this.local.acceptedTip(session))
  }

  /** True if the peer claims something that its segments cannot bring. */
  get needsSnapshot(): boolean {
    for (const session of this.remote.aheadSessions()) if (this.reach(session) === 0) return true
    return false
  }

  /** Number of changes that the peer claims and that are missing here. */
  get missingChanges(): number {
    let missing = 0
    for (const session of this.remote.aheadSessions())
      missing += this.remote.tip(session) - this.local.acceptedTip(session)
    return missing
  }

  /** Sends the digests of the local vector; the peer answers with the entries that differ. */
  sendDigests(): void {
    this.port()?.send('have', encodeHave(this.local.digests))
  }

  /** Answers the peer's digests with the entries that differ; returns the entries that are the same on both sides. */
  answerDigests(digests: Uint8Array): Entry[] {
    const differing = new Set<number>()
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      const theirs = digestOf(digests, bucket)
      if (!sameBytes(digestOf(this.local.digests, bucket), theirs)) differing.add(bucket)
      if (!differing.has(bucket) || theirs.every((byte) => byte === 0)) this.listed.add(bucket)
    }
    const same: Entry[] = []
    const different: Entry[] = []
    for (const [session, extent] of this.local.vector)
      (differing.has(bucketOf(session)) ? different : same).push([session, extent])
    const pages = pagesOf(different)
    // Replaces older pages that were still to be sent.
    this.pages = pages.map((entries, index) => encodeVector({ last: index === pages.length - 1, entries }))
    this.resume()
    return same
  }

  /** Records a claim of the peer. Returns false if it is not new or there is no room for it. */
  record(session: SessionId, extent: Extent): boolean {
    return this.remote.record(session, extent)
  }

  /** Notes that a page of the peer's vector arrived; the pages list all sessions of differing buckets. */
  notePage({ entries, last }: VectorPage): void {
    for (const [session] of entries) this.arriving.add(bucketOf(session))
    if (!last) return
    for (const bucket of this.arriving) this.listed.add(bucket)
    this.arriving.clear()
    this.announced = true
  }

  /** Returns the tip of a session that the peer claims; null before it has announced the session's bucket. */
  claimedTip(session: SessionId): number | null {
    return this.listed.has(bucketOf(session)) ? this.remote.tip(session) : null
  }

  /** Sends further pages while the connection takes more. */
  resume(): void {
    while (this.port()?.drained) {
      const page = this.pages.shift()
      if (!page) return
      this.port()?.send('vector', page)
    }
  }
}

const digestOf = (digests: Uint8Array, bucket: number): Uint8Array =>
  digests.subarray(bucket * bucketDigestSize, (bucket + 1) * bucketDigestSize)
