import { sameBytes } from '../../keys/bytes'
import { bucketDigestSize, bucketOf, type Extent, type SessionId } from '../../log/format/version-vector'
import type { Port } from '../wire/channel'
import { type Entry, encodeHave, encodeVector, pagesOf } from '../wire/messages'
import type { LocalState } from './local-state'
import { RemoteState } from './remote-state'

/** Compares one peer's holdings with those here, as both announce them. Rules W21 to W24, W38. */
export class StateComparison {
  /** The peer's claims, by session. */
  readonly claims: RemoteState
  private readonly holdings: LocalState
  private readonly port: () => Port | null
  private told = false
  /** Buckets that the peer has fully listed, and those in a vector of which more pages follow. */
  private readonly known = new Set<number>()
  private readonly named = new Set<number>()
  /** Pages of the local vector that are still to be sent. */
  private pages: Uint8Array[] = []

  constructor(options: { holdings: LocalState; port: () => Port | null }) {
    this.holdings = options.holdings
    this.port = options.port
    this.claims = new RemoteState(options.holdings)
  }

  /** The peer said all that it holds. */
  get hasTold(): boolean {
    return this.told
  }

  /** Its last claim, not necessarily proven, covers everything that is stored here. */
  get coversAll(): boolean {
    return this.told && this.claims.coversAll
  }

  /** Its last claim, not necessarily proven, covers everything that was made in this profile. */
  get coversMine(): boolean {
    if (!this.told) return false
    for (const session of this.holdings.own) if (!this.claims.covers(session)) return false
    return true
  }

  /** Everything that it claims to hold is stored here. */
  get upToDate(): boolean {
    return this.told && this.claims.isMatched
  }

  /** Up to where the peer's segments can bring a session from where it stands here; 0 where they do not follow. */
  reach(session: SessionId): number {
    return this.claims.reach(session, this.holdings.acceptedTip(session))
  }

  /** The peer holds something that its segments do not bring. */
  get needsSnapshot(): boolean {
    for (const session of this.claims.leads) if (this.reach(session) === 0) return true
    return false
  }

  /** Changes that the peer holds and that are not here. */
  get lacking(): number {
    let lacking = 0
    for (const session of this.claims.leads)
      lacking += this.claims.tip(session) - this.holdings.acceptedTip(session)
    return lacking
  }

  /** Sends digests of what is held here; the peer answers with what differs. */
  sayHave(): void {
    this.port()?.send('have', encodeHave(this.holdings.digests))
  }

  /** Answers the peer's digests with the entries that differ; returns the entries that both hold alike. */
  answerHave(digests: Uint8Array): Entry[] {
    const { vector, digests: mine } = this.holdings
    const differs = (bucket: number) => {
      const [start, end] = [bucket * bucketDigestSize, (bucket + 1) * bucketDigestSize]
      return !sameBytes(mine.subarray(start, end), digests.subarray(start, end))
    }
    const buckets = Array.from({ length: digests.length / bucketDigestSize }, (_, bucket) => bucket)
    const different = buckets.map(differs)
    for (const bucket of buckets) if (!different[bucket] || isEmpty(digests, bucket)) this.known.add(bucket)
    const [same, entries]: [Entry[], Entry[]] = [[], []]
    for (const [session, extent] of vector)
      (different[bucketOf(session)] ? entries : same).push([session, extent])
    // Replaces the pages that were still to be sent: these are newer.
    const pages = pagesOf(entries)
    this.pages = pages.map((page, index) => encodeVector({ last: index === pages.length - 1, entries: page }))
    this.resume()
    return same
  }

  /** Takes the peer's word of a session; false when it says nothing new, or cannot be remembered now. */
  take(session: SessionId, extent: Extent): boolean {
    return this.claims.take(session, extent)
  }

  /**
   * Takes a page of the peer's vector, which lists all sessions of differing buckets; `last`: the last page.
   */
  page(entries: readonly Entry[], last: boolean): void {
    for (const [session] of entries) this.named.add(bucketOf(session))
    if (!last) return
    for (const bucket of this.named) this.known.add(bucket)
    this.named.clear()
    this.told = true
  }

  /** Returns the tip up to which the peer claims to hold a session; null before any claim. */
  claimed(session: SessionId): number | null {
    return this.known.has(bucketOf(session)) ? this.claims.tip(session) : null
  }

  /** The connection takes more at once. */
  resume(): void {
    while (this.port()?.drained) {
      const page = this.pages.shift()
      if (!page) return
      this.port()?.send('vector', page)
    }
  }
}

const isEmpty = (digests: Uint8Array, bucket: number): boolean =>
  digests.subarray(bucket * bucketDigestSize, (bucket + 1) * bucketDigestSize).every((byte) => byte === 0)
