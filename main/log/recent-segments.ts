import { hex } from '../base/hex'
import type { Segment } from './format/segment'
import type { SessionId } from './format/version-vector'

/** Bytes of segments to keep. */
const maxRecent = 256 * 1024

/** Latest segments of this process, kept in memory so that they can be written again. Rule S17. */
export class RecentSegments {
  private segments: Segment[] = []
  private size = 0

  /** Adds segments, and drops the oldest. */
  add(segments: readonly Segment[]): void {
    this.segments.push(...segments)
    this.size += segments.reduce((sum, { bytes }) => sum + bytes.length, 0)
    let first = 0
    while (this.size > maxRecent) this.size -= this.segments[first++]?.bytes.length ?? 0
    if (first > 0) this.segments = this.segments.slice(first)
  }

  /** Returns those of a session that hold changes past `after`. */
  of(session: SessionId, after: number): Segment[] {
    return this.segments.filter((segment) => hex(segment.session) === session && segment.seqTo > after)
  }
}
